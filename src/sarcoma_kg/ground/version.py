"""The version of the toolkit; the data have a date of their own (owl:versionIRI)."""

__all__ = ["__version__"]

__version__ = "0.1.0"
