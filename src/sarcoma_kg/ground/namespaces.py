"""Prefixes of the graph and conversion between CURIEs and IRIs."""

import re

__all__ = ["EXTERNAL", "KB", "PREFIXES", "SKG", "contract", "expand", "is_iri", "is_link"]

SKG = "https://w3id.org/sarcoma-kg/ontology/"
KB = "https://w3id.org/sarcoma-kg/id/"

#: Identifiers of other resources, by the prefix that Bioregistry prefers.
EXTERNAL = {
    "NCIT": "http://purl.obolibrary.org/obo/NCIT_",
    "CHEBI": "http://purl.obolibrary.org/obo/CHEBI_",
    "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
    "DOID": "http://purl.obolibrary.org/obo/DOID_",
    "ONCOTREE": "https://bioregistry.io/oncotree:",
    "ICDO": "https://bioregistry.io/icdo:",
    "UMLS": "https://bioregistry.io/umls:",
    "HGNC": "https://bioregistry.io/hgnc:",
    "NCBIGENE": "https://bioregistry.io/ncbigene:",
    "UNIPROT": "http://purl.uniprot.org/uniprot/",
    "ENSEMBL": "https://bioregistry.io/ensembl:",
    "CHEMBL": "https://bioregistry.io/chembl.compound:",
    "RXNORM": "https://bioregistry.io/rxnorm:",
    "CIVIC": "https://bioregistry.io/civic.",
}

PREFIXES = {
    "skg": SKG,
    "kb": KB,
    "bibo": "http://purl.org/ontology/bibo/",
    "cito": "http://purl.org/spar/cito/",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": "http://www.w3.org/ns/oa#",
    "obo": "http://purl.obolibrary.org/obo/",
    "oboInOwl": "http://www.geneontology.org/formats/oboInOwl#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skgsh": "https://w3id.org/sarcoma-kg/shapes/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sssom": "https://w3id.org/sssom/",
    "vann": "http://purl.org/vocab/vann/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **EXTERNAL,
}

# Everything that SPARQL forbids inside <...> (SPARQL 1.1, production IRIREF).
_NOT_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LINK = re.compile(r"https?://[^/?#@]+(?:[/?#]|\Z)")
_FOLDED = {prefix.lower(): iri for prefix, iri in PREFIXES.items()}
_LONGEST_FIRST = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))


def is_iri(text: str) -> bool:
    """Tell whether `text` is an absolute IRI that may stand between angle brackets."""
    return bool(_ABSOLUTE.match(text)) and not _NOT_IN_IRI.search(text)


def is_link(iri: str) -> bool:
    """Tell whether a page may link to an IRI: http or https, and it leads where it seems to.

    An address with a user or password sends them along, and may pose as another host; direction
    marks and other characters without a shape let it look like another.
    """
    return bool(_LINK.match(iri)) and is_iri(iri) and iri.isprintable()


def expand(curie: str) -> str | None:
    """Return the IRI of a CURIE; None when the prefix is unknown. Prefixes match in any case."""
    prefix, colon, local = curie.partition(":")
    base = _FOLDED.get(prefix.lower()) if colon else None
    if base is None or _NOT_IN_IRI.search(local):
        return None
    return base + local


def contract(iri: str) -> str:
    """Return the CURIE of an IRI, or the IRI itself when no prefix fits."""
    for prefix, base in _LONGEST_FIRST:
        if iri.startswith(base) and len(iri) > len(base):
            return f"{prefix}:{iri[len(base) :]}"
    return iri
