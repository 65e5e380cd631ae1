"""Where the page of a thing lies, and how another page links to it.

Links between pages are relative, so that the folder works from a disk, below any path, and behind
https://w3id.org. Only http and https leave the site: an IRI of the data may say `javascript:`.
"""

import re
from collections.abc import Iterable

from sarcoma_kg.ground import namespaces

__all__ = ["Links", "local_place"]

_ROOT = "https://w3id.org/sarcoma-kg/"
# A name that is a file name everywhere, and that no other file of the site can have.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_TAKEN = re.compile(r"index|.*\.(?:html|ttl|jsonld|owl)|.*\.", re.IGNORECASE)


def local_place(iri: str) -> str:
    """Return where the page of an IRI lies, without suffix: `ontology/Name`, `id/name`, or ''."""
    for folder in ("ontology", "id"):
        base = f"{_ROOT}{folder}/"
        if iri.startswith(base):
            name = iri[len(base) :]
            if _NAME.fullmatch(name) and not _TAKEN.fullmatch(name):
                return f"{folder}/{name}"
    return ""


class Links:
    """The pages that exist.

    Args:
        things: IRIs that have a page of their own.
    """

    def __init__(self, things: Iterable[str]) -> None:
        self._places = {iri: f"{place}.html" for iri in things if (place := local_place(iri))}
        self._places[_ROOT + "ontology"] = "ontology/index.html"

    def put(self, iri: str, place: str) -> None:
        """Let a thing be shown at a place, which may end in a fragment."""
        self._places[iri] = place

    def place(self, iri: str) -> str:
        """Return the place of a thing; empty without one."""
        return self._places.get(iri, "")

    def href(self, target: str, here: str) -> str:
        """Return a link to a thing or a file.

        Args:
            target: An IRI, or the place of a file of the site.
            here: The place of the page that links.

        Returns:
            A relative link, an http or https address, or nothing when the target has no page and
            may not be linked.
        """
        up = "../" * here.count("/")
        if place := self._places.get(target):
            return up + place
        if namespaces.is_link(target):
            # An identifier of ours without a page would lead nowhere.
            return "" if target.startswith((namespaces.SKG, namespaces.KB)) else target
        return "" if ":" in target else up + target
