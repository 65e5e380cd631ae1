"""How a page looks: templates that turn its content into HTML, for a release and a server alike.

All text of the graph is escaped by the template engine.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jinja2
from markupsafe import Markup, escape

from sarcoma_kg.pages import schema_org
from sarcoma_kg.pages.claims import Claims, Row
from sarcoma_kg.pages.facts import Ref
from sarcoma_kg.pages.issues import Issues
from sarcoma_kg.pages.links import Links
from sarcoma_kg.pages.page import Page
from sarcoma_kg.sparql.term import Term

#: How grave a status, verdict, direction or check is; of all else the pill is plain.
_TONES = {
    "ExternallyDisputed": "bad", "DoesNotMatch": "bad", "DoesNotSupport": "bad",
    "ExternallyQualified": "warn", "CitedUnsupported": "warn", "Uncited": "warn", "": "warn",
    "Mixed": "warn", "Unconfirmed": "warn",
    "ExternallyCorroborated": "good", "CitedSupported": "good", "VerdictSupports": "good",
    "Checked": "good", "CitedPlausible": "plain",
}  # fmt: skip

__all__ = ["TEMPLATES", "Renderer", "environment", "state_of", "tone_of"]

TEMPLATES = Path(__file__).with_name("templates")
#: What no HTML document may hold: control characters and noncharacters.
_NUMBER = re.compile(r"(?<![\w.])[\w.]++(?:-[\w.]++)+")
_END = Markup("</span>")
_NOT_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


@cache
def environment() -> jinja2.Environment:
    """Return the templates."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def tone_of(ref: Ref) -> str:
    """Return the colour of a thing that is always a pill; empty for another."""
    return _TONES.get(ref.iri.rpartition("/")[2], "") if ref.iri else _TONES[""]


def state_of(row: Row) -> list[tuple[Ref, str]]:
    """Return the pills of a claim with their colours: its status, and what ended a thing of it."""
    pairs = [(ref, tone_of(ref) or "plain") for ref in row["status"]]
    kinds = {}
    for event in row["ended"]:
        check = "" if event.checked else f" ({', '.join(r.label for r in event.check)})"
        kinds[event.kind.label + check] = event
    for label, event in kinds.items():
        pairs.append((Ref(event.evidence.iri, label), "bad" if event.checked else "warn"))
    return pairs


class _View(NamedTuple):
    """How a page shows values: `bare` alone names a claim or proposition without its state."""

    show: Callable[[object], Markup]
    pills: Callable[..., Markup]
    state: Callable[[Row], Markup]
    answer: Callable[[str | Ref], Markup]
    bare: Callable[[Ref], Markup]
    line: Callable[[Row], Markup]


class Renderer:
    """Makes HTML of pages.

    Args:
        links: Which things have a page.
        claims: The claims, none of which is named without its status.
        version: Date of the data.
        issues: Where a problem with a page is reported, if anywhere.
        base: The address of the site, if it is known.
        feed: The place of its feed of releases, if there is one.
    """

    def __init__(
        self,
        links: Links,
        claims: Claims,
        version: str,
        *,
        issues: Issues | None = None,
        base: str = "",
        feed: str = "",
    ) -> None:
        self.links = links
        self.claims = claims
        self.version = version
        self._issues, self._base, self._feed = issues, base, feed
        # A label stands on many pages: how it looks depends on the depth of the page alone.
        self._made: dict[tuple[Ref, int], Markup] = {}
        # The template gives the module its names.
        self._macro: Callable[..., Markup] = vars(environment().get_template("line.html").module)[
            "line"
        ]

    def html(self, page: Page, *, root: str = "") -> str:
        """Return a page as an HTML document.

        Args:
            page: What is on it.
            root: What stands before its links within the site, for a page that a server shows
                wherever there is none.
        """

        def href(target: str) -> str:
            found = self.links.href(target, page.place)
            return found if ":" in found else root + found

        view = _View(
            show=lambda value: self._show(value, page.place),
            pills=lambda refs, tone="": self.pills(refs, page.place, tone),
            state=lambda row: self.state(row, page.place),
            answer=lambda part: self.answer(part, page.place),
            bare=lambda ref: self._linked(ref, page.place),
            line=lambda row: self._line(row, view, page.place.count("/")),
        )
        found = environment().get_template(f"{page.template}.html")
        text = found.render(
            page=page,
            view=view,
            show=view.show,
            href=href,
            version=self.version,
            feed=self._feed,
            report=self._issues.about(page, self.version, self._base)
            if self._issues and not root
            else "",
            # Escaped by schema_org.text; JSON in a script element has no character references.
            data=Markup(schema_org.text(page.data)),  # noqa: S704
            stem=page.place.rpartition("/")[2].removesuffix(".html"),
            **page.content,
        )
        return _NOT_HTML.sub("\ufffd", text)

    def pills(self, refs: Iterable[Ref], here: str, tone: str = "") -> Markup:
        """Return things as pills, coloured by what they are or as told."""
        return self._pills(((ref, tone or tone_of(ref) or "plain") for ref in refs), here)

    def _pills(self, pairs: Iterable[tuple[Ref, str]], here: str) -> Markup:
        parts = []
        for ref, word in pairs:
            text = self._linked(ref, here) if ref.iri else escape(ref.label)
            parts.append(f'<span class="tone {word}">{text}</span>')
        return Markup(" ".join(parts))  # noqa: S704

    def state(self, row: Row, here: str) -> Markup:
        """Return what never leaves a claim: its status, and what ended a thing it speaks of."""
        return Markup('<span class="state">') + self._pills(state_of(row), here) + _END

    def answer(self, part: str | Ref, here: str) -> Markup:
        """Return a part of a cell of an answer: a status and its like as a pill."""
        if isinstance(part, Ref) and tone_of(part):
            return self.pills([part], here)
        return self._show(part, here)

    def _line(self, row: Row, view: _View, depth: int) -> Markup:
        """Return the cells of a claim in a table; the same on all pages of a depth."""
        key = (row["claim"], -1 - depth)
        if key not in self._made:
            self._made[key] = self._macro(row, view)
        return self._made[key]

    def _show(self, value: object, here: str) -> Markup:
        """Return a value of a page as HTML: a link where there is one, of a claim its state."""
        if isinstance(value, Ref):
            key = (value, here.count("/"))
            if key not in self._made:
                made = self._linked(value, here)
                for iri in self._named(value):
                    made += " " + self.state(self.claims.state(iri), here)
                self._made[key] = made
            return self._made[key]
        if isinstance(value, Term):
            language = value.language if value.language != "en" else ""
            attribute = f' lang="{escape(language)}"' if language else ""
            text = self._prose(value.value, here)
            return Markup(f"<bdi{attribute}>{text}</bdi>")  # noqa: S704
        if isinstance(value, list | tuple):
            return Markup("").join(self._show(part, here) for part in value)
        return self._prose(value, here) if isinstance(value, str) else escape(value)

    def _named(self, ref: Ref) -> list[str]:
        """Return the claim or proposition that a thing is, or the claims that its label names."""
        if ref.iri in self.claims:
            return [ref.iri]
        words = (match[0].rstrip(".") for match in _NUMBER.finditer(ref.label))
        return [self.claims.numbered[word] for word in words if word in self.claims.numbered]

    def _prose(self, text: str, here: str) -> Markup:
        """Return a text in which each number of a claim is a link, with the state of the claim."""
        parts, at = [], 0
        for match in _NUMBER.finditer(text):
            if iri := self.claims.numbered.get(match[0].rstrip(".")):
                end = match.start() + len(match[0].rstrip("."))
                ref = Ref(iri, text[match.start() : end])
                parts += [escape(text[at : match.start()]), self._show(ref, here)]
                at = end
        return Markup("").join([*parts, escape(text[at:])])

    def _linked(self, ref: Ref, here: str) -> Markup:
        # Labels may run from right to left; bdi keeps them from turning what stands around them.
        href = self.links.href(ref.iri, here)
        label = href if href and ref.label == ref.iri else ref.label
        name = f"<bdi>{escape(label)}</bdi>"
        return Markup(f'<a href="{escape(href)}">{name}</a>' if href else name)  # noqa: S704
