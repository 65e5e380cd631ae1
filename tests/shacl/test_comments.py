"""sh:select with comments in odd places, asked of two engines; what is no query is told by both."""

from pathlib import Path

import pytest

from sarcoma_kg.building import checking
from sarcoma_kg.ground.errors import UserError

_P = "<http://example.org/p>"
_DATA = "@prefix : <http://example.org/> . :a a :C ; :p 'x#y' , 'z' . :b a :C ; :q 1 ."
_FOUND = {
    "at the end": f"SELECT $this {{ $this {_P} ?v }} # end",
    "a brace at the end": f"SELECT $this {{ $this {_P} ?v }} # end }}",
    "a sign alone": f"SELECT $this {{ $this {_P} ?v }} #",
    "a quote": f"SELECT $this {{ $this {_P} ?v }} # 'quote \\\" {{",
    "before the brace": f"SELECT $this {{ $this {_P} ?v # mid }}\\n}} # end",
    "at the beginning": f"# $this {{\\nSELECT $this {{ $this {_P} ?v }}",
    "in the prologue": "PREFIX x: <http://example.org/> # c\\nSELECT $this { $this x:p ?v } # end",
    "no comment in an IRI": f"PREFIX x: <http://e.org/#> SELECT $this {{ $this {_P} ?v }} # end",
    "no comment in a string": f"SELECT $this {{ $this {_P} ?v FILTER(CONTAINS(?v, '#')) }} # end",
    "in the head": f"SELECT $this # c {{\\nWHERE # c\\n{{ $this {_P} ?v }}",
    "in a subquery": f"SELECT $this {{ {{ SELECT $this {{ $this {_P} ?v }} # c\\n }} }} # end",
    "in EXISTS": f"SELECT $this {{ $this {_P} ?v FILTER EXISTS {{ $this a ?c # c\\n }} }} # end",
    "behind ORDER BY": f"SELECT $this {{ $this {_P} ?v }} ORDER BY $this # end",
    "behind HAVING": f"SELECT $this {{ $this {_P} ?v }} GROUP BY $this HAVING (COUNT(*) > 1) # end",
    "behind a dot": f"SELECT DISTINCT $this {{ $this {_P} ?v . }}#",
    "with BIND": f"SELECT $this {{ $this {_P} ?v BIND('#' AS ?value) }} # end",
}
_NONE = ["", " ", "\\n", "# only a comment", "SELECT $this", "SELECT $this {", "SELECT $this } #",
         "SELECT $this { } ;", "SELECT $this { # }"]  # fmt: skip


def _ask(query: str, folder: Path, engine: str) -> tuple[list[str], list[str]]:
    """Return the focus nodes that violate, and what was not asked."""
    shapes, data = folder / f"{engine}.ttl", folder / "data.ttl"
    shapes.write_text(
        "@prefix : <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        f':S a sh:NodeShape ; sh:targetClass :C ; sh:sparql [ sh:select "{query}" ] .'
    )
    data.write_text(_DATA)
    found = checking.against([shapes], [data], engine=engine).report.findings  # type: ignore[arg-type]
    return (
        sorted({f.focus for f in found if f.severity == "violation"}),
        [f.message for f in found if f.severity == "incomplete"],
    )


@pytest.mark.parametrize("engine", ["compiled", "pyshacl"])
@pytest.mark.parametrize("query", _FOUND.values(), ids=_FOUND)
def test_a_comment_ends_where_its_line_ends(query: str, engine: str, tmp_path: Path) -> None:
    assert _ask(query, tmp_path, engine) == (["http://example.org/a"], [])


@pytest.mark.parametrize("query", _NONE)
def test_what_is_no_query_is_told(query: str, tmp_path: Path) -> None:
    violations, left = _ask(query, tmp_path, "compiled")
    assert violations == []
    assert len(left) == 1
    assert "sh:sparql: the query cannot be parsed" in left[0]
    with pytest.raises(UserError, match="pySHACL cannot read it"):
        _ask(query, tmp_path, "pyshacl")
