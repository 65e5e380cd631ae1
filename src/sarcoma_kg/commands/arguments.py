"""The words typed: which command they mean, its options wherever they stand, and the rest."""

import argparse
import re
from collections.abc import Collection, Mapping, Sequence

from sarcoma_kg.ground.errors import UserError

__all__ = [
    "chosen", "command_near", "corrected", "near", "option_near", "pairs", "sorted_out",
]  # fmt: skip

#: Options that take a value, which may stand before the command.
_VALUED = {"--format", "--endpoint", "--graph", "--timeout", "--max-rows", "--output", "-o"}
#: What other programs call a command -> what it is called here.
_ELSEWHERE = {
    **dict.fromkeys(("list", "ls", "questions", "answer", "run"), "ask"),
    **dict.fromkeys(("find", "grep", "look"), "search"),
    **dict.fromkeys(("info", "describe", "lookup", "get", "view", "about", "dossier"), "show"),
    **dict.fromkeys(("man", "usage", "commands"), "help"),
    **dict.fromkeys(("sparql", "select"), "query"),
    **dict.fromkeys(("lint", "test", "verify"), "check"),
    **dict.fromkeys(("export", "dump", "release"), "publish"),
    **dict.fromkeys(("make", "init", "update", "rebuild"), "build"),
    **dict.fromkeys(("format", "pretty"), "fmt"),
    "table": "matrix", "version": "--version", "upload": "load", "why": "explain",
}  # fmt: skip
_QUESTION = re.compile(r"cq\d{1,2}\b", re.IGNORECASE)


def chosen(words: Sequence[str], known: Collection[str]) -> tuple[str, list[str], bool]:
    """Return the command meant, the words for it, and whether it was typed.

    A command's name wins; else a question is asked, and anything else is the name of a thing. The
    command is empty where there is no word but options.
    """
    front: list[str] = []
    # A dash that a text editor made long.
    rest = [re.sub(r"^[\u2012-\u2015]{1,2}(?=[A-Za-z])", "--", word) for word in words]
    while rest and rest[0].startswith("-"):
        front.append(rest.pop(0))
        if front[-1].lower() in _VALUED and rest:
            front.append(rest.pop(0))
    if not rest:
        return "", front, False
    if {"-V", "--version"} & set(front):
        return "", ["--version"], False
    first = rest[0].strip().lower()
    if first in known:
        return first, [*front, *rest[1:]], True
    return "ask" if _QUESTION.match(first) else "show", [*front, *rest], False


def sorted_out(
    name: str, options: Mapping[str, argparse.Action], words: Sequence[str], *, free: bool
) -> tuple[list[str], list[str]]:
    """Return the options of a command with their values, and the other words.

    An option with any number of values stands last, so that it takes no word that is not its own.

    Args:
        name: The command.
        options: Its options, by name.
        words: The words typed after it.
        free: Whether words that look like options may be something else.

    Raises:
        UserError: an option that the command does not have; with the nearest one.
    """
    front: list[str] = []
    rest: list[str] = []
    greedy: list[str] = []
    todo = list(words)
    while todo:
        word = todo.pop(0)
        if word == "--":
            rest += [word, *todo]
            break
        if not _is_option(word):
            rest.append(word)
            continue
        typed, equals, value = word.partition("=")
        option = _known(typed, options)
        if option is None and word[:2] in options and not word.startswith("--"):
            front.append(word)  # as in -oFILE
        elif option is None and free:
            rest.append(word)
        elif option is None:
            _refuse(name, typed, options, words)
        elif equals:
            front.append(f"{option}={value}")
        elif options[option].nargs in ("+", "*"):
            greedy.append(option)
            while todo and not _is_option(todo[0]):
                greedy.append(todo.pop(0))
        else:
            front.append(option)
            needs = options[option].nargs
            takes = needs if isinstance(needs, int) else 1
            front += [todo.pop(0) for _ in range(min(takes, len(todo)))]
    if free:
        return [*front, *greedy], rest
    if "--" in rest:
        at = rest.index("--")
        return front, [*rest[:at], *greedy, *rest[at:]]
    return front, [*rest, *greedy]


def _is_option(word: str) -> bool:
    return len(word) > 1 and word[0] == "-" and not re.match(r"-\.?\d", word)


def _known(typed: str, options: Mapping[str, argparse.Action]) -> str | None:
    if typed in options:
        return typed
    plain = typed.lower().replace("_", "-")
    # As in -format, for want of a dash.
    forms = (plain, f"-{plain}")
    return next((form for form in forms if form in options and len(form) > 2), None)


def _refuse(
    name: str, typed: str, options: Mapping[str, argparse.Action], words: Sequence[str]
) -> None:
    fitting = option_near(typed.lower(), [o for o in options if o[:2] == "--" and o != "--debug"])
    hint = f"`sarcoma-kg {name} --help` tells what it takes"
    if fitting:
        again = [fitting + w[len(typed) :] if w.partition("=")[0] == typed else w for w in words]
        hint = f"perhaps {corrected(name, *again)}"
    raise UserError(f"{name} takes no {typed[:40]}", hint)


def near(typed: str, known: Collection[str]) -> str:
    """Return what of the known words is nearest to the one typed; empty when none is near."""
    import difflib

    found = difflib.get_close_matches(typed, known, 1, 0.6)
    return found[0] if found else ""


def option_near(typed: str, known: Collection[str]) -> str:
    """Return the option nearest to the one typed, of which the first letters will do."""
    begun = (k for k in known if k.lstrip("-").startswith(typed.lstrip("-") or "?"))
    return near(typed, known) or next(begun, "")


def command_near(typed: str, known: Collection[str]) -> str:
    """Return the command that a word may mean, by its letters or because others call it so."""
    return _ELSEWHERE.get(typed) or near(typed, known)


def corrected(*words: str) -> str:
    """Return a command as it may be typed, for a hint."""
    from sarcoma_kg.questions import leads

    return f"`{leads.typed(*words)}`"


def pairs(
    rest: Sequence[str], names: Collection[str] = ()
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return `--name value`, `--name=value` and `name=value` as pairs, and the words before them.

    All words up to the next option are one value, so that it needs no quotes; it may be empty.

    Args:
        rest: The words.
        names: The names that may stand without dashes.
    """
    free: list[str] = []
    found: list[tuple[str, list[str]]] = []
    for word in rest:
        named = re.fullmatch(r"(-{0,2})([A-Za-z][\w-]*)(?:(=)(.*))?", word, re.DOTALL)
        name = named[2].lower().replace("-", "_") if named else ""
        if named and (named[1] or (named[3] and name in names)):
            found.append((name, [named[4]] if named[3] else []))
        elif word != "--":
            (found[-1][1] if found else free).append(word)
    return [(name, " ".join(values)) for name, values in found], free
