"""Tables of every format and recipes, mutated from good ones, through `ingest`.

python -m tests.sources.fuzz --count 5000 --seed 1

Each table is either taken, row by row into records and ledger, or refused by a UserError: no other
exception, no process that dies, no part of a file left behind, and sums that agree with the rows.
One in fifty is held against the shapes and the graph. Every fourth recipe is mutated too.
"""

import argparse
import csv
import gzip
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import openpyxl
import polars

from sarcoma_kg.building import pipeline
from sarcoma_kg.building.builds import Build
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.reading import rows
from sarcoma_kg.sources import ingest, recipe
from sarcoma_kg.sources.examining import Examiner
from sarcoma_kg.sources.index import Index
from tests.reading.fuzz import mutated

__all__ = ["FORMS", "main", "run"]

FORMS = ("csv", "tsv", "xlsx", "json", "jsonl", "parquet")
_DATA = Path(__file__).parents[1] / "data" / "ingest"
_MEMORY = 4 * 1024**3
_CELLS = (
    "GIST", "gastrointestinal stromal tumor", "9253", "imatinib", "imatinib;sunitinib", "A", "3",
    "either", "", " ", "n/a", "\0", "\x1f", "\ufeff", "\u2028", "\u202e", "a\nb", "a\r\nb",
    '"', "'",
    "=1+1", "#N/A", "<>", "x y", "1,234", "1e999", "-0", "2026-02-31", "٣", "\ud800", "\U0001f600",
    "{id}", "[x]", "{}", "x" * 40_000, "[" * 5_000, "NCT00000000", "null", "true",
)  # fmt: skip


def _table(chance: random.Random) -> list[list[str]]:
    """Return header and rows, some with another width, name or cell than a good one."""
    with (_DATA / "trials.csv").open(encoding="utf-8", newline="") as good:
        cells = list(csv.reader(good))
    cells = [cells[0], *(chance.choice(cells[1:]).copy() for _ in range(chance.randint(0, 8)))]
    for number, row in enumerate(cells[1:]):
        row[0] = row[0] if chance.random() < 0.1 else f"r{number}"
    for _ in range(chance.randint(0, 6)):
        row = chance.choice(cells if chance.random() < 0.15 else cells[1:] or cells)
        at = chance.randrange(len(row) + 1)
        if at == len(row):
            row.append(chance.choice(_CELLS))
        elif chance.random() < 0.1:
            del row[at]
        else:
            row[at] = chance.choice(_CELLS)
        if not row:
            row.append("")
    return cells


def _written(form: str, cells: list[list[str]], chance: random.Random) -> bytes:
    """Return a table in a format; what the format cannot hold is left out of it."""
    plain = [[c.encode("utf-8", "replace").decode() for c in row] for row in cells]
    named = [dict(zip(plain[0], row, strict=False)) for row in plain[1:]]
    if form in ("csv", "tsv"):
        out = io.StringIO(newline="")
        end = chance.choice(["\n", "\r\n", "\r"])
        writer = csv.writer(out, delimiter="," if form == "csv" else "\t", lineterminator=end)
        writer.writerows(cells)
        code = chance.choice(["utf-8"] * 4 + ["utf-8-sig", "utf-16", "utf-32"])
        return out.getvalue().encode(code, "replace" if code != "utf-8" else "surrogatepass")
    if form == "xlsx":
        book = openpyxl.Workbook()
        page = book.active
        assert page is not None
        for row in plain:
            page.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", c)[:32_000] for c in row])
        held = io.BytesIO()
        book.save(held)
        return held.getvalue()
    nested: list[object] = [*named]
    if chance.random() < 0.2:
        nested.append(chance.choice([7, None, [], [["a"]], {"id": {"a": [1, "b"]}}, {"id": [[1]]}]))
    if form == "json":
        return json.dumps(nested, ensure_ascii=chance.random() < 0.5).encode("utf-8")
    if form == "jsonl":
        return "".join(json.dumps(one) + "\n" for one in nested).encode()
    held = io.BytesIO()
    width = {name: [row.get(name) for row in named] for name in dict.fromkeys(plain[0])}
    polars.DataFrame(width, strict=False).write_parquet(held)
    return held.getvalue()


def _spoilt(content: bytes, chance: random.Random) -> bytes:
    """Return bytes with a few changes, or cut off."""
    raw = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(raw) + 1)
        raw[at : at + chance.choice([0, 1, 4])] = chance.randbytes(chance.choice([0, 1, 3]))
    return bytes(raw if chance.random() < 0.7 else raw[: chance.randrange(len(raw) + 1)])


def one(number: int, seed: int, folder: Path) -> tuple[Path, Path]:
    """Write the recipe and the table of a number; return where they are."""
    chance = random.Random(f"ingest {number} {seed}")
    form = FORMS[number % len(FORMS)]
    content = _written(form, _table(chance), chance)
    if chance.random() < 0.3:
        content = _spoilt(content, chance)
    suffix = f".{form}"
    if chance.random() < 0.25:
        content, suffix = gzip.compress(content, mtime=0), suffix + ".gz"
        content = _spoilt(content, chance) if chance.random() < 0.2 else content
    if chance.random() < 0.05:
        suffix = f".{chance.choice(FORMS)}"
    table, words = folder / f"t{suffix}", folder / "trials.yaml"
    table.write_bytes(content)
    text = (_DATA / "trials.yaml").read_text("utf-8")
    if number % 4 == 0:
        text = mutated(text, [text, (_DATA / "trials.decisions.tsv").read_text()], chance, "x:y")
    words.write_bytes(text.encode("utf-8", "surrogatepass"))
    (folder / "trials.decisions.tsv").write_bytes((_DATA / "trials.decisions.tsv").read_bytes())
    return words, table


def run(numbers: range, seed: int, folder: Path, build: Build) -> Iterator[tuple[int, str]]:
    """Ingest the tables of some numbers; yield each number before, and again with what came of it.

    Raises:
        Exception: what a table led to that is no UserError, or sums that do not agree.
    """
    store = build.open()
    index = Index(store)
    parts = [build.folder / name for name in ("asserted.nt", "inferred.nt")]
    for number in numbers:
        yield number, ""
        place = folder / str(number)
        place.mkdir()
        words, path = one(number, seed, place)
        before = {p.name for p in place.iterdir()}
        with mock.patch.object(ingest, "Index", return_value=index):
            try:
                told = _taken(words, path, store, parts if number % 50 == 0 else [])
            except UserError:
                told = "refused"
        left = {p.name for p in place.iterdir()} - before
        whole = {"out.nt", "out.ledger.tsv", "out.run.json"} if told == "taken" else set()
        assert left == whole, f"{number}: {told}, and left {left}"
        for file in place.iterdir():
            file.unlink()
        place.rmdir()
        yield number, told


def _taken(words: Path, path: Path, store: object, parts: list[Path]) -> str:
    read = recipe.read(words)
    table = rows.table(
        path, read.format, encoding=read.encoding, quotes=read.quotes, sheet=read.sheet,
        rows=read.rows,
    )  # fmt: skip
    todo = ingest.Run(read, table, path.with_name("out.nt"), store, parts)  # type: ignore[arg-type]
    real = Examiner.broken
    broken = real if parts else lambda *_: {}
    with mock.patch.object(Examiner, "broken", broken):
        made = ingest.take(todo)
    if made.findings:
        return "found fault with"
    number = sum(1 for _ in table.read())
    sums = made.ledger.sums()
    assert made.ledger.taken + made.ledger.listed == number == sums["rows"]
    assert len({entry.row for entry in made.ledger}) == made.ledger.listed
    assert sum(sums["reasons"].values()) == made.ledger.listed
    again = ingest.take(todo)
    assert not again.worked
    assert again.ledger.sums() == sums
    return "taken"


def main(argv: list[str] | None = None) -> int:
    """Run the tables through; print each that failed; return 1 when one has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--from", dest="begin", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    build = pipeline.build()[0]
    if args.worker:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        for number, end in run(range(args.begin, args.count), args.seed, Path(args.worker), build):
            print(number, end, flush=True)  # noqa: T201
        return 0
    wrong, begin, ends = 0, 0, {"taken": 0, "refused": 0, "found fault with": 0}
    while begin < args.count:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
            words = [sys.executable, "-W", "ignore", "-m", "tests.sources.fuzz", "--worker", name]
            words += ["--seed", str(args.seed), "--count", str(args.count), "--from", str(begin)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        last = begin
        for line in done.stdout.splitlines():
            at, _, end = line.partition(" ")
            last = int(at)
            ends[end] = ends.get(end, 0) + bool(end)
        if done.returncode == 0:
            break
        wrong += 1
        said = done.stderr.strip().splitlines()
        print(last, f"code {done.returncode}:", *said[-3:], flush=True)  # noqa: T201
        begin = last + 1
    counts = ", ".join(f"{number:,} {end}" for end, number in ends.items() if end)
    print(f"seed {args.seed}: {counts}; {wrong} wrong")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
