r"""The canonical Turtle form: one text for one content, also after an editor has saved the file.

The OWL API, under Protégé, writes the same axioms in another order and layout, with other prefixes,
and in places as other triples; `owlgraph` levels the triples, this module the rest:

- Subjects come by kind and IRI, predicates by a fixed list and then by name, objects by their
  text. Members of owl:intersectionOf, unionOf, oneOf, members, disjointUnionOf, hasKey and
  withRestrictions are sets (OWL 2 Structural Specification, 2.1): sorted, each once. All other
  lists keep their order, owl:propertyChainAxiom and those of SHACL among them.
- Strings lose ^^xsd:string and language tags are lower case: the same literals in RDF 1.1.
- Numbers and truth values of terms and axioms get XSD's canonical lexical form, since the OWL API
  rewrites them: 0.90 becomes 0.9, "70"^^xsd:decimal the integer 70. Instance data keep digits.
- Blank nodes stand in place where they are trees. An expression given twice, or an owl:Axiom given
  twice, is written once. The target of an annotated axiom is the very node of the axiom (Mapping
  to RDF Graphs, 2.3), and labelled by what it says; OWL API 3.4 writes a copy in its place. Other
  nodes with several parents, or in a circle, are numbered in the order that `knots` gives them.
- Prefixes are the project's, then the file's own. The empty prefix and @base mean another thing
  after each save, so they are never written.
- Only \" and \\ are written as escapes: OWL API 3.4 reads "a\nb" as "anb". For its sake local
  names with a colon, percent sign or backslash are written as IRIs, too.

The text depends on content alone, with one exception: documents with SHACL shapes keep the order
of their subjects, since comments divide them into sections.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces, syntaxes
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.turtle import limits
from sarcoma_kg.turtle.comments import Comments
from sarcoma_kg.turtle.owlgraph import MARK, OwlGraph, Term, canonical

__all__ = ["format_text", "serialize"]

_OWL, _RDF, _XSD = (namespaces.PREFIXES[name] for name in ("owl", "rdf", "xsd"))
_DATATYPE = namespaces.PREFIXES["rdfs"] + "Datatype"
_TYPE, _FIRST = _RDF + "type", _RDF + "first"
_TARGET = _OWL + "annotatedTarget"


def _iris(curies: str) -> list[str | None]:
    return [namespaces.expand(curie) for curie in curies.split()]


_KINDS = _iris(
    "owl:Ontology owl:AnnotationProperty owl:ObjectProperty owl:DatatypeProperty rdfs:Datatype"
    " owl:Class owl:NamedIndividual"
)
_LEADING = _iris(
    "rdf:type owl:versionIRI owl:imports owl:annotatedSource owl:annotatedProperty"
    " owl:annotatedTarget owl:onProperty owl:onDatatype sh:path rdfs:subPropertyOf rdfs:subClassOf"
    " owl:equivalentProperty owl:equivalentClass owl:disjointWith rdfs:label obo:IAO_0000115"
    " obo:IAO_0000119 oboInOwl:hasExactSynonym oboInOwl:hasBroadSynonym"
    " oboInOwl:hasNarrowSynonym oboInOwl:hasRelatedSynonym obo:IAO_0000116"
)
_SETS = _iris(
    "owl:intersectionOf owl:unionOf owl:oneOf owl:members owl:disjointUnionOf owl:hasKey"
    " owl:withRestrictions"
)
_AXIOMS = _iris(
    "owl:Axiom owl:NegativePropertyAssertion owl:AllDisjointClasses owl:AllDisjointProperties"
    " owl:AllDifferent"
)
_SHAPES = _iris("sh:NodeShape sh:PropertyShape")
_SHORT = {
    _XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    _XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    _XSD + "boolean": re.compile(r"true|false"),
}
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_WIDTH = 100
#: Blank nodes in blank nodes; the deepest axiom of the project has 9. Python gives out at some 300.
_DEEPEST = 200
#: The second text is the first one again, or the first had axioms twice.
_MOST_PASSES = 20


def serialize(
    triples: Iterable[ox.Triple],
    prefixes: Mapping[str, str] = namespaces.PREFIXES,
    head: str = "",
) -> str:
    """Return the canonical Turtle text of triples.

    Args:
        triples: The content, in any order.
        prefixes: Names for namespaces that the project has no name for; only those used appear.
        head: Comment lines to stand first.

    Raises:
        UserError: As `format_text`.
    """
    comments = Comments("", "")
    lines = [line for line in head.split("\n") if line]
    comments.head = "".join(line + "\n" if line[0] == "#" else f"# {line}\n" for line in lines)
    return format_text(_Writer(triples, prefixes, "", comments).text(), "")


def format_text(text: str, name: str) -> str:
    """Return the canonical form of a Turtle document.

    Args:
        text: The document.
        name: What to call it in messages, usually its path.

    Raises:
        UserError: The document does not parse, a comment stands inside or behind a statement, a
            string holds a carriage return, blank nodes stand too deeply in each other or are too
            much alike, or a string is too long for the parser.
    """
    # What was written once may leave a node with one parent, which then can stand in place.
    for _ in range(_MOST_PASSES):
        before, text = text, _pass(text, name)
        if text == before:
            return text
    raise UserError(
        f"{name}: found no form that stays the same when it is formatted again",
        "Please report this, with the file.",
    )


def _pass(text: str, name: str) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        raise UserError(f"{name}:{line}: a carriage return without a newline", "Remove it.")
    _parse(text, name)  # first without marks, so that messages count the columns of the file
    comments = Comments(text, name)
    triples, own = _parse(comments.marked, name)
    return _Writer(triples, own, name, comments).text()


def _parse(text: str, name: str) -> tuple[list[ox.Triple], dict[str, str]]:
    limits.check_nesting(text, name)
    try:
        parser = ox.parse(text, format=ox.RdfFormat.TURTLE)
        return [quad.triple for quad in parser], parser.prefixes
    except SyntaxError as error:
        if other := syntaxes.misnamed(name, text):
            raise other from None
        reason = re.sub(r"^Parser error at .*?: ", "", str(error.msg))
        place = f"{name}:{error.lineno}:{error.offset}"
        raise UserError(f"{place}: not Turtle: {reason}", "Correct the line.") from None
    except MemoryError as error:
        raise limits.too_long(name, error) from None
    except (OSError, ValueError) as error:
        raise UserError(f"{name}: not Turtle: {error}", "Correct the file.") from None


class _Writer:
    """Writes one graph; names of namespaces and nodes are decided before the first line."""

    def __init__(
        self,
        triples: Iterable[ox.Triple],
        prefixes: Mapping[str, str],
        name: str,
        comments: Comments,
    ) -> None:
        self.place = f"{name}: " if name else ""
        self.comments = comments
        self.graph = OwlGraph(triples, self.place)
        self.namespaces = self._namespaces(prefixes)
        self.used: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.items: dict[str, list[str]] = {}
        self.subject = ""
        self.depth = 0
        self.targets: dict[tuple[str, str, str], str] = {}
        self.bodies: dict[Term, dict[str, Term]] = {}
        self._name_targets()

    def _namespaces(self, prefixes: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return namespaces and their names, the longest first."""
        names = {iri: name for name, iri in namespaces.PREFIXES.items()}
        own = {iri: name for name, iri in sorted(prefixes.items(), reverse=True) if name}
        nameless = [prefixes.get("", "")]
        for node in self.graph.nodes:
            # What the OWL API calls by the empty prefix, whether or not the file has a name for it.
            if _OWL + "Ontology" in self.graph.types(node):
                nameless += [node.value + "#", node.value + "/"]
        for iri in sorted(set(nameless) - {"", *own}):
            own[iri] = (re.findall(r"[a-z][a-z0-9-]*[a-z0-9]", iri.lower()) or [""])[-1]
        iris = self.graph.iris()
        for iri, name in own.items():
            used = any(i.startswith(iri) and _LOCAL.fullmatch(i[len(iri) :]) for i in iris)
            if used and iri not in names and name and name not in names.values():
                names[iri] = name
        # obo:NCIT_C9118, as every OBO file has it, not NCIT:C9118.
        return [
            (iri, name)
            for iri, name in sorted(names.items(), key=lambda item: (-len(item[0]), item))
            if iri[-1:] in ("/", "#") or not any(iri.startswith(i) for i in names if i != iri)
        ]

    def _name_targets(self) -> None:
        """Label the expressions that annotated axioms share with their annotations."""
        found: dict[tuple[str, str, str], tuple[Term, Term]] = {}
        for node in self.graph.nodes:
            source, predicate, target = self.graph.annotated(node) or (node, "", node)
            if predicate and self.graph.is_expression(target) and target not in self.graph.labels:
                self.subject = str(source)
                text = self._text(target, predicate, False)
                for value in self.graph.get(source, predicate):
                    same = self.graph.is_expression(value) and self._text(value, predicate, False)
                    if same == text:
                        found[source.value, predicate, text] = (source, target)
        taken: dict[str, int] = {}
        for key, (source, target) in sorted(found.items(), key=lambda item: item[0]):
            words = re.findall(r"(?<!\w)(?!owl:|xsd:)[\w-]+:([\w-]+)", key[2], re.ASCII)
            start = re.sub(r"[^A-Za-z0-9_]", "", re.split("[/#]", source.value)[-1])
            label = stem = "_:" + "-".join([start or "x", *(words or ["x"])])[:80].rstrip("-")
            while label in taken:
                taken[stem] += 1
                label = f"{stem}-{taken[stem]}"
            taken[label] = 1
            self.targets[key] = label
            self.bodies.setdefault(source, {})[label] = target

    def _name(self, iri: str) -> str:
        if iri not in self.names:
            self.names[iri] = self._shortest(iri)
        return self.names[iri]

    def _shortest(self, iri: str) -> str:
        for namespace, name in self.namespaces:
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri[len(namespace) :]):
                self.used[name] = namespace
                return f"{name}:{iri[len(namespace) :]}"
        return f"<{iri}>"

    def _literal(self, literal: ox.Literal, exact: bool) -> str:
        value, kind = literal.value, literal.datatype.value
        if "\r" in value:
            raise UserError(
                f"{self.place}a string of {self.subject} holds a carriage return: {value[:40]!r}",
                "Write line ends as plain newlines; a carriage return survives no editor.",
            )
        if not exact:
            value = canonical(value, kind)
        if kind in _SHORT and _SHORT[kind].fullmatch(value):
            return value
        value = value.replace("\\", "\\\\")
        if "\n" in value:
            # Quotation marks are escaped only where they would end the string.
            value = re.sub(r'"{3,}|"+\Z', lambda m: '\\"' * len(m.group()), value)
            text = f'"""{value}"""'
        else:
            text = '"' + value.replace('"', '\\"') + '"'
        if literal.language:
            direction = f"--{literal.direction}" if literal.direction else ""
            return f"{text}@{literal.language.lower()}{direction}"
        return text if kind == _XSD + "string" else f"{text}^^{self._name(kind)}"

    def _text(self, node: Term, predicate: str, exact: bool) -> str:
        """Return a term as it stands in a statement."""
        if isinstance(node, ox.Literal):
            return self._literal(node, exact)
        if isinstance(node, ox.NamedNode):
            return "()" if node.value == _RDF + "nil" else self._name(node.value)
        if node in self.graph.labels:
            return self.graph.labels[node]
        if self.depth == _DEEPEST:
            raise UserError(
                f"{self.place}more than {_DEEPEST} blank nodes stand in each other below"
                f" {self.subject}",
                "Give some of the inner ones names (IRIs).",
            )
        self.depth += 1
        text = self._tree(node, predicate, exact)
        self.depth -= 1
        return text

    def _tree(self, node: Term, predicate: str, exact: bool) -> str:
        """Return a blank node with all that stands in it."""
        exact = exact and not self.graph.is_expression(node)
        cells = self.graph.cells(node)
        if cells and not any(cell in self.graph.labels for cell in cells):
            items = [self._text(self.graph.get(c, _FIRST)[0], "", exact) for c in cells]
            items = sorted(set(items), key=_names_first) if predicate in _SETS else items
            text = f"( {' '.join(items)} )"
            self.items[text] = items
            return text
        rows = [f"{verb} {' , '.join(objects)}" for verb, objects in self._rows(node, exact)]
        return f"[ {' ; '.join(rows)} ]" if rows else "[]"

    def _rows(self, node: Term, exact: bool) -> list[tuple[str, list[str]]]:
        """Return predicates and objects of a subject, in order."""
        rows = []
        about = self.graph.annotated(node)
        for predicate, values in self.graph.nodes.get(node, {}).items():
            if predicate == MARK:
                continue
            once: set[str] = set()
            texts: list[str] = []
            for value in values:
                text = self._text(value, predicate, exact)
                if about and predicate == _TARGET:
                    text = self.targets.get((about[0].value, about[1], text), text)
                elif self.graph.is_expression(value):
                    text = self.targets.get((node.value, predicate, text), text)
                elif isinstance(value, ox.BlankNode):
                    texts.append(text)
                    continue
                once.add(text)
            verb = "a" if predicate == _TYPE else self._name(predicate)
            rank = _LEADING.index(predicate) if predicate in _LEADING else len(_LEADING)
            rows.append((rank, verb, sorted([*texts, *once], key=_names_first)))
        return [(verb, texts) for _, verb, texts in sorted(rows)]

    def _block(self, name: str, node: Term) -> str:
        """Return the statements about one subject."""
        self.subject = name
        types = self.graph.types(node)
        term = any(t.startswith(_OWL) or t == _DATATYPE for t in types)
        lines: list[str] = []
        for verb, objects in self._rows(node, not term and not self.graph.is_expression(node)):
            start = f"{'    ' if lines else name + ' '}{verb}"
            line = f"{start} {' , '.join(objects)}"
            if len(line) + 2 > _WIDTH or "\n" in line:
                if len(objects) > 1:
                    line = f"{start}\n        " + " ,\n        ".join(objects)
                elif objects[0] in self.items:
                    line = "\n        ".join([f"{start} (", *self.items[objects[0]]]) + "\n    )"
            lines.append(line)
        return " ;\n".join(lines) + " .\n" if lines else ""

    def _comment(self, node: Term) -> str:
        marks = sorted(int(mark.value) for mark in self.graph.get(node, MARK))
        return "".join(self.comments.above.pop(mark, "") for mark in marks)

    def text(self) -> str:
        """Return the document."""
        blocks = [block for _, block in sorted(self._blocks(), key=lambda item: item[0])]
        for mark in self.comments.above:
            line = self.comments.lines[mark]
            raise UserError(
                f"{self.place[:-2]}:{line}: a comment stands above a blank node",
                "Move it above the statement about the subject that the node belongs to.",
            )
        prefixes = [f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(self.used.items())]
        parts = [self.comments.head + "".join(prefixes), *blocks, self.comments.tail]
        return "\n".join(part for part in parts if part)

    def _blocks(self) -> Iterator[tuple[tuple[int, str], str]]:
        """Yield the statements of each subject, with what sorts them, comment and annotations."""
        graph = self.graph
        axioms: dict[Term, dict[str, str]] = {}
        loose: dict[str, str] = {}
        in_order = any(graph.types(node) & set(_SHAPES) for node in graph.nodes)
        for number, node in enumerate(list(graph.nodes)):
            if isinstance(node, ox.NamedNode) or node in graph.labels or node in graph.parents:
                continue
            text = self._block("[]", node)
            source = (graph.annotated(node) or (node,))[0]
            if isinstance(source, ox.NamedNode):
                group = axioms.setdefault(source, {})
            elif graph.is_expression(node) or graph.types(node) & set(_AXIOMS):
                group = loose
            else:
                yield (number if in_order else 8, text), self._comment(node) + text
                continue
            group[text] = group.get(text, "") + self._comment(node)
        for text, comment in loose.items():
            yield (8, text), comment + text
        for number, node in enumerate([*graph.nodes, *axioms.keys() - graph.nodes.keys()]):
            if isinstance(node, ox.NamedNode):
                name = self._name(node.value)
                kinds = [_KINDS.index(kind) for kind in graph.types(node) if kind in _KINDS]
                place = (min(kinds, default=7), node.value)
            elif node in graph.labels:
                name = graph.labels[node]
                place = (9, f"{name[3:]:0>9}")
            else:
                continue
            parts = [self._block(name, node)]
            for label, body in sorted(self.bodies.get(node, {}).items()):
                parts.append(self._comment(body) + self._block(label, body))
            for text, comment in sorted(axioms.get(node, {}).items()):
                parts.append(comment + text)
            whole = self._comment(node) + "\n".join(part for part in parts if part)
            if whole:
                yield (number, "") if in_order else place, whole


def _names_first(text: str) -> tuple[bool, str]:
    return text.startswith(("_", "[", "(")), text
