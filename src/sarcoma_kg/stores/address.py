"""The address of an endpoint: what is one, where it leads, and how it is shown."""

import ipaddress
import re
from urllib.parse import urlsplit

from sarcoma_kg.ground.errors import UserError

__all__ = ["check", "is_loopback", "origin", "shown"]

_PORTS = {"http": 80, "https": 443}


def check(address: str) -> None:
    """Refuse what is no address of an endpoint.

    Raises:
        UserError: it is none, or it holds a password; the message does not show that.
    """
    words = _masked(address)
    if "@" in address:
        # What stands before an @ may be a password, wherever the @ stands.
        raise UserError(
            f"'{words}': no user and no password in an address",
            "set SARCOMA_KG_USER and SARCOMA_KG_PASSWORD, SARCOMA_KG_TOKEN, or write a line in "
            "~/.netrc; an @ that means itself is written %40",
        )
    try:
        place = urlsplit(address)
        # Only asked for is the port looked at.
        name = place.hostname or ""
        right = place.scheme in _PORTS and bool(name.encode("idna")) and place.port != 0
        # `urllib.request` would undo % in the name of a host, and go elsewhere than is read here.
        right = right and (":" in name or "%" not in name)
    except ValueError:
        right = False
    if not right:
        raise UserError(
            f"'{words}' is no address of an endpoint",
            "it begins with http:// or https://, such as http://localhost:8890/sparql",
        )
    if odd := re.search(r"[^!-~]|#", address):
        raise UserError(
            f"'{words}' is no address of an endpoint: {odd[0]!a} cannot stand in it",
            "write it with % and two digits, and the name of a host in ASCII",
        )


def _masked(address: str) -> str:
    """Return the beginning of an address without what may be a password."""
    before, at, after = address.rpartition("@")
    if not at:
        return shown(address)[:200]
    scheme = re.match(r"[a-zA-Z]+://", before)
    return f"{scheme[0] if scheme else ''}...@{shown(after)}"[:200]


def origin(address: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address that `check` let pass."""
    place = urlsplit(address)
    return place.scheme, (place.hostname or "").rstrip("."), place.port or _PORTS[place.scheme]


def is_loopback(host: str) -> bool:
    """Tell whether a host, with or without a port, is this machine."""
    name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def shown(address: str) -> str:
    """Return an address for a message; what follows its question mark may be a key."""
    place, mark, _ = address.partition("?")
    return f"{place}?..." if mark else place
