"""All tests in a network that ends at the machine, with a log of whatever wants to leave it.

python -m tests.offline [arguments for pytest]

Linux only, as root or where users may have namespaces of their own. The tests get a network with
the loopback interface alone. What wants to leave shows in three places: the kernel counts each
packet for which there is no way (IPv4 and IPv6, any protocol, any process), and a server of names
on loopback writes down each name that is asked for. Names that nobody can have (RFC 2606, RFC 6761)
are what tests of names that are not found ask for; they are listed, and are no contact.
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

__all__ = ["main"]

_INSIDE = "SARCOMA_KG_TESTS_OFFLINE"
_USUAL = ["-n", "auto", "--maxprocesses=4", "--dist", "loadfile", "-m", "not others and not slow"]
_NOBODY = re.compile(r"(?:^|\.)(?:invalid|test|example|localhost|example\.(?:com|net|org))$")
#: Addresses for documentation (RFC 5737, RFC 3849), to which there is no way here.
_NOWHERE = ("192.0.2.1", "2001:db8::1")
#: Where Chromium looks whether there is a way to IPv6: it connects a socket for datagrams, which
#: sends nothing, and the kernel would count it. What is sent there stays on loopback.
_PROBE = "2001:4860:4860::8888"


def _without_way() -> int:
    """Return how many packets had no way out of this network until now."""
    titles, numbers = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if "Ip:" in line
    )
    six = re.search(r"Ip6OutNoRoutes\s+(\d+)", Path("/proc/net/snmp6").read_text())
    return int(numbers[titles.index("OutNoRoutes")]) + int(six[1] if six else 0)


def _name(packet: bytes) -> str:
    """Return the name that a question asks for (RFC 1035, section 4.1)."""
    labels, at = [], 12
    while at < len(packet) and (length := packet[at]):
        labels.append(packet[at + 1 : at + 1 + length].decode("ascii", "replace").lower())
        at += 1 + length
    return ".".join(labels)


def _serve_names(server: socket.socket, asked: set[str]) -> None:
    """Answer that there is no such name, and keep it."""
    with contextlib.suppress(OSError):
        while True:
            packet, who = server.recvfrom(4096)
            asked.add(_name(packet))
            # A response that is an answer of its own authority: no such name.
            server.sendto(packet[:2] + b"\x85\x83" + packet[4:6] + b"\0" * 6 + packet[12:], who)


def _inside(words: list[str]) -> int:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "-6", "route", "add", "local", _PROBE, "dev", "lo"], check=True)
    with tempfile.NamedTemporaryFile("w") as names:
        names.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        names.flush()
        subprocess.run(["mount", "--bind", names.name, "/etc/resolv.conf"], check=True)
        asked: set[str] = set()
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        threading.Thread(target=_serve_names, args=(server, asked), daemon=True).start()
        for address in _NOWHERE:
            before = _without_way()
            with contextlib.suppress(OSError):
                socket.create_connection((address, 80), 5).close()
            assert _without_way() > before, f"nobody noticed a call to {address}"
        with contextlib.suppress(OSError):
            socket.getaddrinfo("noticed.invalid", 80)
        assert asked == {"noticed.invalid"}, f"nobody noticed a name: {asked}"
        asked.clear()
        before = _without_way()
        code = subprocess.run([sys.executable, "-m", "pytest", *(words or _USUAL)]).returncode
        left = _without_way() - before
        strange = sorted(name for name in asked if not _NOBODY.search(name))
        known = sorted(asked - set(strange))
        sys.stdout.write(
            f"packets that had no way out: {left}\nnames asked for: {strange or 'none'}\n"
            f"names that nobody can have: {', '.join(known) or 'none'}\n"
        )
    return code or int(bool(left or strange))


def main(words: list[str]) -> int:
    """Run the tests; return pytest's code, or 1 when something wanted to leave."""
    if os.environ.get(_INSIDE):
        return _inside(words)
    # Where all users but root are unknown, Apache could not give its folder to its own.
    map_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = ["unshare", *map_root, "--net", "--mount", sys.executable, "-m"]
    done = subprocess.run(
        [*command, "tests.offline", *words], env={**os.environ, _INSIDE: "1"}, check=False
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
