"""Tests of the server and of the documents that it gives."""
