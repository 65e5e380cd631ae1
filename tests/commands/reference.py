"""docs/commands.md, written from the parsers.

python -m tests.commands.reference   # writes it, and the page of the manual
"""

import os
from pathlib import Path
from unittest import mock

from sarcoma_kg.commands import parsers
from tests.commands import manual

__all__ = ["PAGE", "written"]

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
_HEAD = """# Commands

Written from the program by `python -m tests.commands.reference`; `sarcoma-kg help COMMAND` prints
the same.
"""


def written() -> str:
    """Return what the page should hold."""
    with mock.patch.dict(os.environ, {"COLUMNS": "100", "NO_COLOR": "1"}):
        parts = [_HEAD, _block(parsers.overview())]
        for group, names in parsers.GROUPS.items():
            parts.append(f"\n## {group.capitalize()}\n")
            for name in names:
                parts += [f"\n### {name}\n", _block(parsers.parser(name).format_help())]
    return "\n".join(part.rstrip("\n") for part in parts) + "\n"


def _block(text: str) -> str:
    return f"\n```text\n{text.rstrip()}\n```"


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
    manual.PAGE.write_text(manual.written(), encoding="utf-8")
