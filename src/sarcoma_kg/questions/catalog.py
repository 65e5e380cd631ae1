"""The packaged questions: one .rq file each, with a grlc header and parameters.

A parameter `disease` is the variable `?_disease`, bound in the query by
`VALUES ?_disease { <default> }`, so that the file runs as it stands in any SPARQL 1.1 engine.
Asking with another value exchanges what stands between those braces for one validated term; no
other character of the query can change.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["VALUES", "Parameter", "Question", "find", "load", "read"]

#: The VALUES block that binds a parameter to its default.
VALUES = r"VALUES\s+\?_([a-z]\w*)\s*\{\s*([^{}\s]+)\s*\}"
_FILE = r"(CQ\d\d)-([a-z0-9-]+)\.rq"


class Parameter(NamedTuple):
    """A parameter: its name, its kind (Disease, Therapy ...) and its default as an IRI."""

    name: str
    kind: str
    default: str


class Question(NamedTuple):
    """A packaged question; `template` alternates query text and parameter names.

    `note` says what people must know of its answer, such as what it leaves out.
    """

    id: str
    slug: str
    summary: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    template: tuple[str, ...]
    note: str = ""

    def query(self, values: dict[str, str] | None = None) -> str:
        """Return the SPARQL text with IRIs in place of the defaults.

        Args:
            values: Parameter name -> IRI.
        """
        given = values or {}
        defaults = {p.name: p.default for p in self.parameters}
        parts = list(self.template)
        for position in range(1, len(parts), 2):
            name = parts[position]
            parts[position] = Term("iri", given.get(name, defaults[name])).sparql()
        return "".join(parts)

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
        )


def read(path: "Path") -> Question:
    """Parse one question file.

    Raises:
        UserError: a malformed name, header or query, with file and reason.
    """
    import re

    import yaml

    from sarcoma_kg.ground import namespaces
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
        default = namespaces.expand(str(declared[name]["default"]))
        if default is None or namespaces.expand(value) != default:
            raise UserError(f"{path}: the default of ?_{name} differs between header and VALUES")
        template += [body[end : found.start(2)], name]
        end = found.end(2)
        parameters.append(Parameter(name, str(declared[name]["type"]), default))
    template.append(body[end:])
    missing = set(declared) - {p.name for p in parameters}
    if missing or len({p.name for p in parameters}) != len(parameters):
        raise UserError(f"{path}: each declared parameter needs one VALUES block", str(missing))
    question = Question(
        named.group(1), named.group(2), str(summary), tuple(tags), tuple(parameters),
        tuple(template), str(fields.get("description") or ""),
    )  # fmt: skip
    check_read_only(question.query(), str(path))
    return question


def load() -> list[Question]:
    """Return all packaged questions in the order of their numbers."""
    from sarcoma_kg.ground import resources

    folder = resources.data_root() / "queries" / "competency"
    return [read(path) for path in sorted(folder.glob("*.rq"))]


def find(questions: "Sequence[Question]", name: str) -> Question:
    """Return the question called `name` (CQ01, cq1, 1, or its slug).

    Raises:
        UserError: no such question, with the nearest ones in their words.
    """
    import re

    folded = name.strip().casefold()
    # A letter that looks like a digit, as in CQO1.
    digits = re.sub("l|i", "1", re.sub("o", "0", folded.removeprefix("cq")))
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
        near = [by_number[i] for i in difflib.get_close_matches(folded, by_number, 2, 0.5)]
    told = [f"perhaps `sarcoma-kg ask {q.id}`: {q.summary}" for q in near]
    raise UserError(
        f"no question '{name[:80]}'",
        "\n  ".join([*told, "`sarcoma-kg ask` lists all questions"]),
    )
