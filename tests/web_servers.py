"""Web servers on loopback, each with a folder at a path: Apache, nginx, and one that knows files.

They are other people's programs, started as their documentation says, with everything that they
write in a folder that goes away with them.
"""

import functools
import http.client
import http.server
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests import machine

__all__ = ["MISSING", "Answer", "Ask", "apache", "files", "nginx", "plain"]

_APACHE = machine.program("apache2", "httpd", "/usr/sbin/apache2")
_MODULES = next(
    (p for p in map(Path, ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules",
                           "/usr/local/libexec/apache2")) if p.is_dir()), None
)  # fmt: skip
_NGINX = machine.program("nginx", "/usr/sbin/nginx")
#: Name of a server -> what to say where it is not here; empty where it is.
MISSING = {
    "apache": ""
    if _APACHE and _MODULES
    else "needs Apache (Debian: apt-get install apache2-bin), which is not here",
    "nginx": ""
    if _NGINX
    else "needs nginx (Debian: apt-get install nginx-light), which is not here",
    "plain": "",
}


class Answer(NamedTuple):
    """Status, where it leads or what it is, and the content."""

    status: int
    place: str
    content: bytes


#: Asks for a path below the folder, with what is accepted.
Ask = Callable[[str, str | None], Answer]


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _asking(port: int, path: str) -> Iterator[Ask]:
    """Yield what asks over one connection for as long as the server keeps it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def ask(place: str, accept: str | None) -> Answer:
        headers = {"Accept": accept} if accept else {}
        for last in (False, True):
            try:
                connection.request("GET", f"{path}{place}", headers=headers)
                answer = connection.getresponse()
                content = answer.read()
                break
            except (OSError, http.client.HTTPException):
                connection.close()
                if last:
                    raise
        where = answer.getheader("Location") or answer.getheader("Content-Type") or ""
        where = where.removeprefix(f"http://127.0.0.1:{port}").removeprefix(path)
        return Answer(answer.status, where, content)

    with closing(connection):
        yield ask


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)


@contextmanager
def _folder(root: Path, path: str, name: str) -> Iterator[tuple[Path, str | None]]:
    """Yield a folder that any user may read, the site in it, and the user to serve it as."""
    base = Path(tempfile.mkdtemp(prefix=f"sarcoma-kg-{name}-"))
    try:
        base.chmod(0o755)
        home = base / "htdocs" / path.strip("/")
        shutil.copytree(root, home, copy_function=_link)
        for folder in (home, *(p for p in home.rglob("*") if p.is_dir())):
            folder.chmod(0o755)
        user = None
        if os.geteuid() == 0:  # the server does not run as root
            user = "nobody"
            shutil.chown(base, user)
        yield base, user
    finally:
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def _running(words: list[str], user: str | None, log: Path, port: int, path: str) -> Iterator[Ask]:
    server = subprocess.Popen(words, user=user, stderr=subprocess.DEVNULL)
    try:
        with _asking(port, path) as ask:
            for _ in range(100):
                try:
                    ask("", None)
                    break
                except OSError:
                    assert server.poll() is None, log.read_text("utf-8")
                    time.sleep(0.1)
            yield ask
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def apache(root: Path, path: str) -> Iterator[Ask]:
    """Serve a folder at a path by Apache, with leave for `.htaccess`."""
    with _folder(root, path, "apache") as (base, user):
        port = _port()
        wanted = (
            "mpm_event", "unixd", "authz_core", "dir", "mime", "rewrite", "headers", "setenvif",
        )  # fmt: skip
        loads = "\n".join(
            f"LoadModule {name}_module {_MODULES}/mod_{name}.so"
            for name in wanted
            if (Path(str(_MODULES)) / f"mod_{name}.so").exists()
        )
        (base / "httpd.conf").write_text(
            f"""ServerRoot {base}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {base}/httpd.pid
ErrorLog {base}/error.log
MaxKeepAliveRequests 0
{loads}
<IfModule mod_mime.c>
TypesConfig /dev/null
AddType text/html .html
AddType text/css .css
</IfModule>
DocumentRoot {base}/htdocs
<Directory {base}/htdocs>
AllowOverride All
Options FollowSymLinks
Require all granted
</Directory>
""",
            encoding="utf-8",
        )
        words = [str(_APACHE), "-X", "-f", str(base / "httpd.conf")]
        with _running(words, user, base / "error.log", port, path) as ask:
            yield ask


@contextmanager
def nginx(root: Path, path: str) -> Iterator[Ask]:
    """Serve a folder at a path by nginx, with the `nginx.conf` in it included."""
    with _folder(root, path, "nginx") as (base, user):
        port = _port()
        passing = "\n".join(
            f"{kind}_temp_path {base}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (base / "nginx.conf").write_text(
            f"""daemon off;
master_process off;
worker_processes 1;
pid {base}/nginx.pid;
error_log {base}/error.log warn;
events {{ worker_connections 64; }}
http {{
access_log off;
keepalive_requests 100000;
{passing}
server {{
listen 127.0.0.1:{port};
root {base}/htdocs;
include {base}/htdocs{path}nginx.conf;
}}
}}
""",
            encoding="utf-8",
        )
        words = [
            str(_NGINX), "-p", str(base), "-c", str(base / "nginx.conf"),
            "-e", str(base / "error.log"),
        ]  # fmt: skip
        with _running(words, user, base / "error.log", port, path) as ask:
            yield ask
        assert "[warn]" not in (text := (base / "error.log").read_text("utf-8")), text


class _Silent(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # else each answer waits for the acknowledgement of its head

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def files(folder: Path) -> Iterator[int]:
    """Serve the files of a folder, and yield the port."""
    handler = functools.partial(_Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def plain(root: Path, path: str) -> Iterator[Ask]:
    """Serve a folder at a path by a server that knows files and folders, and nothing else."""
    with (
        _folder(root, path, "plain") as (base, _),
        files(base / "htdocs") as port,
        _asking(port, path) as ask,
    ):
        yield ask
