"""Where a reader reports a problem with a page: the address of a new issue, filled in.

GitHub and the forges like it take `title` and `body`
(https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/creating-an-issue),
GitLab takes `issue[title]` and `issue[description]`
(https://docs.gitlab.com/user/project/issues/create_issues/); of any other tracker the user says
where the two go.
"""

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.pages.page import Page

__all__ = ["Issues"]

_TITLE, _BODY = "{title}", "{body}"
#: The most characters of a title; servers refuse addresses of some thousands.
_MOST = 120
_SCHEMES = ("https", "http", "mailto")
#: Characters of an address; quotes and angle brackets are none.
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]+")


class Issues(NamedTuple):
    """The address of a new issue, with `{title}` and `{body}` in it."""

    address: str

    @classmethod
    def read(cls, typed: str) -> "Issues":
        """Read what the user says.

        Args:
            typed: The address at which a new issue is written, or one with `{title}` and `{body}`.

        Raises:
            UserError: it is no address that a page may have.
        """
        plain = typed.replace(_TITLE, "").replace(_BODY, "")
        try:
            parts = urlsplit(plain)
        except ValueError:
            parts = urlsplit("")
        named = parts.path if parts.scheme == "mailto" else parts.hostname
        if parts.scheme not in _SCHEMES or not named or not _ADDRESS.fullmatch(plain):
            raise UserError(
                f"{typed[:200]}: not an address at which a problem can be reported",
                "such as https://github.com/OWNER/REPOSITORY/issues/new, "
                "or with {title} and {body} where these go",
            )
        if plain != typed:
            return cls(typed)
        if parts.scheme == "mailto":
            names = ("subject", "body")
        elif "/-/issues" in parts.path:
            names = ("issue%5Btitle%5D", "issue%5Bdescription%5D")
        else:
            names = ("title", "body")
        before, _, _ = typed.partition("#")
        mark = "&" if parts.query else "?"
        return cls(f"{before}{mark}{names[0]}={_TITLE}&{names[1]}={_BODY}")

    def about(self, page: Page, version: str, base: str = "") -> str:
        """Return the address of an issue about a page.

        Args:
            page: The page.
            version: Date of the data.
            base: The address of the site, if it is known.
        """
        label = " ".join(page.title.split())
        label = label if len(label) <= _MOST else label[: _MOST - 1] + "\N{HORIZONTAL ELLIPSIS}"
        what = [f"Identifier: {page.iri}"] if page.iri else []
        what.append(f"Page: {base}{page.place}")
        what.append(f"Data of: {version}")
        body = "\n".join([*what, "", "What is wrong, and which source says so:", ""])
        # One pass, so that a label that looks like a place is none.
        texts = {_TITLE: f"Problem with: {label}", _BODY: body}
        return re.sub(
            r"\{(?:title|body)\}",
            lambda place: quote(texts[place[0]], safe="", errors="replace"),
            self.address,
        )
