"""Exit codes where something else than the data is wrong: 2 with a way out, or 70 for our faults.

Every case runs as a process of its own, as a shell would start it.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.building import builds
from sarcoma_kg.commands import console, parsers
from sarcoma_kg.ground import processes
from sarcoma_kg.ground.errors import UserError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")

_MANY = "9" * 5000
_ASK = "ask CQ01"
_QUERY = "query {folder}/q.rq"
#: Of each test another, so that no classification of it is kept.
_LAB = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://example.org/lab> a owl:Ontology ; owl:imports <https://w3id.org/sarcoma-kg/ontology> .
<https://example.org/{}> a owl:Class .
"""
_SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/S> a sh:NodeShape ; sh:targetNode sh:Shape ; sh:nodeKind sh:IRI .
"""


@pytest.fixture
def folder(tmp_path: Path, build: builds.Build) -> Path:
    """A folder with odd files, beside a graph that is built."""
    (tmp_path / "loop.ttl").symlink_to("loop.ttl")
    (tmp_path / "a.ttl").symlink_to("b.ttl")
    (tmp_path / "b.ttl").symlink_to("a.ttl")
    (tmp_path / "lab.ttl").write_text(_LAB.format(tmp_path.name))
    (tmp_path / "s.ttl").write_text(_SHAPES)
    (tmp_path / "many.rq").write_text("SELECT * { ?s ?p ?o } LIMIT 1000")
    (tmp_path / "q.rq").write_text("SELECT * { ?s ?p ?o } LIMIT 3")
    (tmp_path / "number.rq").write_text(f"SELECT * {{ ?s ?p {_MANY} }}")
    (tmp_path / "number.ttl").write_text(f"<http://example.org/a> <http://example.org/p> {_MANY} .")
    return tmp_path


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `sarcoma-kg` is this package's command."""
    program = f'sarcoma-kg() {{ "{sys.executable}" -m sarcoma_kg.cli "$@"; }}; '
    return subprocess.run(
        ["/bin/bash", "-c", program + line], capture_output=True, text=True, timeout=120,
        check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        # Streams that the caller closed, or that take no more.
        (f"sarcoma-kg {_ASK} >&-", 2, "the output cannot be written"),
        (f"sarcoma-kg {_ASK} >&- <&-", 2, "the output cannot be written"),
        (f"sarcoma-kg {_ASK} > /dev/full", 2, "the output cannot be written: No space left"),
        ("sarcoma-kg --help > /dev/full", 2, "the output cannot be written: No space left"),
        ("sarcoma-kg --version >&-", 2, "the output cannot be written"),
        ("sarcoma-kg query - <&-", 2, "standard input cannot be read"),
        ("sarcoma-kg portable - <&-", 2, "standard input cannot be read"),
        (f"sarcoma-kg {_ASK} <&-", 0, ""),
        (f"sarcoma-kg {_ASK} 2>&-", 0, ""),
        (f"sarcoma-kg {_ASK} 2>/dev/full", 0, ""),
        (f"sarcoma-kg {_QUERY} 0<&- 2>&-", 0, ""),
        ("sarcoma-kg ask nothing 2>/dev/full", 2, ""),
        ("sarcoma-kg ask nothing 2>&-", 2, ""),
        ("sarcoma-kg term sarcoma | true; exit ${{PIPESTATUS[0]}}", 0, ""),
        # A machine that is short of something.
        ("ulimit -n 12; sarcoma-kg ask CQ01", 2, "ulimit -n"),
        (f"ulimit -n 12; sarcoma-kg {_QUERY}", 2, "ulimit -n"),
        ("TMPDIR=/nowhere sarcoma-kg ask CQ01", 0, ""),
        # Links in a circle, odd addresses, numbers of thousands of digits.
        ("sarcoma-kg check {folder}/loop.ttl", 2, "loop.ttl: the link leads nowhere"),
        ("sarcoma-kg check {folder}/a.ttl", 2, "a.ttl: the link leads nowhere"),
        ("sarcoma-kg validate {folder}/loop.ttl", 2, "loop.ttl: the link leads nowhere"),
        ("sarcoma-kg reason {folder}/a.ttl", 2, "a.ttl: the link leads nowhere"),
        ("sarcoma-kg fmt {folder}/loop.ttl", 2, "loop.ttl: the link leads nowhere"),
        ("sarcoma-kg build --with {folder}/loop.ttl", 2, "loop.ttl: the link leads nowhere"),
        ("sarcoma-kg query {folder}/loop.ttl", 2, "loop.ttl: the link leads nowhere"),
        ("sarcoma-kg ask CQ01 --endpoint 'http://[::1/'", 2, "is no address"),
        ("sarcoma-kg load --endpoint 'http://[::1/'", 2, "is no address"),
        ("sarcoma-kg ask CQ01 --endpoint http://127.0.0.1:99999/", 2, "is no address"),
        ("sarcoma-kg ask CQ01 --endpoint http://127.0.0.1:0/", 2, "is no address"),
        (f"sarcoma-kg query {{folder}}/q.rq --max-rows {_MANY}", 2, "at most 18 digits"),
        (f"sarcoma-kg query {{folder}}/q.rq --max-rows -{_MANY}", 2, "at most 18 digits"),
        ("sarcoma-kg query {folder}/number.rq", 0, ""),
        pytest.param(
            "sarcoma-kg check {folder}/number.ttl", 2, "INCOMPLETE", marks=pytest.mark.slow
        ),
    ],
)  # fmt: skip
def test_each_gets_its_code_and_one_message(line: str, code: int, words: str, folder: Path) -> None:
    done = shell(line.format(folder=folder))
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "Error:" not in done.stderr.replace("error:", "")
    assert "Exception ignored" not in done.stderr


_NONE = ("nowhere.ttl", "folder", "binary.ttl", "empty.ttl")
_CHECK, _REASON = "check {folder}/lab.ttl", "reason {folder}/lab.ttl"
#: What `reason` meets on the same way is shown of the others by `make proofs`.
_ALSO = "build --force --with {folder}/lab.ttl"
_LITTLE = {
    "query {folder}/q.rq": {"-v 250000": "memory", "-f 0": "", "-n 9": "ulimit -n"},
    _CHECK: {
        "-v 600000": "ulimit -v", "-v 250000": "memory", "-f 0": "temporary directory",
        "-f 100": "cannot be written: File too large", "-n 9": "ulimit -n",
    },
    _REASON: {
        "-v 600000": "Java could not run", "-f 100": "cannot be written: File too large",
        "-n 9": "ulimit -n",
    },
    _ALSO: {
        "-v 600000": "Java could not run", "-f 100": "cannot be written: File too large",
        "-n 9": "Too many open files",
    },
    "validate {folder}/lab.ttl --shapes {folder}/s.ttl": {"-v 250000": "memory"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("command", "limit", "words"),
    [
        pytest.param(command, limit, words, marks=pytest.mark.slow if again else ())
        for command, all in _LITTLE.items()
        for limit, words in all.items()
        for again in [command in {_CHECK, _ALSO} and limit in _LITTLE[_REASON]]
    ],
)
def test_a_machine_with_little_of_something(
    command: str, limit: str, words: str, folder: Path
) -> None:
    done = shell(f"ulimit {limit}; sarcoma-kg {command.format(folder=folder)} > /dev/null")
    assert done.returncode == (2 if words else 0), done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(folder.glob("hs_err*"))


def _can_mount() -> bool:
    words = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(words, capture_output=True).returncode
    )


@pytest.mark.skipif(not _can_mount(), reason="needs a file system of its own (Linux, unshare)")
@pytest.mark.parametrize(
    ("variable", "command"),
    [
        ("TMPDIR", _CHECK),
        ("TMPDIR", _REASON),
        pytest.param("TMPDIR", _ALSO, marks=pytest.mark.slow),
        pytest.param("SARCOMA_KG_CACHE", "build", marks=pytest.mark.slow),
        ("NOTHING", "query {folder}/many.rq -o {full}/answer.csv"),
    ],
)
def test_a_disk_that_is_full(variable: str, command: str, folder: Path) -> None:
    full = folder / "full"
    full.mkdir()
    words = command.format(folder=folder, full=full)
    inside = (
        f"mount -t tmpfs -o size=8k tmpfs {full} && {variable}={full} "
        f"{sys.executable} -m sarcoma_kg.cli {words}; code=$?; ls -A {full}; exit $code"
    )
    done = shell(f"unshare --map-root-user --mount /bin/bash -c '{inside}'")
    assert done.returncode == 2, done.stderr
    assert f"{full}" in done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    # Of a cache the folders stay.
    assert set(done.stdout.split()) <= {"builds", "classifications"}


@pytest.mark.parametrize("command", parsers.HOMES)
@pytest.mark.parametrize(
    ("words", "code"), [(["--no-such-option"], 2), (["--help"], 0), (["--debug", "--no-such"], 2)],
    ids=lambda words: str(words),
)  # fmt: skip
def test_every_command_knows_bad_words_from_help(
    command: str, words: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        ended: object = cli.main([command, *words])
    except SystemExit as stop:
        ended = stop.code
    assert ended == code
    capsys.readouterr()


@pytest.mark.parametrize(
    "words",
    [["build", "--with"], ["check"], ["reason"], ["fmt"], ["validate"], ["diff"], ["fair"],
     ["portable"], ["query"], ["verify-source"], ["align"], ["imports", "--ncit"],
     ["validate", "--shapes"]],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize(
    "name",
    ["loop.ttl", *(pytest.param(f"{n}", marks=pytest.mark.slow) for n in _NONE)],
)
def test_every_command_that_reads_a_file_refuses_what_is_none(
    words: list[str], name: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "folder").mkdir()
    (folder / "binary.ttl").write_bytes(bytes(range(256)))
    (folder / "empty.ttl").write_bytes(b"")
    assert cli.main([*words, str(folder / name)]) == 2
    said = capfd.readouterr().err
    assert "Traceback" not in said
    assert name in said or "verify-source" in words


class _Panic(BaseException):
    """As a panic of a library written in Rust: beside Exception, not below it."""


@pytest.mark.parametrize(
    "error",
    [ValueError("odd\nvalue"), KeyError("k"), RecursionError("deep"), _Panic("index out of range"),
     UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
@pytest.mark.parametrize(
    "words",
    [["tour"], ["tour", "--debug"], ["--debug", "tour"], ["ask", "CQ01"],
     ["ask", "CQ01", "--debug"], ["--debug", "ask", "CQ01", "--disease", "GIST"]],
    ids=" ".join,
)  # fmt: skip
def test_a_fault_of_ours_is_70_and_one_line(
    error: BaseException,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(console, "built", fail)
    assert cli.main(words) == 70
    said = capsys.readouterr().err
    line = said.splitlines()[-1]
    assert line.startswith("sarcoma-kg: a fault of this program")
    assert type(error).__name__ in line
    assert ("Traceback" in said) == ("--debug" in words)
    assert "--debug" in words or said.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device", "/tmp/x"), "/tmp/x: No space left on device\n  fr"),
        (OSError(24, "Too many open files"), "ulimit -n"),
        (OSError(12, "Cannot allocate memory"), "ulimit -v"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_what_the_machine_is_short_of_is_2(
    error: Exception,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """None of them is told as a failure of the output."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(console, "built", fail)
    assert cli.main(["tour"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "output" not in said


@pytest.mark.parametrize(
    ("code", "said", "kind", "words"),
    [
        (-signal.SIGKILL, "", UserError, "the query was ended from outside (SIGKILL)"),
        (-signal.SIGTERM, "", UserError, "the query was ended from outside (SIGTERM)"),
        (-signal.SIGSEGV, "", RuntimeError, "the query died of SIGSEGV"),
        (-250, "", UserError, "signal 250"),
        (-signal.SIGABRT, "memory allocation of 9 bytes failed", UserError, "more memory"),
        (1, "Traceback\nMemoryError", UserError, "more memory"),
        (1, "Traceback\nImportError: no x", RuntimeError, "code 1: ImportError: no x"),
        (3, "", RuntimeError, "code 3: no message"),
    ],
)
def test_a_process_that_dies_says_of_what(
    code: int, said: str, kind: type[Exception], words: str
) -> None:
    error = processes.death("the query", code, said)
    assert type(error) is kind
    assert words in str(error)


def test_a_query_that_is_killed_is_not_told_as_hungry(
    build: builds.Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sarcoma_kg.stores import isolated

    killed = subprocess.CompletedProcess([], -signal.SIGKILL, "", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: killed)
    with pytest.raises(UserError, match="SIGKILL"):
        isolated.run(build.folder / "store", "ASK {}", seconds=5, most=1)


def test_help_tells_all_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for code in ("0 done", "1 the data", "2 bad input", "70 a fault", "130 interrupted"):
        assert code in told
