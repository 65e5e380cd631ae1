"""An answer as a table that knows its terms.

Cells are Python values, every cell has the RDF term behind it and every IRI a label, and a notebook
shows the table as HTML. pandas and polars are used when they are installed.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, overload

from sarcoma_kg.ground import namespaces
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sparql.term import Term
from sarcoma_kg.stores.store import Solutions, Store

if TYPE_CHECKING:
    import pandas
    import polars

__all__ = ["Answer", "Row", "python_value"]

_XSD = namespaces.PREFIXES["xsd"]
_PYTHON: dict[str, Any] = {
    **dict.fromkeys(("integer", "int", "long", "short", "nonNegativeInteger", "gYear"), int),
    "decimal": Decimal, "double": float, "float": float, "date": date.fromisoformat,
    "boolean": lambda text: text in ("true", "1"),
}  # fmt: skip


def python_value(term: Term | None) -> Any:
    """Return a term as a Python value: str, int, float, Decimal, bool, date; None when unbound.

    IRIs, blank nodes (`_:b0`) and literals of other datatypes, or out of the range of the Python
    type, are text.
    """
    if term is None:
        return None
    if term.datatype.startswith(_XSD) and (
        convert := _PYTHON.get(term.datatype.removeprefix(_XSD))
    ):
        try:
            return convert(term.value)
        except (ValueError, ArithmeticError):
            return term.value
    return term.cell


class Row(Mapping[str, Any]):
    """One row: column name -> Python value."""

    def __init__(self, columns: Sequence[str], terms: Sequence[Term | None]) -> None:
        self._terms = dict(zip(columns, terms, strict=True))

    def __getitem__(self, column: str) -> Any:
        return python_value(self._terms[column])

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def __repr__(self) -> str:
        return f"Row({dict(self)})"

    def term(self, column: str) -> Term | None:
        """Return the RDF term of a column; None when it is unbound."""
        return self._terms[column]


class Answer(Sequence[Row]):
    """The rows of an answer.

    Attributes:
        columns: The names of the columns.
        query: The SPARQL text that was asked.
        title: What was asked, for people.
    """

    def __init__(self, store: Store, solutions: Solutions, query: str, title: str = "") -> None:
        self.columns = list(solutions.variables)
        self.query, self.title = query, title
        self._store, self._solutions = store, solutions
        self._labels: dict[str, str] | None = None

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [Row(self.columns, row) for row in self._solutions.rows[index]]
        return Row(self.columns, self._solutions.rows[index])

    def __len__(self) -> int:
        return len(self._solutions.rows)

    def __repr__(self) -> str:
        """Return the table as text."""
        from sarcoma_kg.ground import formats

        rows = [[self._shown(term) for term in row] for row in self._solutions.rows]
        return f"{formats.render(self.columns, rows, 'table')}{len(rows)} row(s)"

    @property
    def labels(self) -> Mapping[str, str]:
        """The English labels of the IRIs in the answer, looked up once."""
        if self._labels is None:
            iris = {t.value for row in self._solutions.rows for t in row if t and t.kind == "iri"}
            self._labels = {}
            if iris:
                values = " ".join(Term("iri", iri).sparql() for iri in sorted(iris))
                found = self._store.select(
                    f"SELECT ?x ?label WHERE {{ VALUES ?x {{ {values} }} "
                    f"?x <{namespaces.PREFIXES['rdfs']}label> ?label "
                    'FILTER(LANG(?label) IN ("en", "")) }'
                )
                self._labels = {row["x"]: row["label"] for row in found.dicts()}
        return self._labels

    def _shown(self, term: Term | None) -> str:
        if term is None:
            return ""
        if term.kind == "iri":
            return self.labels.get(term.value) or namespaces.contract(term.value)
        return term.cell

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries of Python values."""
        return [dict(row) for row in self]

    def to_pandas(self) -> "pandas.DataFrame":
        """Return a pandas DataFrame with nullable columns; decimal numbers become float.

        Raises:
            UserError: pandas is not installed.
        """
        module = _extra("pandas")
        frame: pandas.DataFrame = module.DataFrame(self._records(), columns=self.columns)
        converted: pandas.DataFrame = frame.convert_dtypes()
        return converted

    def to_polars(self) -> "polars.DataFrame":
        """Return a polars DataFrame; decimal numbers become float.

        Raises:
            UserError: polars is not installed.
        """
        module = _extra("polars")
        rows = self._records()
        data = {name: [row[at] for row in rows] for at, name in enumerate(self.columns)}
        frame: polars.DataFrame = module.DataFrame(data, strict=False)
        return frame

    def _records(self) -> list[list[Any]]:
        values = [[python_value(term) for term in row] for row in self._solutions.rows]
        return [[float(v) if isinstance(v, Decimal) else v for v in row] for row in values]

    def _repr_html_(self) -> str:
        """Return the table as HTML, for notebooks: IRIs are links with their labels."""
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{self._cell(term)}</td>' for term in row)}</tr>"
            for row in self._solutions.rows
        )
        title = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        count = f"<p>{len(self)} row(s)</p>"
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{count}"

    def _cell(self, term: Term | None) -> str:
        text = html.escape(self._shown(term))
        if term and term.kind == "iri" and namespaces.is_link(term.value):
            return f'<a href="{html.escape(term.value, quote=True)}">{text}</a>'
        return text


def _extra(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UserError(
            f"{name} is not installed", f"pip install {name}, or sarcoma-kg[{name}]"
        ) from error
