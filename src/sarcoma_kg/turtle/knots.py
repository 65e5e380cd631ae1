"""An order of blank nodes that depends on what is said of them, never on their labels.

Colour refinement: the colour of a node is a hash of its statements, in which a blank node stands
as its colour, again and again until no more nodes are told apart. Nodes with a colour of their own
are settled, and the others fall into parts that touch only settled nodes, so each part is settled
by itself: its nodes of one colour are tried in turn as the first, and the smallest outcome counts.
Parts and trials with the same outcome are copies of each other, whose order shows in nothing but
the comments above them; there it is that of the document.

RDFC-1.0 gives such an order, too, but runs for hours on nine nodes that are all linked with each
other, and nothing can stop it. Here the work is counted.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import pyoxigraph as ox

from sarcoma_kg.ground.errors import UserError

__all__ = ["ordered"]

_Term = ox.NamedNode | ox.BlankNode | ox.Literal
#: Predicate, direction (1: the other is the object), the other node.
_Link = tuple[str, int, _Term]

#: Nodes and links to look at before we give up; about a second.
_MOST_WORK = 400_000


def ordered(
    nodes: Mapping[_Term, Mapping[str, Iterable[_Term]]],
    wanted: Collection[_Term],
    ignored: str,
    place: str,
) -> list[_Term]:
    """Return blank nodes in an order that is the same for every labelling and order of triples.

    Args:
        nodes: The graph: subject -> predicate -> objects.
        wanted: The blank nodes to put in order.
        ignored: Predicate of statements that do not count.
        place: What messages begin with.

    Raises:
        UserError: Too many nodes look alike.
    """
    return _Order(nodes, wanted, ignored, place).result


class _Order:
    def __init__(
        self,
        nodes: Mapping[_Term, Mapping[str, Iterable[_Term]]],
        wanted: Collection[_Term],
        ignored: str,
        place: str,
    ) -> None:
        objects = (v for own in nodes.values() for values in own.values() for v in values)
        inside = [node for node in nodes if node in wanted]
        inside += [node for node in objects if node in wanted]
        self.wanted = {node: rank for rank, node in enumerate(dict.fromkeys(inside))}
        self.place, self.work = place, 0
        self.knot: list[_Term] = []  # the nodes at hand that are all alike
        self.links: dict[_Term, list[_Link]] = {node: [] for node in self.wanted}
        said: dict[_Term, list[str]] = {}
        for subject, own in nodes.items():
            for predicate, values in own.items():
                for value in values if predicate != ignored else ():
                    if isinstance(subject, ox.BlankNode) and isinstance(value, ox.BlankNode):
                        self.links.setdefault(subject, []).append((predicate, 1, value))
                        self.links.setdefault(value, []).append((predicate, 0, subject))
                    elif isinstance(subject, ox.BlankNode):
                        said.setdefault(subject, []).append(f"{predicate} 1 {value}")
                    elif isinstance(value, ox.BlankNode):
                        said.setdefault(value, []).append(f"{predicate} 0 {subject}")
        # Nodes far from those wanted need no colour.
        members = [n for part in self._parts(self.links) for n in part]
        colours = {node: _hash(sorted(said.get(node, ()))) for node in members}
        self._settle(members, colours)
        self.result = self._ranked(members, colours)

    def _settle(self, members: list[_Term], colours: dict[_Term, str]) -> str:
        """Give the wanted among some nodes colours of their own; return a hash of them all."""
        self._refine(members, colours)
        outcome = _hash(sorted(self._colour(node, colours) for node in members))
        counts = Counter(colours[node] for node in members)
        parts = self._parts([node for node in members if counts[colours[node]] > 1])
        if len(parts) == 1 and len(parts[0]) == len(members):
            tied = [node for node in members if node in self.wanted]
            least = min((counts[colours[node]], colours[node]) for node in tied)[1]
            trials = []
            outermost = not self.knot
            self.knot = self.knot or tied
            for node in tied:
                if colours[node] == least:
                    trial = colours | {node: _hash(["first", least])}
                    self._count(members)
                    trials.append((self._settle(members, trial), trial))
            if outermost:
                self.knot = []
            outcome, best = min(
                trials,
                key=lambda item: (item[0], [self.wanted[n] for n in self._ranked(tied, item[1])]),
            )
            colours.update(best)
            return outcome
        settled = []
        for part in parts:
            earliest = min(self.wanted[node] for node in part if node in self.wanted)
            settled.append((self._settle(part, colours), earliest, part))
        settled.sort(key=lambda item: item[:2])
        for number, (_, _, part) in enumerate(settled):
            for node in part:
                colours[node] += f" {number:09}"
        return _hash([outcome, *(each for each, _, _ in settled)])

    def _ranked(self, members: list[_Term], colours: Mapping[_Term, str]) -> list[_Term]:
        wanted = [node for node in members if node in self.wanted]
        return sorted(wanted, key=lambda node: colours[node])

    def _refine(self, members: list[_Term], colours: dict[_Term, str]) -> None:
        """Compute colours until no more nodes are told apart."""
        before, now = 0, len({colours[node] for node in members})
        while before < now < len(members):
            self._count(members)
            colours.update([(node, self._colour(node, colours)) for node in members])
            before, now = now, len({colours[node] for node in members})

    def _colour(self, node: _Term, colours: Mapping[_Term, str]) -> str:
        links = [f"{verb} {way} {colours[other]}" for verb, way, other in self.links[node]]
        return _hash([colours[node], *sorted(links)])

    def _parts(self, members: Iterable[_Term]) -> list[list[_Term]]:
        """Return the connected parts that hold a wanted node."""
        free = dict.fromkeys(members)
        parts = []
        for start in list(free):
            if start not in free:
                continue
            del free[start]
            part = [start]
            for node in part:  # grows as we go
                for _, _, other in self.links[node]:
                    if other in free:
                        del free[other]
                        part.append(other)
            if any(node in self.wanted for node in part):
                parts.append(part)
        return parts

    def _count(self, members: list[_Term]) -> None:
        self.work += sum(1 + len(self.links[node]) for node in members)
        if self.work > _MOST_WORK:
            tied = self.knot or [node for node in members if node in self.wanted]
            some = ", ".join(sorted(map(str, tied))[:4]) + (", ..." if len(tied) > 4 else "")
            verbs = sorted({f"<{verb}>" for node in tied for verb, _, _ in self.links[node]})
            raise UserError(
                f"{self.place}{len(tied)} blank nodes ({some}) refer to one another through"
                f" {', '.join(verbs[:3])} and are too much alike to be put in order",
                "Give them names (IRIs), or say of each what sets it apart, such as a label.",
            )


def _hash(parts: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
