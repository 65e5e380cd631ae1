"""Names and texts side by side, as wide as a terminal."""

import pytest

from sarcoma_kg.questions import claims

ADDRESS = "https://example.org/" + "a-" * 60


@pytest.mark.parametrize("width", [40, 60, 100])
def test_an_address_stays_whole_and_all_else_fits(width: int) -> None:
    lines = claims.wrapped([("says", f"{'some words ' * 20}<{ADDRESS}> more")], width, "  ")
    (long,) = [line for line in lines if len(line) > width]
    assert long.strip() == f"<{ADDRESS}>"


@pytest.mark.parametrize("name", ["[1] ", "kind of regulatory event", "line", "says"])
def test_a_name_of_any_length_has_one_blank_before_its_text(name: str) -> None:
    (line,) = claims.wrapped([(name, "text")], 100, "", 4)
    assert line == f"{name.strip():<3} text"
