"""OBO 1.4 of an ontology: terms and relations for the tools that read this syntax only.

Written are classes and properties, their names, definitions, synonyms, cross-references, parents,
definitions by genus and differentiae, existential relations, disjointness, state, and what else is
said of them as property values. Texts have no language there; axioms of other forms, individuals
and annotations of axioms but cross-references are left out, which `losses` tells.
http://purl.obolibrary.org/obo/oboformat/
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from sarcoma_kg.ground import namespaces

__all__ = ["render"]

_P = namespaces.PREFIXES
_OWL, _RDFS, _OBO, _IN_OWL = _P["owl"], _P["rdfs"], _P["obo"], _P["oboInOwl"]
_TYPE = _P["rdf"] + "type"
_LABEL, _COMMENT, _DEFINITION = _RDFS + "label", _RDFS + "comment", _OBO + "IAO_0000115"
_XREF, _SUBSET = _IN_OWL + "hasDbXref", _IN_OWL + "inSubset"
_SCOPES = {
    f"{_IN_OWL}has{scope}Synonym": scope.upper()
    for scope in ("Exact", "Broad", "Narrow", "Related")
}
#: Predicate -> tag, of values that are names.
_NAMES = {
    _OBO + "IAO_0100001": "replaced_by",
    _IN_OWL + "consider": "consider",
    _OWL + "inverseOf": "inverse_of",
    _RDFS + "domain": "domain",
    _RDFS + "range": "range",
}
_TEXTS = {
    _IN_OWL + "hasOBONamespace": "namespace",
    _IN_OWL + "hasAlternativeId": "alt_id",
    _IN_OWL + "created_by": "created_by",
    _IN_OWL + "creation_date": "creation_date",
}
_STATES = {
    "TransitiveProperty": "is_transitive",
    "SymmetricProperty": "is_symmetric",
    "AsymmetricProperty": "is_asymmetric",
    "ReflexiveProperty": "is_reflexive",
    "FunctionalProperty": "is_functional",
    "InverseFunctionalProperty": "is_inverse_functional",
}
#: Tags of a term in the order of the guide.
_ORDER = (
    "id", "name", "namespace", "alt_id", "def", "comment", "subset", "synonym", "xref",
    "property_value", "domain", "range", "is_anti_symmetric", "is_cyclic", "is_reflexive",
    "is_symmetric", "is_asymmetric", "is_transitive", "is_functional", "is_inverse_functional",
    "is_a", "intersection_of", "union_of", "disjoint_from", "inverse_of", "transitive_over",
    "relationship", "is_obsolete", "replaced_by", "consider", "created_by", "creation_date",
    "is_metadata_tag",
)  # fmt: skip
_SYNONYM_TYPE = _IN_OWL + "hasSynonymType"
#: What a property is under that the header defines -> the tag that does.
_DEFINED = {
    _IN_OWL + "SubsetProperty": "subsetdef",
    _IN_OWL + "SynonymTypeProperty": "synonymtypedef",
}
_SHOWN = _OWL + "annotatedTarget"
_IN_HEADER = (
    _TYPE, _OWL + "versionIRI", _OWL + "imports", _COMMENT, _IN_OWL + "default-namespace",
    _IN_OWL + "hasOBOFormatVersion",
)  # fmt: skip
#: Said by tags and by the form of the file.
_STRUCTURE = {_TYPE, _RDFS + "subClassOf", _RDFS + "subPropertyOf", _OWL + "equivalentClass",
              _OWL + "disjointWith", _OWL + "deprecated", _OWL + "propertyChainAxiom",
              _IN_OWL + "id"}  # fmt: skip


def render(triples: Iterable[ox.Triple]) -> str:
    """Return the OBO document of an ontology; its terms are sorted by identifier."""
    return _Document(triples).text()


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.Literal) else ""


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


class _Document:
    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.about: dict[object, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
        for triple in sorted(set(triples), key=str):
            self.about[triple.subject][triple.predicate.value].append(triple.object)
        self.spaces: dict[str, str] = {}
        self.xrefs: dict[tuple[str, str, object], list[str]] = defaultdict(list)
        self.types: dict[tuple[str, str, object], list[str]] = defaultdict(list)
        for said in self.about.values():
            source = [_iri(s) for s in said.get(_OWL + "annotatedSource", ())]
            predicate = [_iri(p) for p in said.get(_OWL + "annotatedProperty", ())]
            if source and predicate and said.get(_SHOWN):
                found = [getattr(x, "value", "") for x in said.get(_XREF, ())]
                key = source[0], predicate[0], said[_SHOWN][0]
                self.xrefs[key] += found
                self.types[key] += filter(None, map(_iri, said.get(_SYNONYM_TYPE, ())))

    def text(self) -> str:
        frames = []
        for subject in sorted(filter(_iri, self.about), key=_iri):
            kinds = {_iri(kind) for kind in self.about[subject][_TYPE]}
            if _OWL + "Class" in kinds:
                frames.append(self._frame("Term", _iri(subject), kinds))
            elif kinds & {_OWL + "ObjectProperty", _OWL + "AnnotationProperty"}:
                frames.append(self._frame("Typedef", _iri(subject), kinds))
        return "\n\n".join(["\n".join(self._header()), *frames]) + "\n"

    def _header(self) -> Iterator[str]:
        yield "format-version: 1.4"
        heads = [
            subject for subject, said in self.about.items()
            if any(_iri(kind) == _OWL + "Ontology" for kind in said[_TYPE])
        ]  # fmt: skip
        said = self.about[heads[0]] if heads else {}
        if versions := [_iri(v) for v in said.get(_OWL + "versionIRI", ())]:
            yield f"data-version: {_escaped(versions[0])}"
        yield from sorted(self._definitions())
        for value in said.get(_IN_OWL + "default-namespace", ())[:1]:
            yield f"default-namespace: {_escaped(_text(value))}"
        yield from sorted(f"idspace: {p} {space}" for space, p in self.spaces.items())
        for place in said.get(_OWL + "imports", ()):
            yield f"import: {_iri(place)}"
        name = _iri(heads[0]) if heads else ""
        known = re.fullmatch(re.escape(_OBO) + r"(\w+)\.owl", name)
        yield f"ontology: {known[1] if known else name or 'unnamed'}"
        yield from (f"remark: {_escaped(_text(value))}" for value in said.get(_COMMENT, ()))
        for predicate, values in sorted(said.items()):
            if predicate not in _IN_HEADER:
                yield from (self._property_value(predicate, v) for v in values)

    def _definitions(self) -> Iterator[str]:
        """Yield what defines subsets, and types of synonyms."""
        for subject, said in self.about.items():
            for above in map(_iri, said.get(_RDFS + "subPropertyOf", ())):
                if above in _DEFINED and (name := _iri(subject)):
                    texts = [*said.get(_COMMENT, ()), *said.get(_LABEL, ())]
                    shown = _text(texts[0]) if texts else name
                    yield f"{_DEFINED[above]}: {self._name(name)} {_quoted(shown)}"

    def _name(self, iri: str) -> str:
        """Return the identifier of an IRI; its prefix gets a line in the header."""
        if found := re.fullmatch(re.escape(_OBO) + r"([A-Za-z]+)_(\w+)", iri):
            return f"{found[1]}:{found[2]}"
        curie = namespaces.contract(iri)
        prefix, _, local = curie.partition(":")
        if curie != iri and re.fullmatch(r"[\w.-]+", local):
            self.spaces[iri[: -len(local)]] = prefix
            return curie
        return _escaped(iri)

    def _frame(self, kind: str, iri: str, kinds: set[str]) -> str:
        lines: dict[str, list[str]] = defaultdict(list)
        said = self.about[ox.NamedNode(iri)]
        for predicate, values in said.items():
            for value in values:
                self._said(lines, iri, predicate, value)
        for name, tag in _STATES.items():
            if _OWL + name in kinds:
                lines[tag].append("true")
        if _OWL + "AnnotationProperty" in kinds:
            lines["is_metadata_tag"].append("true")
        lines["id"] = [self._name(iri)]
        body = [f"{tag}: {value}" for tag in _ORDER for value in sorted(set(lines.get(tag, ())))]
        return "\n".join([f"[{kind}]", *body])

    def _said(self, lines: dict[str, list[str]], iri: str, predicate: str, value: object) -> None:
        text = value.value if isinstance(value, ox.Literal) else ""
        if predicate == _LABEL:
            lines["name"] = [*lines["name"], _escaped(text)][:1]
        elif predicate == _COMMENT and not lines["comment"]:
            lines["comment"].append(_escaped(text))
        elif predicate == _DEFINITION and not lines["def"]:
            lines["def"].append(f"{_quoted(text)} {self._references(iri, predicate, value)}")
        elif predicate in _SCOPES:
            references = self._references(iri, predicate, value)
            # Two types of one synonym have no place here.
            kind = [self._name(t) for t in sorted(self.types[iri, predicate, value])[:1]]
            words = [_quoted(text), _SCOPES[predicate], *kind, references]
            lines["synonym"].append(" ".join(words))
        elif predicate == _XREF and text:
            lines["xref"].append(_escaped(text))
        elif predicate == _SUBSET and _iri(value):
            lines["subset"].append(self._name(_iri(value)))
        elif predicate == _OWL + "deprecated":
            lines["is_obsolete"] += ["true"] if text in ("true", "1") else []
        elif predicate in (_RDFS + "subClassOf", _RDFS + "subPropertyOf"):
            self._above(lines, value)
        elif predicate == _OWL + "equivalentClass":
            lines["intersection_of"] += self._parts(value)
        elif predicate == _OWL + "disjointWith" and _iri(value):
            lines["disjoint_from"].append(self._name(_iri(value)))
        elif predicate in _NAMES:
            lines[_NAMES[predicate]] += [self._name(_iri(value))] if _iri(value) else []
        elif predicate in _TEXTS and text:
            lines[_TEXTS[predicate]].append(_escaped(text))
        elif predicate not in _STRUCTURE and not isinstance(value, ox.BlankNode):
            lines["property_value"].append(
                self._property_value(predicate, value).removeprefix("property_value: ")
            )

    def _references(self, iri: str, predicate: str, value: object) -> str:
        found = sorted(set(self.xrefs.get((iri, predicate, value), ())))
        return "[" + ", ".join(re.sub(r"([\\,\]\[])", r"\\\1", x) for x in found) + "]"

    def _above(self, lines: dict[str, list[str]], value: object) -> None:
        if _iri(value):
            lines["is_a"].append(self._name(_iri(value)))
        elif relation := self._relation(value):
            lines["relationship"].append(relation)

    def _relation(self, node: object) -> str:
        """Return property and class of an existential restriction; empty for anything else."""
        said = self.about.get(node, {})
        on = [_iri(p) for p in said.get(_OWL + "onProperty", ())]
        some = [_iri(c) for c in said.get(_OWL + "someValuesFrom", ())]
        return f"{self._name(on[0])} {self._name(some[0])}" if any(on) and any(some) else ""

    def _parts(self, node: object) -> list[str]:
        """Return the members of a definition by genus and differentiae; none for anything else."""
        at = next(iter(self.about.get(node, {}).get(_OWL + "intersectionOf", ())), None)
        parts = []
        while isinstance(at, ox.BlankNode):
            cell = self.about[at]
            (member,) = cell[_P["rdf"] + "first"] or [None]
            parts.append(self._name(_iri(member)) if _iri(member) else self._relation(member))
            (at,) = cell[_P["rdf"] + "rest"] or [None]
        return parts if len(parts) > 1 and all(parts) else []

    def _property_value(self, predicate: str, value: object) -> str:
        name = self._name(predicate)
        if isinstance(value, ox.Literal):
            datatype = self._name(value.datatype.value)
            datatype = "xsd:string" if value.language else datatype
            return f"property_value: {name} {_quoted(value.value)} {datatype}"
        return f"property_value: {name} {self._name(_iri(value))}"


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n")
    return re.sub(r"([{}!])", r"\\\1", text)


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n")
    return f'"{text}"'
