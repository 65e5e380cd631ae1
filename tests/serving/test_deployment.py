"""The recipes of docs/serve.md, run as far as a machine for tests can: systemd's check, nginx."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox
import pytest

from sarcoma_kg.building import builds
from tests import machine
from tests.serving.served import serving

pytestmark = pytest.mark.others
PAGE = (Path(__file__).parents[2] / "docs" / "serve.md").read_text(encoding="utf-8")
NGINX = machine.program("nginx", "/usr/sbin/nginx")
SYSTEMD = machine.program("systemd-analyze")
GIST = "ontology/GastrointestinalStromalTumor"


def blocks(kind: str) -> list[str]:
    """Return the blocks of a kind in the page."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.skipif(not SYSTEMD, reason="needs systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    (unit,) = blocks("ini")
    program = Path(sys.executable).with_name("sarcoma-kg")
    place = tmp_path / "sarcoma-kg.service"
    place.write_text(unit.replace("/opt/sarcoma-kg/bin/sarcoma-kg", str(program)))
    done = subprocess.run(
        [str(SYSTEMD), "verify", str(place)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _nginx(folder: Path, port: int, locations: str) -> Iterator[None]:
    paths = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # The folder of a test is its owner's alone.
    user = "user root;\n" if os.geteuid() == 0 else ""
    settings = folder / "nginx.conf"
    settings.write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}"
        f"server {{\nlisten 127.0.0.1:{port};\n{locations}\n}}\n}}\n"
    )
    server = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(settings)])
    try:
        for _ in range(100):
            assert server.poll() is None
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait()


@pytest.mark.skipif(not NGINX, reason="needs nginx (Debian: apt-get install nginx-light)")
@pytest.mark.skipif(sys.platform != "linux", reason="the folder of nginx is set as on Linux")
def test_below_a_prefix_of_nginx(build: builds.Build, tmp_path: Path) -> None:
    proxy, w3id = blocks("nginx")
    port = _port()
    front = f"http://127.0.0.1:{port}"
    base = f"{front}/kg"
    with serving(tmp_path, "--base", base) as server:
        behind = proxy.replace("http://127.0.0.1:8080/", f"{server.address}/")
        redirects = w3id.replace("https://example.org/kg", base)
        with _nginx(tmp_path, port, behind + redirects), httpx.Client(base_url=front) as client:
            home = client.get("/kg/")
            assert home.status_code == 200
            assert "text/html" in home.headers["content-type"]
            for accept, kind in (("text/turtle", "ttl"), ("text/html", "html")):
                there = client.get(
                    f"/sarcoma-kg/{GIST}", headers={"accept": accept}, follow_redirects=True
                )
                assert str(there.url) == f"{base}/{GIST}.{kind}"
                assert there.status_code == 200
                assert there.content == httpx.get(f"{server.address}/{GIST}.{kind}").content
            for path in ("api/questions/CQ01?format=csv", "sparql?query=ASK%7B%7D"):
                direct = httpx.get(f"{server.address}/{path}")
                assert client.get(f"/kg/{path}").content == direct.content
            asked = client.post("/kg/sparql", data={"query": "SELECT ?s { ?s a skg:Source }"})
            assert len(asked.json()["results"]["bindings"]) == 2
            told = ox.parse(client.get("/kg/sparql").content, format=ox.RdfFormat.TURTLE)
            addresses = {t.object.value for t in told if t.predicate.value.endswith("#endpoint")}
            assert addresses == {f"{base}/sparql"}
            refused = client.post("/kg/sparql", content=b"x" * 400_000)
            assert refused.status_code == 413
            # What somebody says of himself leads nowhere else.
            headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4"}
            moved = client.get(f"/kg/{GIST}", headers=headers)
            assert urlsplit(moved.headers["location"]).netloc == f"127.0.0.1:{port}"
        assert "1.2.3.4" not in server.log.read_text()
