"""Reads a page for claims that it names without their status.

A mention is a link to the page of a claim, or its number in the text of a page. It must stand in
an element of its own that also holds each status of the claim: a list item, a cell, a paragraph
... or a row, if the row names no other claim.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

__all__ = ["unmarked"]

_VOID = {"meta", "link", "br", "hr", "img", "input", "col"}
#: What a mention stands in: the innermost one must hold the status.
_HOLDERS = {"li", "td", "th", "p", "dd", "dt", "h1", "h2", "h3", "h4", "caption", "summary", "tr"}
#: What is shown as it is written, and not by us.
_WRITTEN = {"script", "style", "pre", "code", "title"}


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


def _claims(element: _Element) -> set[str]:
    found = set()
    for link in element.within():
        if match := re.search(r"(?:^|/)(claim-[^/#]+)\.html$", unquote(link)):
            found.add(match[1])
    return found


def _holder(element: _Element) -> _Element:
    while element.tag not in _HOLDERS and element.parent:
        element = element.parent
    return element


def unmarked(document: str, states: dict[str, list[str]], title: str = "") -> list[str]:
    """Return where a page names a claim without its status.

    Args:
        document: The page.
        states: What each claim page is called (`claim-S2-3.2-SS-01`) -> its status in words.
        title: Name of the claim that the page itself is about.
    """
    numbers = {name.removeprefix("claim-"): name for name in states}
    tree, wrong = _Tree(document), []
    for element in tree.all:
        named = set()
        if element.tag == "a":
            named = {name for name in _claims(element) if name in states}
        if element.tag not in _WRITTEN:
            words = re.findall(r"[\w.]+(?:-[\w.]+)+", " ".join(element.texts))
            named |= {numbers[w.rstrip(".")] for w in words if w.rstrip(".") in numbers}
        for name in named:
            if name == title and element.tag not in _WRITTEN:
                continue
            holder = _holder(element)
            if holder.tag in ("td", "th") and (row := holder.parent) and _claims(row) == {name}:
                holder = row
            missing = [state for state in states[name] if state not in holder.text()]
            if missing:
                wrong.append(f"<{holder.tag}> {name} without {missing}: {holder.text()[:120]!r}")
    return wrong
