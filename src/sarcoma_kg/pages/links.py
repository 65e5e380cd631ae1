"""Where the page of a thing lies, and how another page links to it.

Links between pages are relative, so that the folder works from a disk, below any path, and behind
https://w3id.org. Only http and https leave the site: an IRI of the data may say `javascript:`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from sarcoma_kg.ground import file_names, namespaces

__all__ = ["OWN", "Links", "local_name", "today"]

#: The folder of the pages about a user's own things.
OWN = "own"

#: Hosts that moved. CIViC answers the same paths below its own name.
_MOVED = {"https://civic.genome.wustl.edu/links/": "https://civicdb.org/links/"}
_ROOT = "https://w3id.org/sarcoma-kg/"
_FOLDERS = ("ontology", "id")
#: What lies in a folder beside the pages of things, and what would be asked for as a file.
_TAKEN = ("index",)
_SUFFIXES = (".html", ".ttl", ".jsonld", ".owl", ".css", ".js", ".rq", ".csv", ".xml")


def today(address: str) -> str:
    """Return where a page of others is today, if it moved; the graph keeps the name it had."""
    for before, now in _MOVED.items():
        if address.startswith(before):
            return now + address.removeprefix(before)
    return address


def local_name(iri: str) -> tuple[str, str]:
    """Return in which folder the page of an IRI lies, and its name there; two times '' if none."""
    for folder in _FOLDERS:
        base = f"{_ROOT}{folder}/"
        if iri.startswith(base) and iri != base:
            return folder, iri[len(base) :]
    return "", ""


def _shown_names(own: Iterable[str]) -> dict[str, str]:
    """Return for each thing the end of its IRI; the whole of it where two end alike."""
    ends = {iri: re.split("[/#:]", iri)[-1] for iri in own}
    known = Counter(ends.values())
    return {iri: end if end and known[end] == 1 else iri for iri, end in ends.items()}


class Links:
    """The pages that exist.

    Args:
        things: IRIs that have a page of their own.
        first: Those of them whose pages keep their names, whatever else there is.
        own: Things of a user's own namespace that have a page, too.

    Attributes:
        things: IRIs that have a page of their own, in their order.
        moved: Name below the site, as the IRI has it -> the page's place there without suffix,
            where that is another.
    """

    def __init__(
        self, things: Iterable[str], first: Collection[str] = (), own: Iterable[str] = ()
    ) -> None:
        self._places = {_ROOT + "ontology": "ontology/index.html"}
        self.moved: dict[str, str] = {}
        self.things = dict.fromkeys(things)
        names: dict[str, list[str]] = {folder: [] for folder in _FOLDERS}
        for folder, name in map(local_name, self.things):
            if name:
                names[folder].append(name)
        ours = {local_name(iri) for iri in first}
        for folder, inside in names.items():
            found = file_names.file_names(
                inside,
                first={name for name in inside if (folder, name) in ours},
                taken=_TAKEN,
                endings=_SUFFIXES,
            )
            for name, given in found.items():
                self._places[f"{_ROOT}{folder}/{name}"] = f"{folder}/{given}.html"
                if given != name:
                    self.moved[f"{folder}/{name}"] = f"{folder}/{given}"

        shown = _shown_names(own)
        given_to = file_names.file_names(shown.values(), taken=_TAKEN, endings=_SUFFIXES)
        for iri, name in shown.items():
            self._places[iri] = f"{OWN}/{given_to[name]}.html"

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
            return "" if target.startswith((namespaces.SKG, namespaces.KB)) else today(target)
        return "" if ":" in target else up + target
