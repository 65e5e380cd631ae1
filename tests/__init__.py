"""Tests of sarcoma-kg."""
