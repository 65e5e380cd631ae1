"""The process that runs Java: requests as JSON on standard input, an answer to each on output.

The virtual machine lives in this process and ends with it, so that a failure in Java is no failure
of the caller. `java` starts it, and nobody else: the first line tells how to start the machine,
each that follows is a task. It opens no address and reads no import that the request does not map,
whichever library would: the reasoner, or either version of the OWL API. The versions differ in
places, which is why some calls ask for what is there.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["main"]

# Names of the ontologies that this process and the OWL API make.
_OURS = ("urn:sarcoma-kg:", "owlapi:")
_ASSERTIONS = re.compile("Assertion|Individual")
Request = dict[str, Any]


class _Package:
    """A Java package whose classes are found by name: JPype would list all jars for it first.

    Args:
        path: Its name, with dots.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Any:
        from jpype import JClass

        below = f"{self._path}.{name}"
        return JClass(below) if name[0].isupper() else _Package(below)


def _start(request: Request) -> Any:
    """Start the virtual machine and return the package of the OWL API."""
    import jpype

    _allow_addresses()
    jpype.startJVM(
        request["jvm"],
        "-Xmx2g",
        "-XX:+UseSerialGC",
        # A task takes a second; the second compiler would take longer than it saves.
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        *request["options"],
        classpath=request["classpath"],
        convertStrings=True,
    )  # fmt: skip
    jpype.JClass("java.net.URL").setURLStreamHandlerFactory(_no_handlers())
    return _Package("org.semanticweb.owlapi")


def _allow_addresses() -> None:
    """Take back a limit on addresses: the virtual machine has its own, of the memory it uses."""
    try:
        import resource
    except ImportError:  # on Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _no_handlers() -> Any:
    """Return a factory by which this process can open no URL but those of its own files."""
    from jpype import JImplements, JOverride

    @JImplements("java.net.URLStreamHandlerFactory")
    class Handlers:
        @JOverride  # type: ignore[untyped-decorator]
        def createURLStreamHandler(self, scheme: str) -> None:  # noqa: N802
            # Java's own handler of jar: opens the address inside it, which comes here again.
            if str(scheme).lower() not in {"file", "jar", "jrt"}:
                raise PermissionError(f"{scheme}: nothing is fetched")

    return Handlers()


def _only(owlapi: Any, catalog: dict[str, Any]) -> Any:
    """Return a mapper that knows the catalog, and refuses every other import."""
    from jpype import JImplements, JOverride

    @JImplements(owlapi.model.OWLOntologyIRIMapper)
    class Catalog:
        @JOverride  # type: ignore[untyped-decorator]
        def getDocumentIRI(self, wanted: Any) -> Any:  # noqa: N802
            place = catalog.get(str(wanted))
            # An ontology that this process makes is asked for too.
            if place is None and not str(wanted).startswith(_OURS):
                raise PermissionError(f"<{wanted}> lies in no catalog, and nothing is fetched")
            return place

    return Catalog()


def _manager(owlapi: Any, request: Request) -> Any:
    """Return a manager that finds every import through the catalog."""
    from jpype import JClass

    iri, file = owlapi.model.IRI, JClass("java.io.File")
    manager = owlapi.apibinding.OWLManager.createOWLOntologyManager()
    places = {name: iri.create(file(path)) for name, path in request["catalog"].items()}
    mapper = _only(owlapi, places)
    if hasattr(manager, "addIRIMapper"):
        manager.addIRIMapper(mapper)
    else:
        manager.getIRIMappers().clear()
        manager.getIRIMappers().add(mapper)
    return manager


def _load(manager: Any, path: str) -> Any:
    from jpype import JClass

    file = JClass("java.io.File")(path)
    wanted = manager.getOntologyDocumentIRI
    for ontology in manager.getOntologies():
        if str(wanted(ontology)) == str(file.toURI()):
            return ontology
    return manager.loadOntologyFromOntologyDocument(file)


def _logical(ontologies: Iterable[Any]) -> list[Any]:
    """Return the axioms about classes and properties, without annotations."""
    kept = []
    for ontology in ontologies:
        for axiom in ontology.getAxioms():
            kind = str(axiom.getAxiomType().getName())
            if kind == "Declaration" or (axiom.isLogicalAxiom() and not _ASSERTIONS.search(kind)):
                kept.append(axiom.getAxiomWithoutAnnotations())
    return kept


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _profile(owlapi: Any, request: Request) -> Request:
    """Load every document with its imports; check OWL 2 DL, and OWL 2 EL without assertions."""
    manager = _manager(owlapi, request)
    loaded = [_load(manager, path) for path in request["documents"]]
    everything = list(manager.getOntologies())
    places = {str(o.getOntologyID()): str(manager.getOntologyDocumentIRI(o)) for o in everything}
    factory = manager.getOWLDataFactory()
    iri = owlapi.model.IRI
    root = manager.createOntology(iri.create("urn:sarcoma-kg:everything"))
    for ontology in loaded:
        identifier = ontology.getOntologyID().getOntologyIRI()
        name = identifier.get() if hasattr(identifier, "isPresent") else identifier
        manager.applyChange(owlapi.model.AddImport(root, factory.getOWLImportsDeclaration(name)))
    found = []

    def add(profile: str, report: Any) -> None:
        for violation in report.getViolations():
            text = re.sub(r" in OntologyID\(.*", "]", _short(str(violation)))
            if profile == "OWL 2 EL" and "undeclared" in text:
                continue  # a breach of OWL 2 DL, and told there
            identifier = violation.getOntologyID() if hasattr(violation, "getOntologyID") else None
            found.append(
                {
                    "profile": profile,
                    "text": text,
                    "document": places.get(str(identifier), ""),
                }
            )

    add("OWL 2 DL", owlapi.profiles.OWL2DLProfile().checkOntology(root))
    other = owlapi.apibinding.OWLManager.createOWLOntologyManager()
    tbox = other.createOntology(iri.create("urn:sarcoma-kg:tbox"))
    for axiom in _logical(everything):
        other.applyChange(owlapi.model.AddAxiom(tbox, axiom))
    add("OWL 2 EL", owlapi.profiles.OWL2ELProfile().checkOntology(tbox))
    classes = {str(c.getIRI()) for o in everything for c in o.getClassesInSignature()}
    individuals = {str(i.getIRI()) for o in everything for i in o.getIndividualsInSignature()}
    return {
        "documents": sorted(places.values()),
        "violations": found,
        "punned": sorted(classes & individuals),
    }


def _resave(owlapi: Any, request: Request) -> Request:
    """Load each document and save it as Turtle, as an editor does."""
    from jpype import JClass

    modern = "owlapi.formats.TurtleDocumentFormat"
    try:
        turtle = JClass(f"org.semanticweb.{modern}")
    except TypeError:
        turtle = JClass("org.coode.owlapi.turtle.TurtleOntologyFormat")
    for path, target in request["pairs"]:
        manager = _manager(owlapi, request)
        ontology = _load(manager, path)
        form = turtle()
        before = manager.getOntologyFormat(ontology)
        if (
            before.isPrefixOWLOntologyFormat()
            if hasattr(before, "isPrefixOWLOntologyFormat")
            else before.isPrefixOWLDocumentFormat()
        ):
            form.copyPrefixesFrom(
                before.asPrefixOWLOntologyFormat()
                if hasattr(before, "asPrefixOWLOntologyFormat")
                else before.asPrefixOWLDocumentFormat()
            )
        place = owlapi.model.IRI.create(JClass("java.io.File")(target))
        manager.saveOntology(ontology, form, place)
    return {"saved": len(request["pairs"])}


def _labels(owlapi: Any, labels: dict[str, str]) -> Any:
    """Return what names entities in axioms: by label, in quotes where it has several words."""
    from jpype import JImplements, JOverride

    @JImplements(owlapi.util.ShortFormProvider)
    class Labels:
        @JOverride  # type: ignore[untyped-decorator]
        def getShortForm(self, entity: Any) -> str:  # noqa: N802
            iri = str(entity.getIRI())
            name = labels.get(iri, iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1])
            return name if re.fullmatch(r"\w+", name) else f"'{name}'"

        @JOverride  # type: ignore[untyped-decorator]
        def dispose(self) -> None:
            pass

    return Labels()


def _explain(owlapi: Any, request: Request) -> Request:
    """Return a minimal set of axioms behind `sub` under `super`, for each pair asked for."""
    from jpype import JClass

    manager, hash_set = _manager(owlapi, request), JClass("java.util.HashSet")
    ontology = _load(manager, request["documents"][0])
    factory, iri = manager.getOWLDataFactory(), owlapi.model.IRI
    reasoners = JClass("org.semanticweb.HermiT.Reasoner").ReasonerFactory()
    kinds = JClass("uk.ac.manchester.cs.owlapi.modularity.ModuleType")
    extractor = JClass("uk.ac.manchester.cs.owlapi.modularity.SyntacticLocalityModuleExtractor")
    black_box = JClass("com.clarkparsia.owlapi.explanation.BlackBoxExplanation")
    writer = JClass("uk.ac.manchester.cs.owl.owlapi.mansyntaxrenderer."
                    "ManchesterOWLSyntaxOWLObjectRendererImpl")()  # fmt: skip
    writer.setShortFormProvider(_labels(owlapi, request["labels"]))
    answers: list[list[str] | None] = []
    for sub, sup in request["pairs"]:
        lower = factory.getOWLClass(iri.create(sub))
        upper = factory.getOWLClass(iri.create(sup)) if sup else factory.getOWLNothing()
        concept = factory.getOWLObjectIntersectionOf(lower, upper.getObjectComplementOf())
        signature = hash_set()
        for entity in (lower, upper):
            signature.add(entity)
        # The module keeps every entailment over the signature and is small, so each test is quick.
        axioms = hash_set()
        for axiom in extractor(manager, ontology, kinds.STAR).extract(signature):
            axioms.add(axiom.getAxiomWithoutAnnotations())
        module = manager.createOntology(axioms)
        reasoner = reasoners.createNonBufferingReasoner(module)
        if reasoner.isSatisfiable(concept):
            answers.append(None)
            continue
        because = black_box(module, reasoners, reasoner).getExplanation(concept)
        answers.append(sorted(_short(str(writer.render(a))).strip() for a in because))
        reasoner.dispose()
    return {"answers": answers}


def _classify(owlapi: Any, request: Request) -> Request:
    """Write the classes' taxonomy in functional syntax."""
    from jpype import JClass

    ontology = _load(_manager(owlapi, request), request["document"])
    hermit = JClass("org.semanticweb.HermiT.Reasoner")
    reasoner = hermit(JClass("org.semanticweb.HermiT.Configuration")(), ontology)
    reasoner.classifyClasses()
    out = JClass("java.io.PrintWriter")(request["target"], "UTF-8")
    # Classes; no properties of either kind, no individuals.
    reasoner.dumpHierarchies(out, True, False, False, False)
    out.close()
    return {"failed": bool(out.checkError())}


_TASKS: dict[str, Callable[[Any, Request], Request]] = {
    "classify": _classify,
    "profile": _profile,
    "resave": _resave,
    "explain": _explain,
}


def _words(error: Exception) -> str:
    return str(error).strip() or type(error).__name__


def main() -> int:
    """Answer requests until there are no more; a failure is an answer, in words."""
    # What a library prints is no answer.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    owlapi: Any = None
    for line in sys.stdin:
        try:
            if owlapi is None:
                owlapi = _start(json.loads(line))
                continue
            request = json.loads(line)
            answer: Request = {"answer": _TASKS[request["task"]](owlapi, request)}
        except Exception as error:  # whatever Java throws ends here
            answer = {"failed": _words(error)}
        out.write(json.dumps(answer) + "\n")
        out.flush()
        if owlapi is None:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
