"""A listener on loopback that counts who comes, in IPv4 and IPv6."""

import contextlib
import socket
import threading
from collections.abc import Iterator

__all__ = ["Listener", "listening"]


class Listener:
    """Where it listens, and how often somebody came.

    Attributes:
        addresses: Addresses (http) that lead to it.
        contacts: The number of connections.
    """

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.contacts = 0

    def serve(self, server: socket.socket) -> None:
        """Take connections, say nothing, hang up."""
        with contextlib.suppress(OSError):
            while True:
                connection = server.accept()[0]
                self.contacts += 1
                connection.close()


@contextlib.contextmanager
def listening() -> Iterator[Listener]:
    """Listen while the block runs."""
    found, servers = Listener(), []
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            server = socket.create_server((host, 0), family=family)
        except OSError:  # a machine without IPv6
            continue
        servers.append(server)
        port = server.getsockname()[1]
        names = (f"[{host}]",) if family == socket.AF_INET6 else (host, "localhost")
        found.addresses += [f"http://{name}:{port}/" for name in names]
        threading.Thread(target=found.serve, args=(server,), daemon=True).start()
    try:
        yield found
    finally:
        for server in servers:
            # Closing alone does not wake who waits for a connection.
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
