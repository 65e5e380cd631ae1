"""The toolkit on other versions of Python: `make run` and a quick part of the tests.

python -m tests.pythons 3.12 3.13          # runs both; fails when one of them did not run
python -m tests.pythons --found 3.12 3.13  # prints those that there are

A version is looked up as `python3.12`, and among those of pyenv; a path stands for itself. A name
that is there but starts no interpreter, such as a shim without one behind it, is none.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["interpreter", "main"]

ROOT = Path(__file__).parents[1]
#: Fast, and over all that differs by version: files, links, processes, certificates, parsers, Java.
QUICK = (
    "tests/reading/test_files.py", "tests/reading/test_source.py", "tests/reading/test_sssom.py",
    "tests/reading/test_fuzz.py", "tests/sparql/test_guard.py", "tests/stores/test_remote.py",
    "tests/terms",
    "tests/owl/test_offline.py", "tests/owl/test_owlapi.py", "tests/owl/test_reason.py",
    "tests/turtle", "tests/quality/test_report_formats.py", "tests/test_house.py",
    "tests/questions", "tests/test_api.py",
)  # fmt: skip


def _candidates(version: str) -> Iterator[str]:
    if os.sep in version:
        yield version
        return
    yield f"python{version}"
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for folder in sorted(versions.glob(f"{version}*"), reverse=True):
        yield str(folder / "bin" / "python3")


def interpreter(version: str) -> str | None:
    """Return the command that starts a version of Python here, or None."""
    told = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])"
    for command in _candidates(version):
        try:
            done = subprocess.run(
                [command, "-c", told], capture_output=True, text=True, timeout=60, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        place, _, found = done.stdout.strip().rpartition(" ")
        if done.returncode == 0 and (os.sep in version or found == version):
            return place
    return None


def _run(version: str, command: str) -> str:
    """Return in words what came of a version; 'green' when all is well."""
    folder = ROOT / ".venv" / "pythons" / (version.replace(os.sep, "-").strip("-"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    make = ["make", f"PYTHON={command}", f"VENV={folder}", "run"]
    tests = [str(folder / "bin" / "python"), "-m", "pytest", "-q", "-n", "2", *QUICK]
    tests += ["-m", "not slow and not others"]
    for words in (make, tests):
        if subprocess.run(words, cwd=ROOT, check=False).returncode:
            return f"failed: {' '.join(words)}"
    return f"green in {time.monotonic() - began:.0f} s"


def main(words: list[str]) -> int:
    """Run the versions named and print what came of each; return the exit code."""
    versions = [word for word in words if word != "--found"]
    if not versions:
        sys.stderr.write('name versions, such as PYTHONS="3.12 3.13"\n')
        return 2
    found = {version: interpreter(version) for version in versions}
    if "--found" in words:
        sys.stdout.write(" ".join(version for version, command in found.items() if command) + "\n")
        return 0
    came = {v: _run(v, command) if command else "not here" for v, command in found.items()}
    for version, text in came.items():
        sys.stdout.write(f"Python {version}: {text}\n")
    return int(any(not text.startswith("green") for text in came.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
