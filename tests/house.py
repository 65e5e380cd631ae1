"""The house: which room of `src/sarcoma_kg` may know which, and a picture of who does.

python -m tests.house           # writes docs/images/house.svg
python -m tests.house --check   # the same, but compares

A room is a folder; `doors` are `cli.py`, `api.py` and `commands/`. "Knows" means imports: a room
may import the rooms named for it and what those know in turn, wherever in the code the import
stands, for type checkers or when a function is called.
"""

import ast
import sys
from collections import defaultdict
from html import escape
from pathlib import Path
from typing import NamedTuple

__all__ = ["FLOORS", "KNOWS", "Arrow", "arrows", "circles", "main", "reach", "svg", "wrong"]

SOURCE = Path(__file__).resolve().parents[1] / "src" / "sarcoma_kg"
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "house.svg"
DOORS = "doors"
GROUND = "ground"
#: From the street to the ground: room -> the rooms that it is built on.
KNOWS: dict[str, tuple[str, ...]] = {
    DOORS: ("publishing", "differences", "fairness", "sources", "vocabularies"),
    "publishing": ("pages", "differences"),
    "pages": ("building",),
    "building": ("questions", "quality", "owl"),
    "differences": ("owl", "reading"),
    "fairness": ("owl", "reading"),
    "sources": ("quality", "terms", "reading"),
    "quality": ("shacl", "reading"),
    "owl": ("sheets",),
    "sheets": ("terms", "reading"),
    "questions": ("terms",),
    "terms": ("stores",),
    "shacl": ("stores",),
    "vocabularies": ("reading", "stores"),
    "reading": ("turtle",),
    "turtle": (GROUND,),
    "stores": ("sparql",),
    "sparql": (GROUND,),
    GROUND: (),
}
#: Rooms side by side, for the picture.
FLOORS = (
    (DOORS,), ("publishing",), ("pages",), ("building", "differences", "fairness", "sources"),
    ("quality", "owl", "questions"), ("shacl", "sheets", "vocabularies"), ("reading", "terms"),
    ("stores",),
    ("turtle", "sparql"), (GROUND,),
)  # fmt: skip


class Arrow(NamedTuple):
    """One module imports another; both as `room/module.py`."""

    user: str
    used: str

    @property
    def rooms(self) -> tuple[str, str]:
        """The rooms of the two."""
        return _room(self.user), _room(self.used)


def _room(place: str) -> str:
    first = place.partition("/")[0]
    return DOORS if first in {"cli.py", "api.py", "commands", "serving", "__init__.py"} else first


def arrows(source: Path = SOURCE) -> list[Arrow]:
    """Return every import of a module of ours by another, wherever it stands."""
    package = source.name
    modules = {
        ".".join(path.relative_to(source.parent).with_suffix("").parts).removesuffix(
            ".__init__"
        ): path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
    }
    found = []
    for place in modules.values():
        for node in ast.walk(ast.parse((source / place).read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                parts = [f"{node.module}.{alias.name}" for alias in node.names]
                names = [part if part in modules else node.module for part in parts]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level:
                raise ValueError(f"{place}: imports by relative name; write the whole name")
            for name in names:
                if name.split(".")[0] != package:
                    continue
                if name not in modules:
                    raise ValueError(f"{place}: imports {name}, which is no module")
                found.append(Arrow(place, modules[name]))
    return sorted(set(found))


def reach(room: str) -> set[str]:
    """Return what a room may import: the rooms below it on the way to the ground, and itself."""
    below = {room, GROUND}
    for other in KNOWS[room]:
        below |= reach(other)
    return below


def wrong(found: list[Arrow]) -> list[str]:
    """Return a line for each arrow that goes where its room may not go."""
    lines = []
    for arrow in found:
        user, used = arrow.rooms
        if user not in KNOWS or used not in KNOWS:
            room = used if used not in KNOWS else user
            lines.append(f"{arrow.user} -> {arrow.used}: {room} is no room of the house")
        elif used not in reach(user) and arrow.used != "__init__.py":
            lines.append(f"{arrow.user} -> {arrow.used}: {user} may not know {used}")
    return lines


def circles(found: list[Arrow]) -> list[str]:
    """Return the circles among modules, each as the modules in their order."""
    users: dict[str, set[str]] = defaultdict(set)
    for arrow in found:
        users[arrow.user].add(arrow.used)
    seen: dict[str, int] = {}  # 1: on the way, 2: done
    rounds = []

    def walk(place: str, way: tuple[str, ...]) -> None:
        seen[place] = 1
        for used in sorted(users[place]):
            if seen.get(used) == 1:
                rounds.append(" -> ".join([*way[way.index(used) :], used]))
            elif used not in seen:
                walk(used, (*way, used))
        seen[place] = 2

    for place in sorted(users):
        if place not in seen:
            walk(place, (place,))
    return rounds


_WIDE, _HIGH, _GAP, _STEP = 214, 58, 22, 104


def _lines(text: str, most: int = 36) -> list[str]:
    rows = [""]
    for word in text.split():
        if len(rows[-1]) + len(word) >= most:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows[:2]


def _purpose(room: str) -> str:
    """Return what a room is for: the first line of its `__init__.py`."""
    if room == DOORS:
        return "cli.py, api.py, commands/: parse, call, print"
    text = (SOURCE / room / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0].rstrip(".")


def svg(found: list[Arrow]) -> str:
    """Return the house as a picture: rooms on their floors, an arrow where one imports another.

    Arrows that a longer way takes too are left out, and so are those to the ground, on which all
    stand.
    """
    direct = {a.rooms for a in found if a.rooms[0] != a.rooms[1] and a.rooms[1] != GROUND}
    far = {(a, c) for a, b in direct for c in reach(b) - {b} if (a, c) in direct}
    wide = max(map(len, FLOORS)) * (_WIDE + _GAP) + _GAP
    places = {
        room: ((wide - len(floor) * (_WIDE + _GAP) + _GAP) // 2 + i * (_WIDE + _GAP), level * _STEP)
        for level, floor in enumerate(FLOORS)
        for i, room in enumerate(floor)
    }
    places[GROUND] = (_GAP, places[GROUND][1])
    high = len(FLOORS) * _STEP
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -12 {wide} {high}" role="img" '
        'font-family="sans-serif">',
        "<title>The rooms of src/sarcoma_kg and which imports which</title>",
        f'<rect y="-12" width="{wide}" height="{high}" fill="#fff"/>',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>',
    ]
    for user, used in sorted(direct - far):
        (x1, y1), (x2, y2) = places[user], places[used]
        x1, x2, y1 = x1 + _WIDE // 2, x2 + _WIDE // 2, y1 + _HIGH
        bend = (y2 - y1) // 2
        rows.append(
            f'<path d="M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2 - 2}" fill="none" '
            'stroke="#667" marker-end="url(#a)"/>'
        )
    for room, (x, y) in places.items():
        span = wide - 2 * _GAP if room == GROUND else _WIDE
        rows.append(
            f'<rect x="{x}" y="{y}" width="{span}" height="{_HIGH}" rx="5" fill="#eef3f8" '
            'stroke="#345"/>'
        )
        middle = x + span // 2
        rows.append(
            f'<text x="{middle}" y="{y + 18}" font-size="14" font-weight="bold" '
            f'text-anchor="middle" fill="#123">{escape(room)}</text>'
        )
        rows += [
            f'<text x="{middle}" y="{y + 34 + 14 * i}" font-size="11" text-anchor="middle" '
            f'fill="#234">{escape(line)}</text>'
            for i, line in enumerate(_lines(_purpose(room), 120 if room == GROUND else 36))
        ]
    return "\n".join([*rows, "</svg>", ""])


def main(words: list[str]) -> int:
    """Write the picture, or compare it; return the exit code."""
    found = arrows()
    for line in (problems := wrong(found) + circles(found)):
        sys.stderr.write(line + "\n")
    drawn = svg(found)
    if "--check" in words:
        same = PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == drawn
        if not same:
            sys.stderr.write(f"{PICTURE} is out of date: make house draws it anew\n")
        return int(bool(problems) or not same)
    PICTURE.write_text(drawn, encoding="utf-8")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
