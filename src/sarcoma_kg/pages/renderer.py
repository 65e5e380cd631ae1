"""How a page looks: templates that turn its content into HTML, for a release and a server alike.

All text of the graph is escaped by the template engine.
"""

import re
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from sarcoma_kg.pages import schema_org
from sarcoma_kg.pages.contents import Page
from sarcoma_kg.pages.facts import Ref
from sarcoma_kg.pages.links import Links
from sarcoma_kg.sparql.term import Term

__all__ = ["TEMPLATES", "Renderer", "environment"]

TEMPLATES = Path(__file__).with_name("templates")
#: What no HTML document may hold: control characters and noncharacters.
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


class Renderer:
    """Makes HTML of pages.

    Args:
        links: Which things have a page.
        version: Date of the data.
    """

    def __init__(self, links: Links, version: str) -> None:
        self.links = links
        self.version = version
        # A label stands on many pages: how it looks depends on the depth of the page alone.
        self._made: dict[tuple[Ref, int], Markup] = {}

    def html(self, page: Page) -> str:
        """Return a page as an HTML document."""
        found = environment().get_template(f"{page.template}.html")
        text = found.render(
            page=page,
            show=lambda value: self._show(value, page.place),
            href=lambda target: self.links.href(target, page.place),
            version=self.version,
            # Escaped by schema_org.text; JSON in a script element has no character references.
            data=Markup(schema_org.text(page.data)),  # noqa: S704
            stem=page.place.rpartition("/")[2].removesuffix(".html"),
            **page.content,
        )
        return _NOT_HTML.sub("\ufffd", text)

    def _show(self, value: object, here: str) -> Markup:
        """Return a value of a page as HTML: a link where there is one."""
        if isinstance(value, Ref):
            key = (value, here.count("/"))
            if key not in self._made:
                self._made[key] = self._linked(value, here)
            return self._made[key]
        if isinstance(value, Term):
            language = value.language if value.language != "en" else ""
            attribute = f' lang="{escape(language)}"' if language else ""
            return Markup(f"<bdi{attribute}>{escape(value.value)}</bdi>")  # noqa: S704
        if isinstance(value, list | tuple):
            return Markup("").join(self._show(part, here) for part in value)
        return escape(value)

    def _linked(self, ref: Ref, here: str) -> Markup:
        # Labels may run from right to left; bdi keeps them from turning what stands around them.
        name = f"<bdi>{escape(ref.label)}</bdi>"
        href = self.links.href(ref.iri, here)
        return Markup(f'<a href="{escape(href)}">{name}</a>' if href else name)  # noqa: S704
