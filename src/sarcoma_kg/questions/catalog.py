"""The packaged questions: one .rq file each, with a grlc header and parameters.

A parameter `disease` is the variable `?_disease`, bound in the query by
`VALUES ?_disease { <default> }`, so that the file runs as it stands in any SPARQL 1.1 engine.
Asking with another value exchanges what stands between those braces for one validated term; no
other character of the query can change. A parameter of the kind `date` is a day, there
`"2026-11-28"^^xsd:date`; the one called `asOf` has the version date of the data as its default.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["AS_OF", "DATE", "VALUES", "Parameter", "Question", "find", "load", "read"]

#: The kind of a parameter that is a day, and the one that says for which day a question is asked.
DATE, AS_OF = "date", "asOf"

#: The VALUES block that binds a parameter to its default.
VALUES = r"VALUES\s+\?_([a-z]\w*)\s*\{\s*([^{}\s]+)\s*\}"
_FILE = r"(CQ\d\d)-([a-z0-9-]+)\.rq"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


class Parameter(NamedTuple):
    """A parameter: its name, its kind (Disease, Therapy ... or `DATE`) and its default.

    The default is an IRI, or a day as YYYY-MM-DD.
    """

    name: str
    kind: str
    default: str

    @property
    def option(self) -> str:
        """The name as an option is written: as-of for asOf."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in self.name)

    def term(self, value: str) -> Term:
        """Return a value as the term that stands in the query.

        Raises:
            ValueError: it is no day, where one is wanted.
        """
        if self.kind != DATE:
            return Term("iri", value)
        import re
        from datetime import date

        if not re.fullmatch(_DAY, value):
            raise ValueError("a day is written YYYY-MM-DD")
        date.fromisoformat(value)
        return Term("literal", value, namespaces.PREFIXES["xsd"] + "date")


class Question(NamedTuple):
    """A packaged question; `template` alternates query text and parameter names.

    `note` says what people must know of its answer, such as what it leaves out. `records` are the
    columns of the answer that name evidence records of databases, by their numbers.
    """

    id: str
    slug: str
    summary: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    template: tuple[str, ...]
    note: str = ""
    records: tuple[str, ...] = ()

    def query(self, values: dict[str, str] | None = None) -> str:
        """Return the SPARQL text with other terms in place of the defaults.

        Args:
            values: Parameter name -> IRI, or day as YYYY-MM-DD.

        Raises:
            ValueError: a value that is no IRI, or no day.
        """
        given = values or {}
        known = {p.name: p for p in self.parameters}
        parts = list(self.template)
        for position in range(1, len(parts), 2):
            parameter = known[parts[position]]
            value = given.get(parameter.name, parameter.default)
            parts[position] = parameter.term(value).sparql()
        return "".join(parts)

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name; asOf is also as-of and as_of, in any case."""
        wanted = _plain(name)
        return next((p for p in self.parameters if _plain(p.name) == wanted), None)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for the catalog of a build."""
        return {
            "id": self.id,
            "slug": self.slug,
            "summary": self.summary,
            "tags": list(self.tags),
            "parameters": [[p.name, p.kind, p.default] for p in self.parameters],
            "template": list(self.template),
            "note": self.note,
            "records": list(self.records),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Question":
        """Return the question that `as_dict` described."""
        return cls(
            data["id"],
            data["slug"],
            data["summary"],
            tuple(data["tags"]),
            tuple(Parameter(*row) for row in data["parameters"]),
            tuple(data["template"]),
            data.get("note", ""),
            tuple(data.get("records", ())),
        )


def read(path: "Path") -> Question:
    """Parse one question file.

    Raises:
        UserError: a malformed name, header or query, with file and reason.
    """
    import re

    import yaml

    from sarcoma_kg.sparql.guard import check_read_only

    named = re.fullmatch(_FILE, path.name)
    if not named:
        raise UserError(f"{path}: a question file is named CQnn-words-with-hyphens.rq")
    text = path.read_text(encoding="utf-8")
    header = "\n".join(line[3:] for line in text.splitlines() if line.startswith("#+ "))
    try:
        fields = yaml.safe_load(header)
        summary, tags = fields["summary"], fields.get("tags") or []
        declared = fields.get("params") or {}
    except (yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"{path}: malformed header: {str(error).splitlines()[0]}",
            "lines '#+ summary: ...', '#+ tags: [...]' and '#+ params: {...}' in YAML",
        ) from error
    body = text
    template: list[str] = []
    parameters = []
    end = 0
    for found in re.finditer(VALUES, body):
        name, value = found.groups()
        if name not in declared:
            raise UserError(f"{path}: parameter ?_{name} is not declared in the header")
        kind, written = str(declared[name]["type"]), str(declared[name]["default"])
        default = written if kind == DATE else namespaces.expand(written)
        stands = _day(value) if kind == DATE else namespaces.expand(value)
        if default is None or stands != default:
            raise UserError(f"{path}: the default of ?_{name} differs between header and VALUES")
        template += [body[end : found.start(2)], name]
        end = found.end(2)
        parameters.append(Parameter(name, kind, default))
    template.append(body[end:])
    missing = set(declared) - {p.name for p in parameters}
    if missing or len({p.name for p in parameters}) != len(parameters):
        raise UserError(f"{path}: each declared parameter needs one VALUES block", str(missing))
    question = Question(
        named.group(1), named.group(2), str(summary), tuple(tags), tuple(parameters),
        tuple(template), str(fields.get("description") or ""), tuple(fields.get("records") or ()),
    )  # fmt: skip
    check_read_only(question.query(), str(path))
    return question


def _day(term: str) -> str | None:
    """Return the day of an xsd:date as a query writes it; None when it is none."""
    import re

    found = re.fullmatch(rf'"({_DAY})"\^\^xsd:date', term)
    return found[1] if found else None


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").casefold()


def load() -> list[Question]:
    """Return all packaged questions in the order of their numbers."""
    from sarcoma_kg.ground import resources

    folder = resources.data_root() / "queries" / "competency"
    return [read(path) for path in sorted(folder.glob("*.rq"))]


def find(questions: "Sequence[Question]", name: str) -> Question:
    """Return the question called `name` (CQ01, cq1, Q1, 1, or its slug).

    Raises:
        UserError: no such question, with the nearest ones in their words.
    """
    import re

    folded = name.strip().casefold()
    # A letter that looks like a digit, as in CQO1.
    digits = re.sub("l|i", "1", re.sub("o", "0", re.sub("^c?q", "", folded)))
    number = re.fullmatch(r"0*(\d+)", digits)
    for question in questions:
        if folded in {question.id.casefold(), question.slug} or (
            number and question.id == f"CQ{int(number.group(1)):02d}"
        ):
            return question
    import difflib

    words = {q.slug: q for q in questions}
    near = [words[s] for s in difflib.get_close_matches(folded, words, 3, 0.3)]
    if number:
        by_number = {q.id.casefold(): q for q in questions}
        wanted = f"cq{number[1]:0>2}"
        near = [by_number[i] for i in difflib.get_close_matches(wanted, by_number, 2, 0.5)]
    told = [f"perhaps `sarcoma-kg ask {q.id}`: {q.summary}" for q in near]
    raise UserError(
        f"no question '{name[:80]}'",
        "\n  ".join([*told, "`sarcoma-kg ask` lists all questions"]),
    )
