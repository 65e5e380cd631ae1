"""A recipe that is wrong is told with file, line and key."""

import re
from pathlib import Path

import pytest

from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.sources import recipe
from tests.sources.conftest import DATA

GOOD = (DATA / "trials.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("name: trials", "nmae: trials", "the recipe has no 'name'"),
        ("key: id", "key: id\nkey: doid", "line 11: 'key' stands twice"),
        ("key: id", "key: [id]", "line 10: 'key' is one text"),
        ("key: id", "", "the recipe has no 'key'"),
        (
            "    term: Disease",
            "    trem: Disease",
            "line 17: an entry of 'slots' has an unknown key",
        ),
        (
            "    term: Disease",
            "    term: Nothing here",
            "line 17: 'term': 'Nothing here' is no IRI",
        ),
        ("DOID}", "DIOD}", "'DIOD' is no known prefix"),
        ("datatype: integer", "datatype: int", "'datatype: int' is none of string, integer"),
        ("datatype: integer", "pattern: x", "a slot has one of term, values"),
        ("datatype: integer", "datatype: integer\n    pattern: '('", "no regular expression"),
        ("required: true", "required: yes please", "'required' is true or false"),
        ('version: "2026-11-01"', "version: newest", "line 5: 'version: newest' is no day"),
        ("kb:trials-{id}", "kb:trials", "is no IRI with a {column}"),
        ("kb:trials-{id}", "kb:tri als-{id}", "is no IRI with a {column}"),
        ("trials/{}", "trials/", "'address' is an IRI with {}"),
        ("slots:", "slots: &a", "anchors and aliases are refused"),
        ("slots:", "slots: {", "no YAML"),
        ("slots:", "slots: 3\nmore:", "'slots' is a list"),
        ("class: skg:EvidenceRecord", "class: []", "'record' has no 'class'"),
        ("name: trials", "name: Trials of 2026", "small letters, digits and hyphens"),
        ("unknown: leave", "unknown: guess", "'unknown: guess' is none of list, leave"),
        ('missing: ["n/a"]', "missing: {a: b}", "'missing' is a text, or a list of texts"),
        ('missing: ["n/a"]', "encoding: utf-99", "'utf-99' is no encoding"),
        ("name: trials", "name: !!python/object/apply:os.system [x]", "'name' is one text"),
    ],
)
def test_a_fault_is_told(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert GOOD.count(old) >= 1
    path = tmp_path / "wrong.yaml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(UserError) as told:
        recipe.read(path)
    assert says in str(told.value)
    assert str(told.value).startswith(str(path))
    assert re.search(r"line \d+", str(told.value))


@pytest.mark.parametrize(
    "text", ["", "- a\n", "a", "[" * 5000, "a: " * 2000, "\0", "a: &x [*x, *x]"]
)
def test_what_is_no_recipe_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=re.escape(str(path))):
        recipe.read(path)


@pytest.mark.parametrize("path", recipe.packaged().values(), ids=lambda path: path.stem)
def test_a_packaged_recipe_is_one(path: Path) -> None:
    assert recipe.read(path).name == path.stem


def test_a_template_leaves_out_what_is_empty() -> None:
    template = recipe.Template("{a}[, {b}][ ({c})]")
    assert template.columns == ["a", "b", "c"]
    assert template.fill({"a": "1", "b": "", "c": "3"}) == "1 (3)"
    assert template.fill({"a": "{b}", "b": "2", "c": ""}) == "{b}, 2"
