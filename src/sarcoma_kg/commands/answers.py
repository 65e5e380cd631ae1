"""Commands that answer: ask, explain, query, tour."""

import argparse
from typing import Any

from sarcoma_kg.commands import asked, console, output
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError

__all__ = ["COMMANDS"]


def _meant(store: Any, questions: Any, words: list[str], command: str) -> asked.Asked:
    """Return what was asked: a question, what a sentence leads to, or the name of a thing."""
    meant = asked.understood(store, questions, words, command)
    if meant.question is None and " " in meant.name:
        from sarcoma_kg.commands import routed

        return routed.asked(store, questions, meant.name, command) or meant
    return meant


def _ask(args: argparse.Namespace) -> int:
    from sarcoma_kg.commands import looking
    from sarcoma_kg.questions import asking, status_column

    store, questions = looking.graph(args)
    if not args.words:
        rows = [
            [q.id, q.summary, ", ".join(f"--{p.option} ({p.kind})" for p in q.parameters)]
            for q in questions
        ]
        console.table(["id", "question", "parameters"], rows, args.format)
        return 0
    meant = _meant(store, questions, args.words, "ask")
    if meant.question is None:
        if args.format == "table":
            args.format = "text"
        return looking.shown(store, questions, meant.name, args, command="ask")
    if args.helped:
        console.out(asked.described(store, meant.question, "ask"))
        return 0
    query = asked.query(store, meant.question, meant.typed, "ask")
    if args.show_query:
        console.out(query)
        return 0
    answer = asking.answer(store, query)
    form = formats.choose(args.format)
    header, told = status_column.with_status(store, answer)
    about = (
        asked.told(store, meant.question, meant.typed) if form in {"table", *output.BINARY} else {}
    )
    console.table(header, told, form, about)
    for name, day in ({} if about else asking.days(meant.question, meant.typed)).items():
        console.say(f"{name}: {day}")
    if not answer.rows:
        console.say("no row: no claim matches these parameters (which is not a claim of no effect)")
    return 0


def _explain(args: argparse.Namespace) -> int:
    import json

    from sarcoma_kg.commands import looking
    from sarcoma_kg.questions import asking, explain

    if not args.words:
        raise UserError("explain what?", "such as `sarcoma-kg explain CQ40`")
    store, questions = looking.graph(args)
    meant = _meant(store, questions, args.words, "explain")
    if meant.question is None:
        return _explain_thing(store, questions, meant.name, args.format)
    if args.helped:
        console.out(asked.described(store, meant.question, "explain"))
        return 0
    answer = asking.answer(store, asked.query(store, meant.question, meant.typed, "explain"))
    known = explain.behind(store, answer, meant.question.records)
    if args.format == "json":
        data = [
            {
                "row": row,
                "claims": [c.as_dict() for c in known.claims_of(row.values())],
                "evidence": [e._asdict() for e in known.evidence_of(row)],
            }
            for row in answer.dicts()
        ]
        console.out(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return 0
    above = "".join(
        f"{name}: {text}\n" for name, text in asked.told(store, meant.question, meant.typed).items()
    )
    text = formats.wrapped(above, console.width())
    console.out(formats.printable(f"{text}\n{explain.render(answer, known, console.width())}\n"))
    return 0


def _explain_thing(store: Any, questions: Any, name: str, form: str | None) -> int:
    """Print the claims that a thing is about or touches, each in full; disputed ones first."""
    import json

    from sarcoma_kg.commands import looking
    from sarcoma_kg.questions import claims, shown

    things = looking.find(store, questions, name, "explain")
    found = {c.iri: c for thing in things for c in shown.claims_of(store, thing)}.values()
    if form == "json":
        data = [claim.as_dict() for claim in found]
        console.out(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return 0
    texts = [claims.full(claim, console.width()) for claim in found]
    head = [] if things[0].kind == "Claim" else [f"{name}: {claims.tally(list(found))}"]
    console.out(formats.printable("\n\n".join([*head, *texts]) + "\n"))
    return 0


def _query(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.reading import files
    from sarcoma_kg.stores import isolated, w3c

    where = args.file
    if "{" in where and not Path(where).is_file():
        text, where = where, "the query"
    else:
        text = console.typed() if where == "-" else files.read_text(Path(where))
    limits: Any = {"where": where, "prefixes": args.prefixes, "seconds": args.timeout}
    if not args.endpoint:
        build = console.built()
        reply = isolated.run(
            build.folder / "store", text, most=args.max_rows, form=args.format, **limits
        )
        _print_reply(reply, args.format)
        if reply.absent:
            _tell_missing(build.open(), reply.absent)
        return 0
    from sarcoma_kg.stores.absent import absent

    text, seen = isolated.judge(text, **limits)
    w3c.check(seen.form, args.format)
    store = console.remote(args)
    reply = store.reply(text, args.max_rows)
    reply = reply._replace(solutions=reply.solutions.ordered(seen.variables))
    _print_reply(reply, args.format)
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


def _print_reply(reply: Any, form: str | None) -> None:
    from sarcoma_kg.stores import w3c

    if form in output.BINARY:
        console.table(reply.solutions.variables, reply.solutions.rows, form)
    else:
        console.out(w3c.render(reply, form))


def _tour(args: argparse.Namespace) -> int:
    from sarcoma_kg.commands import tour

    console.out(tour.tour(console.built()))
    return 0


def _question(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "words", nargs="*", metavar="QUESTION [NAME | --PARAMETER NAME]",
        help="CQ01, CQ02 ... and what it is asked about, or a NAME alone: a label, synonym, IRI, "
        "CURIE or code, in any case, without quotes; QUESTION --help has its parameters, such as "
        "--as-of DAY",
    )  # fmt: skip


def _show_query(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--show-query", action="store_true", help="print the SPARQL instead")


def _limits(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "file", metavar="FILE", help="a query file, or the query; - reads standard input"
    )
    sub.add_argument("--timeout", type=console.seconds, default=60, help="seconds (default 60)")
    sub.add_argument("--max-rows", type=console.count, default=100_000, help="default 100000")
    sub.add_argument(
        "--prefixes", action="store_true", help="known prefixes need not be declared (skg:, rdfs:)"
    )


#: Those of `stores.w3c`, which a question does not wait for.
_W3C = ("srj", "srx", "turtle", "nt", "jsonld")
_ASK = "CQ01 synovial sarcoma"
COMMANDS = {
    "ask": Command(
        _ask, "list the questions, or answer one", _ASK,
        [_question, _show_query, console.format_option(), console.endpoint_options], "words",
    ),
    "explain": Command(
        _explain, "answer a question, or take a thing, and print the claims behind it in full",
        _ASK + "\n  sarcoma-kg explain S2-3.2-SS-01",
        [_question, console.endpoint_options,
         console.format_option("text", "json", default="default: text")], "words",
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
    "tour": Command(_tour, "show what the graph holds and answers", "", []),
}  # fmt: skip
