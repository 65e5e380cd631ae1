"""The canonical Turtle form, in which files are kept and which an OWL editor's save keeps."""

from sarcoma_kg.turtle.document import format_text, serialize

__all__ = ["format_text", "serialize"]
