"""Words typed after a question: its parameters differ by question, so argparse cannot know them."""

from collections.abc import Sequence

from sarcoma_kg.ground.errors import UserError

__all__ = ["options_first", "pairs"]


def pairs(rest: Sequence[str]) -> list[tuple[str, str]]:
    """Pair `--name value` and `--name=value` as typed after the question."""
    pairs: list[tuple[str, str]] = []
    words = list(rest)
    while words:
        word = words.pop(0)
        if not word.startswith("--") or word == "--":
            raise UserError(f"unexpected '{word}'", "parameters are typed as --name value")
        name, equals, value = word[2:].partition("=")
        if not equals:
            if not words:
                raise UserError(f"--{name} needs a value")
            value = words.pop(0)
        if name in {n for n, _ in pairs}:
            raise UserError(f"--{name} is given twice")
        pairs.append((name, value))
    return pairs


def options_first(argv: list[str]) -> list[str]:
    """Move the options that every question has before the parameters, which differ by question."""
    if argv[:1] == ["--debug"]:
        argv = [*argv[1:2], "--debug", *argv[2:]]
    if not argv or argv[0] not in {"ask", "explain"}:
        return argv
    front, rest = [argv[0]], []
    words = argv[1:]
    while words:
        word = words.pop(0)
        if word in {"--format", "--endpoint", "--graph"} and words:
            front += [word, words.pop(0)]
        elif word.startswith(("--format=", "--endpoint=", "--graph=")) or word in {
            "--show-query",
            "--debug",
            "-h",
            "--help",
        }:
            front.append(word)
        else:
            rest.append(word)
    return front + rest
