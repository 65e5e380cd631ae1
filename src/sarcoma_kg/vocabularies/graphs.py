"""NCIt or ChEBI in a syntax of OWL that no stream reads: Turtle, OWL/XML, functional, Manchester.

The file is read as a whole, written as RDF/XML, and that is read by `owlxml`: one rule for what a
class says.
"""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, syntaxes, work
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import loading, owlsyntaxes
from sarcoma_kg.vocabularies import owlxml
from sarcoma_kg.vocabularies.concepts import Concept, Reading

__all__ = ["read"]

_VERSIONS = [namespaces.PREFIXES["owl"] + name for name in ("versionInfo", "versionIRI")]


def read(source: Reading, stream: IO[bytes], syntax: str) -> Iterator[Concept]:
    """Yield the classes of the source's vocabulary.

    Args:
        source: The file.
        stream: What is in it.
        syntax: The name of its syntax.

    Raises:
        UserError: as `loading.read`.
    """
    ending = next(e for e, name in syntaxes.ENDINGS.items() if name == syntax)
    with work.passing() as folder:
        place = folder / f"vocabulary{ending}"
        with place.open("wb") as out:
            shutil.copyfileobj(stream, out)
        triples = _triples(source.path, place)
    flat = (ox.serialize(triples, format=ox.RdfFormat.RDF_XML) or b"").decode()
    # Definitions come as nested elements, and so `owlxml` reads them.
    nested = owlsyntaxes.rdf_xml(str(source.path), flat, syntaxes.MEDIA_TYPES["RDF/XML"])
    yield from owlxml.read(source, io.BytesIO(nested))
    # What it says of its version is written as an attribute there, which `owlxml` passes over.
    said = {t.predicate.value: t.object.value for t in triples if t.predicate.value in _VERSIONS}  # type: ignore[union-attr]
    source.version = source.version or next((said[v] for v in _VERSIONS if v in said), "")


def _triples(path: Path, place: Path) -> list[ox.Triple]:
    try:
        return [quad.triple for quad in loading.read(place)]
    except UserError as error:
        message = error.message.replace(str(place), str(path))
        raise UserError(message, error.hint) from error
