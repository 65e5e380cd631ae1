"""Running the tests in two passes: on a bare machine, then what that pass had to leave out.

pytest --record=FILE              # writes what passed and what was skipped
pytest --only-skipped=FILE        # runs the tests that were skipped there
python -m tests.passes FILE ...   # adds up
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

__all__ = ["cases_or_absent", "main", "some_slow"]

T = TypeVar("T")

#: What stands for all cases of a test whose cases come from material that is not here.
ABSENT = "[absent]"


def cases_or_absent(cases: Sequence[T], name: Callable[[T], str], reason: str) -> list[Any]:
    """Return the cases of a test; one that is skipped with the reason where there are none.

    Args:
        cases: The cases, read from material that may not be here.
        name: What a case is called.
        reason: Why there may be none.
    """
    if not cases:
        return [pytest.param(None, id=ABSENT[1:-1], marks=pytest.mark.skip(reason))]
    return [pytest.param(case, id=name(case)) for case in cases]


def some_slow(cases: Sequence[T], keep: Callable[[int, T], bool]) -> list[Any]:
    """Return the cases of a test; those that need not run each time are marked slow.

    Args:
        cases: The cases.
        keep: Whether the case at this place runs in `make test` too.
    """
    return [
        pytest.param(case, marks=() if keep(place, case) else pytest.mark.slow)
        for place, case in enumerate(cases)
    ]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options."""
    group = parser.getgroup("passes")
    group.addoption("--record", metavar="FILE", help="write what passed and was skipped")
    group.addoption("--only-skipped", metavar="FILE", help="run what a recorded pass skipped")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what the recorded pass skipped."""
    if not (name := config.getoption("--only-skipped")):
        return
    skipped = set(json.loads(Path(name).read_text(encoding="utf-8"))["skipped"])
    whole = {node.removesuffix(ABSENT) for node in skipped if node.endswith(ABSENT)}
    keep = [i for i in items if i.nodeid in skipped or i.nodeid.partition("[")[0] in whole]
    kept = {id(item) for item in keep}
    config.hook.pytest_deselected(items=[item for item in items if id(item) not in kept])
    items[:] = keep


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the record."""
    if not (name := config.getoption("--record")):
        return
    stats = terminalreporter.stats
    data = {
        "passed": len(stats.get("passed", [])),
        "failed": len(stats.get("failed", [])) + len(stats.get("error", [])),
        "skipped": sorted({report.nodeid for report in stats.get("skipped", [])}),
    }
    place = Path(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(data, indent=1), encoding="utf-8")


def main(names: list[str]) -> int:
    """Print the sum of recorded passes: a test skipped in all of them is skipped."""
    rows = [json.loads(Path(name).read_text(encoding="utf-8")) for name in names]
    for name, row in zip(names, rows, strict=True):
        sys.stdout.write(
            f"{name}: {row['passed']} passed, {row['failed']} failed, "
            f"{len(row['skipped'])} skipped\n"
        )
    left = rows[-1]["skipped"]
    sys.stdout.writelines(f"  in no pass: {node}\n" for node in left)
    failed = sum(row["failed"] for row in rows)
    passed = sum(row["passed"] for row in rows)
    sys.stdout.write(f"together: {passed} passed, {failed} failed, {len(left)} skipped\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
