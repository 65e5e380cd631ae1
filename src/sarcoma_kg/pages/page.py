"""A page of the site as plain data."""

from typing import Any, NamedTuple

__all__ = ["Page"]


class Page(NamedTuple):
    """One page.

    Attributes:
        place: Where it lies below the site, with suffix.
        template: Name of its template, without suffix.
        title: What it is called.
        summary: What it is, in a sentence; may be empty.
        content: What the template shows.
        data: The schema.org description.
        iri: What it is about, when Turtle and JSON-LD stand beside it.
        files: Name beside the page -> content of a file for download.
    """

    place: str
    template: str
    title: str
    summary: str
    content: dict[str, Any]
    data: dict[str, Any]
    iri: str = ""
    files: dict[str, str] = {}  # noqa: RUF012  # of a tuple, which nobody writes into
