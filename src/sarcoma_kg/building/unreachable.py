"""What of a user's files would escape the shapes: foreign vocabulary, and data on blank nodes."""

from collections.abc import Sequence

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.owl.ontologies import Document

__all__ = ["found"]

_TYPE = namespaces.PREFIXES["rdf"] + "type"
_OWL = namespaces.PREFIXES["owl"]


def found(documents: Sequence[Document]) -> list[Finding]:
    """Return a finding for files without our vocabulary, and for each file with such data."""
    ours = f"<{namespaces.SKG}"
    quads = [quad for document in documents for quad in document.quads]
    if not any(str(q.predicate).startswith(ours) or str(q.object).startswith(ours) for q in quads):
        message = (
            f"Nothing here uses the vocabulary <{namespaces.SKG}>, so no shape was asked. "
            "Check the prefixes."
        )
        names = ", ".join(str(document.path) for document in documents)
        return [Finding("violation", "vocabulary in use", names, "", "", message)]
    findings = []
    for document in documents:
        typed = [q for q in document.quads if q.predicate.value == _TYPE]
        owl = {q.subject for q in typed if str(q.object).startswith(f"<{_OWL}")}
        data = {
            q.subject
            for q in document.quads
            if isinstance(q.subject, ox.BlankNode)
            and q.subject not in owl
            and (
                str(q.predicate).startswith(ours) or (q in typed and str(q.object).startswith(ours))
            )
        }
        if data:
            kinds = sorted({str(q.object)[1:-1] for q in typed if q.subject in data})
            what = namespaces.contract(kinds[0]) if kinds else "one without a type"
            message = (
                f"{len(data)} node(s) without IRI hold data, such as {what}. Claims and what "
                "belongs to them carry IRIs, never blank nodes. Give the node a name."
            )
            path = str(document.path)
            findings.append(Finding("violation", "no blank node", path, "", "", message, path))
    return findings
