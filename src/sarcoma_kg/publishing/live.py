"""What lets the pages of questions answer in the browser: an engine, the graph, and the names.

The engine is the npm package `oxigraph`, one fixed version of it. All is written as scripts that
hold their content as base64: a page that is opened from a folder may load a script, but may not
fetch a file.
"""

import base64
import gzip
import hashlib
import json
import re
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.pages.contents import Contents
from sarcoma_kg.pages.renderer import TEMPLATES, state_of, tone_of
from sarcoma_kg.questions import claims
from sarcoma_kg.questions.catalog import DATE
from sarcoma_kg.terms import lookup

__all__ = ["PACKAGE", "Engine", "write"]

#: The package, and the digest that npm gives for its file.
PACKAGE = "oxigraph@0.5.11"
_INTEGRITY = (
    "sha512-zKdgmp1tsrutGzC1lCCywwZRPpLJKaJnKSDWoY2hIhMiwiCRRXNN1"
    "DU7WUyTInBvgPKT8Y5N+RgwTL8qKXpLng=="
)
_SCRIPT, _WASM = "package/web.js", "package/web_bg.wasm"


class Engine(NamedTuple):
    """The engine: a script, and WebAssembly."""

    script: str
    wasm: bytes

    @classmethod
    def read(cls, path: Path) -> "Engine":
        """Read the file that `npm pack` writes.

        Raises:
            UserError: it cannot be read, or is another file.
        """
        fetch = f"`npm pack {PACKAGE}` writes it"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise UserError(f"{path}: {error.strerror or error}", fetch) from error
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        if f"sha512-{digest}" != _INTEGRITY:
            raise UserError(f"{path}: is not the npm package {PACKAGE}, by its SHA-512", fetch)
        with tarfile.open(fileobj=BytesIO(content)) as packed:
            files = [packed.extractfile(name) for name in (_SCRIPT, _WASM)]
            script, wasm = (file.read() if file else b"" for file in files)
        return cls(_classic(script.decode()), wasm)


def _classic(module: str) -> str:
    """Return a module without what only a module may say.

    A page that is opened from a folder may start a worker of text that it holds, but no module.
    """
    text = re.sub(r"^export (?=class|function)", "", module, flags=re.MULTILINE)
    text = re.sub(r"^export \{[^}]*\};$", "", text, flags=re.MULTILINE)
    return text.replace("import.meta.url", "self.location")


def write(site: Path, engine: Engine, pages: Contents, graph: bytes) -> None:
    """Write live/ of a site.

    Args:
        site: The folder of the site.
        engine: The engine.
        pages: All pages of the site.
        graph: The whole graph as N-Triples, compressed with gzip.

    Raises:
        OSError: a file cannot be written.
    """
    folder = site / "live"
    folder.mkdir(exist_ok=True)
    worker = (TEMPLATES / "worker.js").read_text(encoding="utf-8")
    parts = {
        "engine": {"code": f"{engine.script}\n{worker}", "wasm": _packed(engine.wasm)},
        "graph": base64.b64encode(graph).decode(),
        "names": _packed(json.dumps(_names(pages), ensure_ascii=False).encode()),
    }
    said = {"engine": f"/* {PACKAGE} (npm), MIT or Apache-2.0, and a worker of sarcoma-kg. */\n"}
    for name, part in parts.items():
        text = f"{said.get(name, '')}sarcomaKg.{name}={json.dumps(part)};\n"
        (folder / f"{name}.js").write_bytes(text.encode())
    (folder / "ask.js").write_bytes((TEMPLATES / "ask.js").read_bytes())


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def _names(pages: Contents) -> dict[str, Any]:
    """Return what the browser must know to show an answer as the packaged ones are shown."""
    questions, facts, links = pages.questions, pages.facts, pages.links
    store = questions.store
    numbered = pages.claims.numbered
    kinds = {p.kind for asked in questions.asked for p in asked.question.parameters} - {DATE}
    states = {
        iri: [
            [ref.label, links.place(ref.iri), tone]
            for ref, tone in state_of(pages.claims.state(iri))
        ]
        for iri in (*pages.claims.all, *pages.claims.propositions)
    }
    things = {iri: [facts.label(iri), links.place(iri)] for iri in links.things}
    return {
        "claims": numbered,
        "kinds": {
            kind: [[lookup.fold(t), iri, rank] for t, iri, rank in questions.names(kind)]
            for kind in sorted(kinds)
        },
        "named": questions.named,
        "prefixes": namespaces.PREFIXES,
        "spellings": [[p.pattern, to.replace("\\", "$")] for p, to in lookup.SPELLINGS],
        "states": states,
        "status": claims.states(store, list(numbered)) if store else {},
        "things": things,
        "tones": {iri: tone for iri in things if (tone := tone_of(facts.ref(iri)))},
    }
