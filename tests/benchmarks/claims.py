"""Benchmark data: the real claims, multiplied to any number, with a share of broken ones.

One copy holds what belongs to the claims (sources, references, spans, citation acts, propositions,
values, approvals, external evidence) under names of its own, so that every copy conforms as the
original does: source S1 becomes S3, S5, ..., what carries no source in its name gets a suffix, and
identifiers and labels follow. The ontology and the mappings stand there once.

    python -m tests.benchmarks.claims --claims 10000 --violations 1 --seed 7 out.nt
"""

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyoxigraph as ox

from sarcoma_kg.building import builds
from sarcoma_kg.ground import cache, namespaces

__all__ = ["KINDS", "Pattern", "Summary", "build_folder", "generate", "read"]

KB, SKG = namespaces.PREFIXES["kb"], namespaces.PREFIXES["skg"]
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
IDENTIFIER = "<http://purl.org/dc/terms/identifier>"
CREATED = "<http://purl.org/dc/terms/created>"
SOURCE = "<http://www.w3.org/ns/prov#hadPrimarySource>"
TARGET = "<http://www.w3.org/ns/oa#hasTarget>"
SELECTOR = "<http://www.w3.org/ns/oa#hasSelector>"
START, END = "<http://www.w3.org/ns/oa#start>", "<http://www.w3.org/ns/oa#end>"
#: What kb: holds beside the claims: it is there once, whatever the number of claims.
SHARED = ("mapping-", "curation-")

#: Predicate and object as N-Triples, with {0} and {1} for the numbers of the two sources and {2}
#: for the suffix of the copy.
Pair = tuple[str, str]
Block = dict[str, list[Pair]]


def _skg(name: str) -> str:
    return f"<{SKG}{name}>"


@dataclass(frozen=True)
class Pattern:
    """One copy of the claims as text to fill in, and what is there once."""

    once: list[str]
    block: Block
    claims: list[str]

    def part(self, count: int) -> "Pattern":
        """Return a copy of the first claims, with all they need and nothing that hangs on others.

        External evidence is left out: most of it speaks of several claims.
        """
        kept = set(self.claims[:count])
        todo = list(kept)
        while todo:
            for _, value in self.block[todo.pop()]:
                if value in self.block and value not in kept and value not in self.claims:
                    kept.add(value)
                    todo.append(value)
        block = {
            subject: [(p, o) for p, o in pairs if o in kept or o not in self.block]
            for subject, pairs in self.block.items()
            if subject in kept
        }
        return Pattern([], block, self.claims[:count])


@dataclass
class Summary:
    """What was written."""

    claims: int
    triples: int
    broken: Counter[str]


def build_folder() -> Path:
    """Return the folder of the present build; else of the newest one there is."""
    if (present := builds.current()) is not None:
        return present.folder
    root = Path(cache.cache_root()) / "builds"
    found = [path.parent for path in root.glob("*/asserted.nt")]
    if not found:
        raise SystemExit("no build: run `sarcoma-kg build` first")
    return max(found, key=lambda folder: folder.stat().st_mtime)


def _renamed(text: str) -> str:
    """Return a name with holes where the copies differ."""
    named, holes = re.subn(r"\bS([12])\b", lambda m: f"S{{{int(m[1]) - 1}}}", text)
    return named if holes else f"{text}{{2}}"


def _own(node: object) -> bool:
    return (
        isinstance(node, ox.NamedNode)
        and node.value.startswith(KB)
        and not node.value.startswith(SHARED, len(KB))
    )


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _hollow(node: object, predicate: str = "") -> str:
    """Return a term as N-Triples with holes."""
    if isinstance(node, ox.NamedNode) and _own(node):
        return f"<{KB}{_renamed(_escaped(node.value[len(KB) :]))}>"
    text = _escaped(str(node))
    if isinstance(node, ox.Literal) and predicate == IDENTIFIER:
        return f'"{_renamed(_escaped(node.value))}"'
    if isinstance(node, ox.Literal) and predicate == LABEL:
        return re.sub(r"\bS([12])\b", lambda m: f"S{{{int(m[1]) - 1}}}", text)
    return text


def read(folder: Path) -> Pattern:
    """Read asserted.nt and inferred.nt of a build."""
    once: list[str] = []
    block: Block = {}
    for name in ("asserted.nt", "inferred.nt"):
        for quad in ox.parse(path=str(folder / name), format=ox.RdfFormat.N_TRIPLES):
            if _own(quad.subject):
                predicate = str(quad.predicate)
                pair = (_escaped(predicate), _hollow(quad.object, predicate))
                block.setdefault(_hollow(quad.subject), []).append(pair)
            else:
                once.append(f"{quad.triple} .\n")
    return Pattern(once, block, sorted(s for s in block if s.startswith(f"<{KB}claim-")))


# What can be broken. Each kind returns what the nodes it touches look like afterwards, or nothing
# where the claim has not what it breaks.


def _without(block: Block, claim: str, predicate: str) -> list[Pair]:
    return [pair for pair in block[claim] if pair[0] != predicate]


def _objects(block: Block, subject: str, predicate: str) -> list[str]:
    return [o for p, o in block[subject] if p == predicate]


def _with(predicate: str, value: str) -> Callable[[Block, str], Block]:
    """Return a kind that puts another value in the place of the one there is."""

    def kind(block: Block, claim: str) -> Block:
        if not _objects(block, claim, predicate):
            return {}
        return {claim: [*_without(block, claim, predicate), (predicate, value)]}

    return kind


def _missing(predicate: str) -> Callable[[Block, str], Block]:
    def kind(block: Block, claim: str) -> Block:
        rest = _without(block, claim, predicate)
        return {claim: rest} if len(rest) < len(block[claim]) else {}

    return kind


def _twice(predicate: str, values: tuple[str, str]) -> Callable[[Block, str], Block]:
    def kind(block: Block, claim: str) -> Block:
        rest = _without(block, claim, predicate)
        return {claim: [*rest, *((predicate, value) for value in values)]}

    return kind


def _span_backwards(block: Block, claim: str) -> Block:
    for span in _objects(block, claim, TARGET):
        for selector in _objects(block, span, SELECTOR):
            pairs = block[selector]
            start, end = (_objects(block, selector, p)[0] for p in (START, END))
            rest = [pair for pair in pairs if pair[0] not in {START, END}]
            # The later position is the start, also where another claim has turned the span before.
            low, high = sorted((start, end), key=lambda text: int(text.split('"')[1]))
            return {selector: [*rest, (START, high), (END, low)]}
    return {}


def _other_source(block: Block, claim: str) -> Block:
    """The claim is said to come from the other source, its span and citations do not."""
    other = {f"<{KB}source-S{{0}}>": f"<{KB}source-S{{1}}>"}
    other |= {value: key for key, value in other.items()}
    source = _objects(block, claim, SOURCE)[0]
    if other[source] not in block:
        return {}
    return {claim: [*_without(block, claim, SOURCE), (SOURCE, other[source])]}


def _dangling_citation(block: Block, claim: str) -> Block:
    for act in _objects(block, claim, _skg("hasCitation")):
        rest = [p for p in block[act] if "hasCitedEntity" not in p[0]]
        return {act: [*rest, (_skg("citationVerdict"), _skg("VerdictUnheardOf"))]}
    return {}


KINDS: dict[str, Callable[[Block, str], Block]] = {
    "no wording strength": _missing(_skg("wordingStrength")),
    "no paraphrase": _missing(_skg("paraphrase")),
    "bad wording strength": _with(_skg("wordingStrength"), _skg("Excellent")),
    "drug in the place of the disease": _with(_skg("aboutDisease"), _skg("Imatinib")),
    "disease in the place of the drug": _with(_skg("aboutTherapy"), _skg("Sarcoma")),
    "two directions": _twice(_skg("direction"), (_skg("Supports"), _skg("Mixed"))),
    "paraphrase without language": _with(_skg("paraphrase"), '"Too plain to be right."'),
    "ill-formed date": _with(CREATED, '"soon"^^<http://www.w3.org/2001/XMLSchema#date>'),
    "foreign identifier": _with(IDENTIFIER, '"claim {0} of {2}"'),
    "unknown type": _with(RDF_TYPE, _skg("Claim")),
    "span backwards": _span_backwards,
    "another source than its span": _other_source,
    "citation of nothing": _dangling_citation,
}


def _lines(block: Block, subjects: Iterable[str]) -> str:
    return "".join(f"{s} {p} {o} .\n" for s in subjects for p, o in block[s])


def _copies(pattern: Pattern, claims: int) -> Iterator[Pattern]:
    whole, rest = divmod(claims, len(pattern.claims))
    for _ in range(whole):
        yield pattern
    if rest:
        yield pattern.part(rest)


def generate(
    pattern: Pattern, out: TextIO, claims: int, violations: float = 0, seed: int = 0
) -> Summary:
    """Write N-Triples with a number of claims; memory does not grow with it.

    Args:
        pattern: The real claims.
        out: Where to write.
        claims: How many; at least as many as there are.
        violations: The share of claims to break, in percent.
        seed: Of the choice of claims and of how they are broken.
    """
    if claims < len(pattern.claims):
        raise ValueError(f"at least the {len(pattern.claims)} real claims are needed")
    chance = random.Random(seed)
    chosen = set(chance.sample(range(claims), round(claims * violations / 100)))
    out.writelines(pattern.once)
    summary = Summary(claims, len(pattern.once), Counter())
    plain: dict[int, str] = {}
    done = 0
    for copy, part in enumerate(_copies(pattern, claims)):
        size = len(part.claims)
        block = part.block
        broken = [c for n, c in enumerate(part.claims, done) if n in chosen]
        if broken:
            block = dict(block)
            for claim in broken:
                ways = {name: new for name, kind in KINDS.items() if (new := kind(block, claim))}
                name = chance.choice(list(ways))
                block.update(ways[name])
                summary.broken[name] += 1
            text = _lines(block, block)
        else:
            text = plain.get(size) or plain.setdefault(size, _lines(block, block))
        summary.triples += text.count("\n")
        out.write(text.format(1 + 2 * copy, 2 + 2 * copy, f"-c{copy}" if copy else ""))
        done += size
    return summary


def main() -> int:
    """Write a file and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--violations", type=float, default=0, help="in percent of the claims")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    pattern = read(build_folder())
    with args.out.open("w", encoding="utf-8") as out:
        made = generate(pattern, out, args.claims, args.violations, args.seed)
    sys.stderr.write(f"{made.claims} claims, {made.triples} triples\n")
    for name, count in sorted(made.broken.items()):
        sys.stderr.write(f"  {count:7} {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
