"""A sarcoma knowledge graph and the toolkit that builds, checks and questions it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
