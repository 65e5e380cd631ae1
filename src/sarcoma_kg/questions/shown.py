"""Whatever a name means, as people see it: a dossier, a claim in full, evidence, a reference."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sarcoma_kg.questions import agreement, claims, leads, records, termview
from sarcoma_kg.questions.catalog import Question
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Store
from sarcoma_kg.terms import things
from sarcoma_kg.terms.things import Thing

__all__ = ["Shown", "claims_of", "show"]

#: Claims in a short dossier.
_MOST = 8


class Shown(Mapping[str, Any]):
    """A thing of the graph as plain data; printed, it is a text for people.

    Attributes:
        kind: What it is: Disease, Therapy, Target, Alteration, Class, Claim, Evidence ...
        leads: The commands that lead on from it, with the number of rows of each.
    """

    def __init__(self, kind: str, data: dict[str, Any], onward: Sequence[leads.Lead] = ()) -> None:
        self.kind, self.leads = kind, list(onward)
        self._data = data

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        """Return the text for people."""
        return self.text()

    def _repr_html_(self) -> str:
        """Return properties and values as an HTML table, for notebooks."""
        import html

        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
            for name, value in self.pairs()
        )
        return f"<table><tbody>{rows}</tbody></table>"

    def pairs(self) -> list[tuple[str, str]]:
        """Return property and value, one pair a value; the status of a claim first."""
        if self.kind == "Claim":
            data = self._data
            many = {
                k: v for k, v in data.items() if k not in ("citations", "evidence", "agreement")
            }
            rows = [
                (k, str(x)) for k, v in many.items() for x in (v if isinstance(v, list) else [v])
            ]
            rows += [(e["relation"], e["statement"]) for e in data["evidence"]]
            rows += [("cites", f"[{c['number']}] {c['reference']} -> {c['verdict']}")
                     for c in data["citations"]]  # fmt: skip
            rows.append(("records", agreement.noted(data["agreement"]["told"])))
            order = {"status": 0, "degree": 1, "disputed": 1, "concerned": 1, "standing": 2}
            return sorted(
                ((k, x) for k, x in rows if x and x != "None"), key=lambda row: order.get(row[0], 3)
            )
        if self.kind in things.RECORDS:
            return records.pairs(self._data)
        return [*termview.told(self._data["claims"]), *termview.pairs(self._data)]

    def text(self, width: int = 100, *, short: bool = False) -> str:
        """Return the text for people, wrapped.

        Args:
            width: Columns that a line may take.
            short: A dossier in short, with the commands that lead on.
        """
        most = _MOST if short else None
        if self.kind == "Claim":
            text = claims.full(claims.Claim.of(self._data), width) + "\n"
        elif self.kind in things.RECORDS:
            text = records.render(self._data, width, most=most)
        else:
            text = termview.render(self._data, width, most=most, short=short)
        return text + _onward(self.leads, width) if short else text

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON, the commands that lead on among them."""
        onward = [lead._asdict() for lead in self.leads]
        return {**self._data, **({"leads": onward} if onward else {})}


def show(
    store: Store, thing: Thing, questions: Sequence[Question] = (), *, typed: str = "",
    onward: bool = False,
) -> Shown:  # fmt: skip
    """Return a thing as people see it.

    Args:
        store: The graph.
        thing: What `things.find` found.
        questions: The packaged questions, which may lead on.
        typed: What the user called it, when this is its name alone.
        onward: Whether to count the rows of the commands that lead on.
    """
    if thing.kind == "Claim":
        (claim, *_) = claims_of(store, thing)
        data, name = claim.as_dict(), claim.id
    elif thing.kind in things.RECORDS:
        data = records.view(store, thing.iri, thing.kind)
        name = next(iter(data["said"].get("identifier", ())), data["curie"])
    else:
        data = termview.view(store, thing.iri)
        name = data.get("label") or data["curie"]
    found, name = [], typed or name
    if onward:
        found = leads.leads(store, questions, thing.kind, thing.iri, name)
        found += _beside(thing, data, name)
    return Shown(thing.kind, data, found)


def claims_of(store: Store, thing: Thing) -> list[claims.Claim]:
    """Return a claim, or the claims that a thing is about or touches; disputed ones first."""
    me = Term("iri", thing.iri).sparql()
    if thing.kind == "Claim":
        return claims.read(store, f"VALUES ?c {{ {me} }}")
    if thing.kind in things.RECORDS:
        return records.claims_of(store, thing.iri)
    own, narrower = termview.about(store, thing.iri)
    return [*own, *narrower]


def _beside(thing: Thing, data: dict[str, Any], name: str) -> list[leads.Lead]:
    """Return the other commands that take the thing."""
    if thing.kind == "Claim":
        first = [*data["diseases"][:1], *data["therapies"][:1]]
        return [leads.Lead(leads.typed("show", n), None, "the dossier") for n in first]
    found = []
    if thing.kind in things.RECORDS:
        if data["claims"]:
            found.append(
                leads.Lead(leads.typed("explain", name), None, "the claims it touches, in full")
            )
        return found
    if data["claims"] or data["below"]:
        tells = "the claims in full, with citations and evidence"
        found.append(leads.Lead(leads.typed("explain", name), None, tells))
    for label in data["broader"][:1]:
        found.append(leads.Lead(leads.typed("show", label), None, "the nearest with claims"))
    found.append(leads.Lead(leads.typed("term", name), None, "relations, mappings and all claims"))
    found.append(leads.Lead(leads.typed("tree", name), None, "the classes below it"))
    return found


def _onward(onward: Sequence[leads.Lead], width: int) -> str:
    """Return the commands that lead on, in columns."""
    if not onward:
        return ""
    room = max(len(lead.command) for lead in onward) + 2
    if room + 30 > width:
        pairs = [(f"{lead.command}{_count(lead.rows)}", lead.tells) for lead in onward]
        return "\n" + "".join(f"{command}\n    {tells}\n" for command, tells in pairs)
    told = [(lead.command, f"{_count(lead.rows)} {lead.tells}".strip()) for lead in onward]
    return "\n" + "\n".join(claims.wrapped(told, width, "", room)) + "\n"


def _count(rows: int | None) -> str:
    return "" if rows is None else f" {rows} row{'s' * (rows != 1)}:"
