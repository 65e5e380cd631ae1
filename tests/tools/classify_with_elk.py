"""What ELK and OWL API 5 find in an ontology, as JSON; run by test_elk in a process of its own.

python classify_with_elk.py FOLDER_OF_JARS FILE ...
"""

import json
import sys
from pathlib import Path
from typing import Any

from sarcoma_kg.owl import java


def main(jars: Path, files: list[Path]) -> dict[str, Any]:
    """Return for each file what OWL API loads, and the direct subsumptions that ELK finds in it."""
    import jpype

    jpype.startJVM(
        str(java.virtual_machine()), "-Xmx2g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
        *java.ALONE,
        classpath=[str(jar) for jar in sorted(jars.glob("*.jar"))], convertStrings=True,
    )  # fmt: skip
    owlapi = jpype.JPackage("org").semanticweb.owlapi
    elk = jpype.JClass("org.semanticweb.elk.owlapi.ElkReasonerFactory")()
    kinds = owlapi.reasoner.InferenceType
    found = {}
    for path in files:
        manager = owlapi.apibinding.OWLManager.createOWLOntologyManager()
        ontology = manager.loadOntologyFromOntologyDocument(jpype.JClass("java.io.File")(str(path)))
        reasoner = elk.createReasoner(ontology)
        reasoner.precomputeInferences([kinds.CLASS_HIERARCHY])
        classes = {str(c.getIRI()): c for c in ontology.getClassesInSignature()}
        label = manager.getOWLDataFactory().getRDFSLabel()
        search = owlapi.search.EntitySearcher
        found[path.name] = {
            "format": str(manager.getOntologyFormat(ontology).getKey()),
            "axioms": int(ontology.getAxiomCount()),
            "logical": int(ontology.getLogicalAxiomCount()),
            "labels": {
                iri: sorted(
                    str(note.getValue().asLiteral().get().getLiteral())
                    for note in search.getAnnotationObjects(c, ontology, label).toArray()
                )
                for iri, c in classes.items()
            },
            "above": sorted(
                (iri, str(sup.getIRI()))
                for iri, c in classes.items()
                for node in reasoner.getSuperClasses(c, True).getNodes()
                for sup in node.getEntities()
                if not sup.isOWLThing()
            ),
            "same": sorted(
                (iri, str(other.getIRI()))
                for iri, c in classes.items()
                for other in reasoner.getEquivalentClasses(c).getEntities()
                if str(other.getIRI()) != iri
            ),
            "empty": sorted(
                str(c.getIRI())
                for c in reasoner.getUnsatisfiableClasses().getEntities()
                if not c.isOWLNothing()
            ),
        }
        reasoner.dispose()
    return found


if __name__ == "__main__":
    answer = main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
    sys.stdout.write(json.dumps(answer) + "\n")
