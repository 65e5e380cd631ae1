"""Reads a page for claims, and propositions that claims say, which it names without their status.

A mention is a link to the page of a claim or a proposition, or the number of a claim in the text of
a page. It must stand in an element of its own that also holds each status: a list item, a cell, a
paragraph ... or a row, if the row names nothing else but the claims that say the proposition.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

from sarcoma_kg.ground import namespaces
from sarcoma_kg.questions import claims
from sarcoma_kg.stores.store import Store

__all__ = ["States", "unmarked"]

_VOID = {"meta", "link", "br", "hr", "img", "input", "col"}
#: What a mention stands in: the innermost one must hold the status.
_HOLDERS = {"li", "td", "th", "p", "dd", "dt", "h1", "h2", "h3", "h4", "caption", "summary", "tr"}
#: What is shown as it is written, and not by us.
_WRITTEN = {"script", "style", "pre", "code", "title"}
_SAID = f"""SELECT ?claim ?proposition WHERE {{
    ?claim <{namespaces.SKG}hasProposition> ?proposition }} ORDER BY ?claim ?proposition"""


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str]
    parent: "_Element | None" = None
    children: list["_Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    whole: str | None = None

    def text(self) -> str:
        """All text inside, scripts and listings left out."""
        if self.tag in _WRITTEN:
            return ""
        if self.whole is None:
            self.whole = " ".join([*self.texts, *(child.text() for child in self.children)])
        return self.whole

    def within(self) -> list[str]:
        """The links inside."""
        found = list(self.links)
        for child in self.children:
            found += child.within()
        return found


class _Tree(HTMLParser):
    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.top = self.here = _Element("top", {})
        self.all: list[_Element] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, {n: v or "" for n, v in attrs}, self.here)
        self.here.children.append(element)
        self.all.append(element)
        if tag == "a" and (href := element.attributes.get("href")):
            element.links.append(href)
        if tag not in _VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        self.here = self.here.parent or self.top

    def handle_data(self, data: str) -> None:
        self.here.texts.append(data)


@dataclass
class States:
    """What may not be named alone.

    Attributes:
        states: Page of a claim or proposition, as its file is called -> its status in words.
        numbers: What people call a claim -> its page.
        said: Page of a proposition -> those of the claims that say it.
    """

    states: dict[str, list[str]]
    numbers: dict[str, str]
    said: dict[str, set[str]]

    @classmethod
    def read(cls, store: Store) -> "States":
        """Read the claims of a graph, by another way than the pages."""
        found = cls({}, {}, {})
        for claim in claims.read(store):
            page = _page(claim.iri)
            found.numbers[claim.id] = page
            found.states[page] = claim.status or [claims.NO_STATUS]
        for row in store.select(_SAID).rows:
            claim_page, page = (_page(term.value) for term in row if term)
            found.said.setdefault(page, set()).add(claim_page)
            states = found.states.setdefault(page, [])
            states += [s for s in found.states[claim_page] if s not in states]
        return found

    def named(self, element: _Element) -> set[str]:
        """Return what the links inside name."""
        pages = (_page(unquote(link.partition("#")[0])) for link in element.within())
        return {page for page in pages if page in self.states}


def _page(iri: str) -> str:
    return re.split("[/#]", iri)[-1].removesuffix(".html")


def _holder(element: _Element) -> _Element:
    while element.tag not in _HOLDERS and element.parent:
        element = element.parent
    return element


def unmarked(document: str, known: States, title: str = "") -> list[str]:
    """Return where a page names a claim or a proposition without its status.

    Args:
        document: The page.
        known: What may not be named alone.
        title: Name of the claim or proposition that the page itself is about.
    """
    states, numbers = known.states, known.numbers
    tree, wrong = _Tree(document), []
    for element in tree.all:
        named = set()
        if element.tag == "a":
            named = known.named(element)
        if element.tag not in _WRITTEN:
            words = re.findall(r"[\w.]+(?:-[\w.]+)+", " ".join(element.texts))
            named |= {numbers[w.rstrip(".")] for w in words if w.rstrip(".") in numbers}
        for name in named:
            if name == title and element.tag not in _WRITTEN:
                continue
            holder = _holder(element)
            if holder.tag in ("td", "th") and (row := holder.parent):
                others = known.named(row) - {name}
                holder = holder if others - known.said.get(name, set()) else row
            missing = [state for state in states[name] if state not in holder.text()]
            if missing:
                wrong.append(f"<{holder.tag}> {name} without {missing}: {holder.text()[:120]!r}")
    return wrong
