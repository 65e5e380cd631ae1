"""Commands that look things up: show, term, search."""

import argparse
from collections.abc import Sequence
from typing import Any

from sarcoma_kg.commands import arguments, console
from sarcoma_kg.commands.arguments import corrected
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError

__all__ = ["COMMANDS", "find", "graph", "shown"]


def graph(args: argparse.Namespace) -> tuple[Any, list[Any]]:
    """Return the store that is asked, and the packaged questions."""
    from sarcoma_kg.questions import catalog

    if args.endpoint:
        return console.remote(args), catalog.load()
    build = console.built()
    return build.open(), [catalog.Question.from_dict(d) for d in build.catalog()]


def find(store: Any, questions: Sequence[Any], words: str, command: str) -> list[Any]:
    """Return the things that words name.

    Raises:
        UserError: nothing is called so; with commands that lead to what may be meant.
    """
    from sarcoma_kg.questions import finding
    from sarcoma_kg.terms import lookup, things

    try:
        return things.find(store, words)
    except lookup.NotFound as error:
        hits = finding.search(store, questions, words, 2)
        lines = [f"perhaps {corrected(command, name)}" for name in error.near]
        lines += [
            f"perhaps `{hit.command}`: {hit.text or hit.name}"
            for hit in hits
            if hit.kind == "question"
        ]
        lines += [f"perhaps `{hit.command}`" for hit in hits if hit.kind != "question"]
        last = (
            f"{corrected('search', words)} looks everywhere; `sarcoma-kg ask` lists the questions"
        )
        lines = list(dict.fromkeys(lines))[:5] or [last]
        what = "no question or term" if command == "ask" else "no term"
        message = error.message.replace("no term", what, 1)
        raise UserError(message, "\n  ".join(lines)) from error


def shown(
    store: Any, questions: Sequence[Any], words: str, args: argparse.Namespace, *, command: str
) -> int:
    """Print what the words name: for `term` all, else in short with the commands that lead on."""
    from sarcoma_kg.questions import shown

    short = command != "term"
    found = find(store, questions, words, command)
    typed = words if len(found) == 1 else ""
    views = [shown.show(store, thing, questions, typed=typed, onward=short) for thing in found]
    if args.format in {None, "text"}:
        texts = (view.text(console.width(), short=short) for view in views)
        console.out(formats.printable("\n".join(texts)))
    elif args.format == "json":
        import json

        data = [view.as_dict() for view in views]
        console.out(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    else:
        rows = [[str(v["curie"] if "curie" in v else v["id"]), k, x]
                for v in views for k, x in v.pairs()]  # fmt: skip
        console.table(["term", "property", "value"], rows, args.format)
    return 0


def _model(args: argparse.Namespace) -> int:
    from sarcoma_kg.questions import model

    store, _ = graph(args)
    text = model.render(model.read(store), args.format or "text")
    console.out(formats.printable(text) if args.format in {None, "text"} else text)
    return 0


def _show(args: argparse.Namespace) -> int:
    store, questions = graph(args)
    return shown(store, questions, _name(args), args, command="show")


def _term(args: argparse.Namespace) -> int:
    store, questions = graph(args)
    return shown(store, questions, _name(args), args, command="term")


def _name(args: argparse.Namespace) -> str:
    return " ".join(args.words)


def _search(args: argparse.Namespace) -> int:
    from sarcoma_kg.questions import finding

    store, questions = graph(args)
    words = " ".join(args.words)
    hits = finding.search(store, questions, words, args.max)
    form = formats.choose(args.format)
    header = ["kind", "name", "status", "text", "command"]
    if form == "table":
        # The command says the name once more.
        rows = [[h.kind, h.command, h.status, h.text[:160]] for h in hits]
        header = ["kind", "command", "status", "text"]
    else:
        rows = [list(hit) for hit in hits]
    console.table(header, rows, form)
    if not hits:
        near = arguments.near(words.lower(), [q.slug for q in questions])
        hint = f"; perhaps {corrected('ask', near)}" if near else ""
        console.say(f"nothing holds '{words[:80]}'{hint}: fewer or other words find more")
    return 0


def _matrix(args: argparse.Namespace) -> int:
    from sarcoma_kg.questions import claims, matrix
    from sarcoma_kg.sparql.term import Term
    from sarcoma_kg.terms import lookup

    store, questions = graph(args)
    where = ""
    if words := " ".join(args.words):
        (disease, *_) = find(store, questions, words, "matrix")
        if disease.kind != "Disease":
            try:
                lookup.resolve(store, words, "Disease")
            except UserError as error:
                hint = f"{corrected('show', words)} tells what is claimed of it"
                raise UserError(error.message, hint) from error
        where = f"?c skg:aboutDisease/skg:rollsUpTo {Term('iri', disease.iri).sparql()} ."
    made = matrix.matrix(claims.read(store, where))
    if args.format in ("html", "svg"):
        console.out(made.html() if args.format == "html" else made.svg())
        return 0
    console.table(["disease", *made.therapies], made.rows(), args.format)
    console.say(matrix.LEGEND)
    return 0


def _group(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "words", nargs="*", metavar="DISEASE", help="a group; all diseases of the claims if none"
    )


def _words(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "words", nargs="+", metavar="NAME",
        help="label, synonym, CURIE, code, claim number, evidence or [reference]; no quotes needed",
    )  # fmt: skip


def _sought(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("words", nargs="+", metavar="WORDS", help="what must be in it; misspelt too")
    sub.add_argument("--max", type=console.count, default=8, metavar="N", help="of each kind (8)")


_TEXT = console.format_option("text", *formats.FORMATS, default="default: text")
COMMANDS = {
    "model": Command(
        _model, "print the classes, slots and value lists of the graph, with counts and examples",
        "--format md",
        [console.endpoint_options,
         console.format_option("text", "md", "json", default="default: text; md has a diagram")],
    ),
    "show": Command(
        _show, "tell in short what is known of a thing, and where to go on",
        "GIST\n  sarcoma-kg show S2-3.2-SS-01", [_words, console.endpoint_options, _TEXT],
    ),
    "matrix": Command(
        _matrix, "show diseases by therapies: what is claimed, and with which status",
        "liposarcoma -o matrix.svg",
        [_group, console.endpoint_options,
         console.format_option(*formats.FORMATS, "html", "svg")],
    ),
    "search": Command(
        _search, "look for words in names, codes, claims, evidence, references and questions",
        "EZH2", [_sought, console.endpoint_options, console.format_option()],
    ),
    "term": Command(
        _term, "tell all that is known of a thing: relations, mappings, claims",
        "dedifferentiated liposarcoma", [_words, console.endpoint_options, _TEXT],
    ),
}  # fmt: skip
