"""What pyoxigraph does not take, in words for the user."""

from sarcoma_kg.ground.errors import UserError

__all__ = ["check_nesting", "too_long"]

_MOST_TRIPLE_TERMS = 1000


def check_nesting(text: str | bytes, name: str) -> None:
    """Refuse a document with more triple terms than the parser can free without a crash.

    Raises:
        UserError: Triple terms that may stand in each other by the thousands.
    """
    found = text.count("<<(") if isinstance(text, str) else text.count(b"<<(")
    if found > _MOST_TRIPLE_TERMS:
        raise UserError(f"{name}: holds {found} triple terms, which are not RDF 1.1", "Reify them.")


def too_long(name: str, error: MemoryError) -> UserError:
    """Return what to say when the parser's buffer (16 MiB) is full."""
    return UserError(
        f"{name}: a string or name is too long for the parser: {error}",
        "Keep a text of that size in a file of its own, and name its address here.",
    )
