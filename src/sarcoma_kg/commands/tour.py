"""What a newcomer wants to see: what the graph holds, what it answers, one answer in full."""

from sarcoma_kg.building.builds import Build
from sarcoma_kg.questions import asking, catalog, explain

__all__ = ["tour"]

_SHOWN = "CQ01"


def tour(build: Build) -> str:
    """Return counts by kind, the verdict of the shapes, a line a question, and one full answer."""
    manifest = build.manifest
    lines = ["What the graph holds"]
    lines += [f"  {count:>7}  {kind}" for kind, count in manifest["counts"].items()]
    warnings = manifest["warnings"]
    more = f" ({len(warnings)} warning(s): `sarcoma-kg validate` lists them)" if warnings else ""
    lines += ["", f"Shapes: conforms{more}", "", "What it answers (rows, question)"]
    store = build.open()
    questions = [catalog.Question.from_dict(d) for d in build.catalog()]
    shown = ""
    for question in questions:
        answer = asking.answer(store, question.query())
        lines.append(f"  {question.id} {len(answer.rows):>4}  {question.summary}")
        if question.id == _SHOWN:
            known = explain.behind(store, answer, question.records)
            shown = f"{question.id} in full: {question.summary}\n\n{explain.render(answer, known)}"
    lines += [
        "", shown,
        "Next: `.venv/bin/sarcoma-kg ask CQ03`, `... explain CQ40`, `... term GIST`, `... --help`.",
        "Every row is what a source says, not a fact and not medical advice.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
