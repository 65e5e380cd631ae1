"""A listener on loopback that counts who comes, in IPv4, in IPv6 and by name."""

import contextlib
import socket
import threading
from collections.abc import Iterator

__all__ = ["SCHEMES", "Listener", "listening"]

#: Forms of an address that names a host; the last is of a scheme that nobody knows.
SCHEMES = (
    "http://{}/x", "https://{}/x", "ftp://{}/x", "file://{}/x", "jar:http://{}/x!/y", "odd://{}/x",
)  # fmt: skip


class Listener:
    """Where it listens, and how often somebody came.

    Attributes:
        hosts: Host and port, as an address has them: by number in both families, and by name.
        addresses: Addresses (http) that lead to it.
    """

    def __init__(self) -> None:
        self.hosts: list[str] = []
        self._servers: list[socket.socket] = []
        self._seen: list[tuple[str, int]] = []
        self._own = 0

    @property
    def addresses(self) -> list[str]:
        return [f"http://{host}/" for host in self.hosts]

    @property
    def everywhere(self) -> list[str]:
        """Addresses for every host in every scheme."""
        return [form.format(host) for form in SCHEMES for host in self.hosts]

    @property
    def contacts(self) -> int:
        """The number of connections until now."""
        for server in self._servers:
            # Connections are taken in turn: once this one is, all before it are.
            with socket.create_connection(server.getsockname()[:2], timeout=5) as own:
                self._own += 1
                mine = own.getsockname()[:2]
                while mine not in self._seen:
                    own.settimeout(0.01)
                    with contextlib.suppress(OSError):
                        own.recv(1)
        return len(self._seen) - self._own

    def begin(self, family: socket.AddressFamily, host: str) -> None:
        """Listen on a host, where the machine has its family."""
        try:
            server = socket.create_server((host, 0), family=family)
        except OSError:
            return
        self._servers.append(server)
        port = server.getsockname()[1]
        names = ("[::1]", "localhost") if family == socket.AF_INET6 else (host, "localhost")
        self.hosts += [f"{name}:{port}" for name in names]
        threading.Thread(target=self._serve, args=(server,), daemon=True).start()

    def end(self) -> None:
        """Listen no more."""
        for server in self._servers:
            # Closing alone does not wake who waits for a connection.
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()

    def _serve(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, who = server.accept()
                self._seen.append(who[:2])
                connection.close()


@contextlib.contextmanager
def listening() -> Iterator[Listener]:
    """Listen while the block runs."""
    listener = Listener()
    listener.begin(socket.AF_INET, "127.0.0.1")
    listener.begin(socket.AF_INET6, "::1")
    try:
        yield listener
    finally:
        listener.end()
