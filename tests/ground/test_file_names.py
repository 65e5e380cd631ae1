"""File names that are files of their own on every system."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sarcoma_kg.ground import file_names
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.publishing import inventory

_WORD = st.text(
    st.sampled_from("aAbB.-_/ conCON1é\u0130\u212a%:*") | st.characters(exclude_categories=["Cs"]),
    min_size=1,
)


@given(st.lists(_WORD, max_size=30), st.integers())
def test_names_are_apart_everywhere_and_the_same_in_any_order(names: list[str], seed: int) -> None:
    found = file_names.file_names(names, taken=["index"])
    assert set(found) == set(names)
    assert all(map(file_names.fits, found.values()))
    folded = [name.casefold() for name in found.values()]
    assert len({*folded, "index"}) == len(folded) + 1
    random.Random(seed).shuffle(names)
    assert file_names.file_names(names, taken=["index"]) == found


@pytest.mark.parametrize(
    "name",
    ["CON", "con", "Aux.txt", "NUL.tar", "com1", "LPT9.x", "a.", "a ", " a", "", ".", "..", "a/b",
     "a\\b", "a:b", "a\0", "é", "-a", ".a", "x" * 121],
)  # fmt: skip
def test_what_is_no_file_name_somewhere(name: str) -> None:
    assert not file_names.fits(name)
    if name:
        assert file_names.file_names([name])[name] != name


@pytest.mark.parametrize("name", ["Console", "GIST", "com", "com10", "a.b-c_d", "claim-S1-2.3-x"])
def test_what_is_one_everywhere_stays(name: str) -> None:
    assert file_names.file_names([name, "other"])[name] == name


def test_a_name_that_looks_like_one_that_was_made_stays() -> None:
    made = file_names.file_names(["Gist", "gist"])["gist"]
    found = file_names.file_names(["Gist", "gist", made])
    assert found[made] == made
    assert len({name.casefold() for name in found.values()}) == 3


def test_the_first_keep_their_names() -> None:
    assert file_names.file_names(["GIST", "gist"])["GIST"] == "GIST"
    found = file_names.file_names(["GIST", "gist"], first={"gist"})
    assert found["gist"] == "gist"
    assert found["GIST"].startswith("GIST-")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["shapes/Own.ttl", "shapes/own.ttl"], "differs from shapes/Own.ttl in case alone"),
        (["queries/aux.rq"], "queries/aux.rq: not a name"),
        (["tables/a b.csv"], "tables/a b.csv: not a name"),
        (["nul/a.csv"], "nul/a.csv: not a name"),
    ],
)
def test_no_release_has_files_that_some_system_cannot_hold(
    tmp_path: Path, names: list[str], words: str
) -> None:
    (tmp_path / ".htaccess").write_text("")
    inventory.write_sums(tmp_path)
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    if len({p.name.casefold() for p in tmp_path.rglob("*.*")}) < len(names):
        pytest.skip("this file system does not tell upper from lower case")
    with pytest.raises(UserError, match=words):
        inventory.write_sums(tmp_path)
