"""Commands that answer: ask, explain, query, term, tour."""

import argparse
from typing import Any

from sarcoma_kg.commands import arguments, console
from sarcoma_kg.commands.console import Command, Configure
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError
from sarcoma_kg.questions import asking

__all__ = ["COMMANDS"]


def _store_and_questions(args: argparse.Namespace) -> tuple[Any, Any]:
    from sarcoma_kg.questions import catalog

    if args.endpoint:
        return console.remote(args), catalog.load()
    build = console.built()
    return build.open(), [catalog.Question.from_dict(d) for d in build.catalog()]


def _answer(args: argparse.Namespace) -> tuple[Any, Any, Any]:
    """Return question, store and answer for a question and the parameters typed."""
    from sarcoma_kg.questions import catalog

    store, questions = _store_and_questions(args)
    question = catalog.find(questions, args.question)
    query = asking.query_for(store, question, dict(arguments.pairs(args.parameters)))
    return question, store, (query if getattr(args, "show_query", False) else store.select(query))


def _print_solutions(answer: Any, form: str) -> None:
    rows = [[term.cell if term else "" for term in row] for row in answer.rows]
    console.out(formats.render(answer.variables, rows, form))


def _ask(args: argparse.Namespace) -> int:
    if args.question is None:
        rows = [
            [q.id, q.summary, ", ".join(f"--{p.name} ({p.kind})" for p in q.parameters)]
            for q in _store_and_questions(args)[1]
        ]
        console.out(
            formats.render(["id", "question", "parameters"], rows, formats.choose(args.format))
        )
        return 0
    _, _, answer = _answer(args)
    if args.show_query:
        console.out(answer)
        return 0
    _print_solutions(answer, formats.choose(args.format))
    if not answer.rows:
        console.say("no row: no claim matches these parameters (which is not a claim of no effect)")
    return 0


def _explain(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from sarcoma_kg.questions import explain

    question, store, answer = _answer(args)
    rows = list(answer.dicts())
    ids = [i for row in rows for i in explain.claims_of_row(list(row.values()))]
    known = explain.details(store, list(dict.fromkeys(ids)))
    if args.format == "json":
        data = [
            {
                "row": row,
                "claims": [
                    asdict(known[i])
                    for i in explain.claims_of_row(list(row.values()))
                    if i in known
                ],
            }
            for row in rows
        ]
        console.out(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return 0
    text = f"{question.id}: {question.summary}\n\n{explain.render(answer, known)}\n"
    console.out(formats.printable(text))
    return 0


def _query(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.reading import files
    from sarcoma_kg.stores import isolated, w3c

    where = args.file
    text = console.typed() if where == "-" else files.read_text(Path(where))
    limits: Any = {"where": where, "prefixes": args.prefixes, "seconds": args.timeout}
    if not args.endpoint:
        build = console.built()
        reply = isolated.run(
            build.folder / "store", text, most=args.max_rows, form=args.format, **limits
        )
        console.out(w3c.render(reply, args.format))
        if reply.absent:
            _tell_missing(build.open(), reply.absent)
        return 0
    from sarcoma_kg.stores.absent import absent

    text, seen = isolated.judge(text, **limits)
    w3c.check(seen.form, args.format)
    store = console.remote(args)
    reply = store.reply(text, args.max_rows)
    reply = reply._replace(solutions=reply.solutions.ordered(seen.variables))
    console.out(w3c.render(reply, args.format))
    console.flush()  # The answer need not wait for one more request.
    try:
        _tell_missing(store, absent(store, seen.names))
    except UserError as error:
        console.say(f"whether the graph holds the names in the query is not known: {error.message}")
    return 0


def _tell_missing(store: Any, absent: dict[str, str]) -> None:
    from sarcoma_kg.terms import missing

    for line in missing.words(store, absent):
        console.say(line)


def _term(args: argparse.Namespace) -> int:
    import json

    from sarcoma_kg.questions import termview
    from sarcoma_kg.terms import lookup

    store = console.remote(args) if args.endpoint else console.built().open()
    words = " ".join(args.words)
    hits, near = lookup.search(store, words)
    if not hits:
        raise UserError(
            f"no term is called '{words[:80]}'", f"perhaps: {'; '.join(near)}" if near else ""
        )
    views = [termview.view(store, iri) for iri in hits]
    if args.format in {None, "text"}:
        console.out(formats.printable("\n".join(termview.render(v) for v in views)))
    elif args.format == "json":
        console.out(json.dumps(views, ensure_ascii=False, indent=1) + "\n")
    else:
        rows = [[str(v["curie"]), k, str(x)] for v in views for k, x in termview.pairs(v)]
        console.out(formats.render(["term", "property", "value"], rows, args.format))
    return 0


def _tour(args: argparse.Namespace) -> int:
    from sarcoma_kg.commands import tour

    console.out(tour.tour(console.built()))
    return 0


def _question(*, optional: bool) -> Configure:
    def configure(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "question", metavar="QUESTION", help="CQ01 ... CQ48", nargs="?" if optional else None
        )
        sub.add_argument(
            "parameters",
            nargs=argparse.REMAINDER,
            metavar="--PARAMETER VALUE",
            help="a label, synonym, IRI, CURIE or NCIt code, in any case",
        )
        if optional:
            sub.add_argument("--show-query", action="store_true", help="print the SPARQL instead")

    return configure


def _limits(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", metavar="FILE", help="a query file; - reads standard input")
    sub.add_argument("--timeout", type=console.seconds, default=60, help="seconds (default 60)")
    sub.add_argument("--max-rows", type=console.count, default=100_000, help="default 100000")
    sub.add_argument(
        "--prefixes", action="store_true", help="known prefixes need not be declared (skg:, rdfs:)"
    )


def _words(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("words", nargs="+", metavar="WORDS", help="label, synonym, CURIE, NCIt code")


#: Those of `stores.w3c`, which a question does not wait for.
_W3C = ("srj", "srx", "turtle", "nt", "jsonld")
_ASK = 'CQ01 --disease "synovial sarcoma"'
COMMANDS = {
    "ask": Command(
        _ask, "list the questions, or answer one", _ASK,
        [_question(optional=True), console.format_option(), console.endpoint_options],
    ),
    "explain": Command(
        _explain, "answer a question and print the claims behind each row", _ASK,
        [_question(optional=False), console.endpoint_options,
         console.format_option("text", "json", default="default: text")],
    ),
    "query": Command(
        _query, "run a read-only SPARQL query", "my.rq --format json",
        [_limits, console.endpoint_options,
         console.format_option(
             *formats.FORMATS, *_W3C,
             default="default: turtle for a graph (CONSTRUCT, DESCRIBE; also nt, jsonld), else a "
             "table on a terminal, and csv in a pipe",
         )],
    ),
    "term": Command(
        _term, "look a term up", "dedifferentiated liposarcoma",
        [_words, console.endpoint_options,
         console.format_option("text", *formats.FORMATS, default="default: text")],
    ),
    "tour": Command(_tour, "show what the graph holds and answers", "", []),
}  # fmt: skip
