"""Queries mutated from good ones: cut, glued and crossed, with hostile pieces put in."""

import random
import re
from collections.abc import Sequence

from sarcoma_kg.ground import resources
from tests import machine

__all__ = ["SEEDS", "hostile", "mutate"]

_PIECE = re.compile(r"\s+|\w+|.", re.DOTALL)


def _seeds() -> list[str]:
    folder = resources.data_root() / "queries"
    found = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.rq"))]
    if machine.SHARED is not None:
        suite = machine.SHARED / "conformance" / "sparql11-syntax-query"
        found += [path.read_text(encoding="utf-8") for path in sorted(suite.glob("*.rq"))]
    return found + _OWN


#: Forms that the packaged queries do not have, for machines without the W3C's.
_OWN = [
    "ASK { ?s ?p -0.5 . ?s ?q 'SERVICE', \"\"\"from\"\"\" FILTER(?p<'>' && ?p > -1) }",
    "DESCRIBE <http://example.org/from> ?x { ?x ?p 1 }",
    "PREFIX from: <http://example.org/> SELECT ?service { ?service from:Service _:from }",
    "SELECT * { VALUES (?x ?y) { (1 'a'@en) (UNDEF <a:b>) } { SELECT ?x { ?x !<a:b>|^<c> ?y } } }",
    "CONSTRUCT { ?s <a:b> [ <a:c> ( 1 2 ) ] } WHERE { GRAPH ?g { ?s ?p ?o } OPTIONAL { ?s ?q 1 } }",
    "SELECT (GROUP_CONCAT(?x; SEPARATOR='#') AS ?y) { ?x <a:b>/<a:c>* ?z } GROUP BY ?z ORDER BY ?z",
    "BASE <http://example.org/#> ASK { <a> <b> '''x''' } # from here\n",
]  # fmt: skip

SEEDS = _seeds()


def hostile(addresses: Sequence[str]) -> list[str]:
    """Return pieces that would make an engine call one of the addresses, and what may hide them."""
    inside = [f"SERVICE <{a}> {{ ?s ?p ?o }}" for a in addresses]
    inside += [f"SERVICE SILENT<{a}>{{}}" for a in addresses]
    inside += [f"service?x{{}} VALUES ?x {{ <{a}> }}" for a in addresses]
    inside += [f" FROM <{a}> " for a in addresses] + [f" from named<{a}>" for a in addresses]
    inside += [f"S\\u0045RVICE <{a}> {{}}" for a in addresses]
    inside += [f"LOAD <{a}>" for a in addresses] + [f"; LOAD <{a}> ; ASK {{}}" for a in addresses]
    hiding = [
        "FILTER(?p<'>')", "FILTER('' = '')", "FILTER(?s<?q#>\n)", "?s<'>'", "<'>", "'", '"', "'''",
        '"""', "#", "\r", "\n", "\\u0027", "\\U00000023", "\\", "<", ">", "<<", "(", ")", "{", "}",
        "[", "]", ".", ";", ",", "^^", "@from", "-0.5", "-1e3", "_:from", "?from", "from:", "1e9",
        "||", "&&", "!", "*", "/", "UNION", "OPTIONAL{", "FILTER NOT EXISTS {", "SELECT", "BIND(",
        "VALUES ?x {", "GRAPH <a:b> {", "\x00", "\ufeff", "\u2028", "ſervice", "ＦＲＯＭ", "%53",
    ]  # fmt: skip
    return inside * 2 + hiding


def mutate(choice: random.Random, pieces: Sequence[str]) -> str:
    """Return a query with one to four changes, mostly one."""
    words = _PIECE.findall(choice.choice(SEEDS))
    for _ in range(choice.choice((1, 1, 1, 1, 2, 2, 3, 4))):
        at = choice.randrange(len(words) + 1)
        end = min(len(words), at + choice.randint(1, 8))
        kind = choice.randrange(10)
        if kind < 3:
            words.insert(at, choice.choice(pieces))
        elif kind == 3:
            del words[at:end]
        elif kind == 4:
            words[at:at] = words[at:end] * choice.randint(1, 3)
        elif kind == 5:
            other = _PIECE.findall(choice.choice(SEEDS))
            start = choice.randrange(len(other) + 1)
            words[at:end] = other[start : start + choice.randint(1, 40)]
        elif kind == 6 and words:
            words[at % len(words)] = choice.choice(pieces)
        elif kind > 7 and words:
            # One of its own words for another: what stays valid most often.
            own = [i for i, word in enumerate(words) if word[:1].isalpha()]
            words[choice.choice(own or [0])] = words[choice.choice(own or [0])]
        else:
            # What surrounds a group: where a query may hold another.
            places = [i for i, word in enumerate(words) if word in "{}"]
            words.insert(choice.choice(places or [0]) + 1, f" {choice.choice(pieces)} ")
    return "".join(words)
