"""The canonical Turtle form, in which files are kept and which an OWL editor's save keeps.

Comes in: reading and all above.
Never: reads a user's file by itself, or changes what a document says.
"""

from sarcoma_kg.turtle.document import format_text, serialize

__all__ = ["format_text", "serialize"]
