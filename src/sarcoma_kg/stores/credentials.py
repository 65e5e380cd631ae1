"""Credentials for an endpoint: where they come from, and that nobody else sees them."""

import base64
import netrc
import os
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from sarcoma_kg.ground.errors import UserError

__all__ = ["Credentials"]


class Credentials(NamedTuple):
    """User and password (basic, or digest where it is asked for), or a bearer token."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return "Credentials(...)" if self.user or self.token else "Credentials()"

    @classmethod
    def of(cls, endpoint: str, say: Callable[[str], None] = lambda _: None) -> "Credentials":
        """Return those of the environment, else of ~/.netrc for the endpoint's host, else none.

        Args:
            endpoint: Its address.
            say: Told of a ~/.netrc that cannot be read.
        """
        if token := os.environ.get("SARCOMA_KG_TOKEN"):
            return cls(token=token)
        if user := os.environ.get("SARCOMA_KG_USER"):
            return cls(user, os.environ.get("SARCOMA_KG_PASSWORD", ""))
        try:
            found = netrc.netrc().authenticators(urlsplit(endpoint).hostname or "")
        except FileNotFoundError:
            found = None
        except (OSError, netrc.NetrcParseError, ValueError) as error:
            # The words of a parser show what it stumbled over, which may be a password.
            line = getattr(error, "lineno", None)
            say(
                f"~/.netrc{f', line {line}' if line else ''}: cannot be read, nothing of it is "
                "used; see that it is well formed, and that only you may read it (chmod 600)"
            )
            found = None
        return cls(found[0] or "", found[2] or "") if found else cls()

    def check(self) -> None:
        """Refuse what cannot be sent.

        Raises:
            UserError: a control character or its like; the message does not show the secret.
        """
        if not re.fullmatch(r"[!-~]*", self.token):
            raise UserError(
                "the token (SARCOMA_KG_TOKEN) holds a line end, a space or another character that "
                "no token has",
                "set it to the token alone",
            )
        odd = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
        if odd.search(self.user + self.password) or ":" in self.user:
            raise UserError(
                "the user or password (SARCOMA_KG_USER, SARCOMA_KG_PASSWORD, ~/.netrc) holds a "
                "character that cannot be sent",
                "no control characters in either, and no colon in the user",
            )

    @property
    def basic(self) -> str:
        """User and password as basic authentication sends them."""
        return base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    @property
    def header(self) -> str:
        """The value of an Authorization header; empty when there are none."""
        if self.token:
            return f"Bearer {self.token}"
        return f"Basic {self.basic}" if self.user else ""

    def show_in(self, words: str) -> bool:
        """Tell whether words of a server, or of an error, hold the secret."""
        secrets = {self.token, self.password, self.basic if self.user else ""} - {""}
        return any(secret in words or quote(secret, safe="") in words for secret in secrets)
