"""The command `sarcoma-kg`: parse, call, print."""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from typing import Any

from sarcoma_kg import __version__, arguments, formats
from sarcoma_kg.errors import UserError

__all__ = ["main"]

_EPILOG = """examples:
  sarcoma-kg build                              bring the graph up to date
  sarcoma-kg ask                                list the questions
  sarcoma-kg ask CQ01 --disease "synovial sarcoma"
  sarcoma-kg explain CQ01                       the answer with the claims behind each row
  sarcoma-kg term GIST                          definition, parents, mappings
  sarcoma-kg validate my-claims.ttl             check your own file

exit codes: 0 done; 1 the data breaks a rule; 2 bad input; 130 interrupted
Nothing in this graph is medical advice."""


def _say(words: str) -> None:
    sys.stderr.write(formats.printable(words) + "\n")


def _out(text: str) -> None:
    sys.stdout.write(text)


def _step(words: str) -> None:
    _say(f"  {words} ...")


def _built() -> Any:
    """Return the present build, making it first when there is none."""
    from sarcoma_kg import builds

    if (present := builds.current()) is not None:
        return present
    from sarcoma_kg import pipeline

    _say("the graph is not built yet, or its files have changed: building")
    return pipeline.build(_step)[0]


def _build(args: argparse.Namespace) -> int:
    from sarcoma_kg import pipeline

    made, worked = pipeline.build(_step, force=args.force)
    manifest = made.manifest
    state = f"built in {manifest['seconds']} s" if worked else "up to date"
    warnings = f", {len(manifest['warnings'])} warning(s)" if manifest["warnings"] else ""
    _say(f"{state}: {manifest['counts']['claims']} claims, conforms{warnings}")
    _say(f"store, asserted.nt and inferred.nt are in {made.location}")
    if args.format:
        rows = [[str(k), str(v)] for k, v in manifest["counts"].items()]
        _out(formats.render(["kind", "count"], rows, args.format))
    return 0


def _answer(args: argparse.Namespace) -> tuple[Any, Any, Any]:
    """Return question, store and answer for a question and the parameters typed."""
    from sarcoma_kg import catalog

    build = _built()
    question = catalog.find([catalog.Question.from_dict(d) for d in build.catalog()], args.question)
    store = build.open()
    values = {}
    for name, typed in arguments.pairs(args.parameters):
        parameter = next((p for p in question.parameters if p.name == name), None)
        if parameter is None:
            takes = ", ".join(f"--{p.name} ({p.kind})" for p in question.parameters) or "none"
            raise UserError(f"{question.id} takes no --{name}", f"parameters: {takes}")
        from sarcoma_kg import terms

        values[name] = terms.resolve(store, typed, parameter.kind)
    query = question.query(values)
    return question, store, (query if getattr(args, "show_query", False) else store.select(query))


def _print_solutions(answer: Any, form: str) -> None:
    rows = [[term.value if term else "" for term in row] for row in answer.rows]
    _out(formats.render(answer.variables, rows, form))


def _ask(args: argparse.Namespace) -> int:
    if args.question is None:
        build = _built()
        rows = [
            [d["id"], d["summary"], ", ".join(f"--{n} ({k})" for n, k, _ in d["parameters"])]
            for d in build.catalog()
        ]
        _out(formats.render(["id", "question", "parameters"], rows, formats.choose(args.format)))
        return 0
    _, _, answer = _answer(args)
    if args.show_query:
        _out(answer)
        return 0
    _print_solutions(answer, formats.choose(args.format))
    if not answer.rows:
        _say("no row: no claim matches these parameters (which is not a claim of no effect)")
    return 0


def _explain(args: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from sarcoma_kg import explain

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
        _out(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return 0
    text = f"{question.id}: {question.summary}\n\n{explain.render(answer, known)}\n"
    _out(formats.printable(text))
    return 0


def _query(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg import guard, isolated

    where = args.file
    text = sys.stdin.read() if where == "-" else guard.read_text(Path(where))
    text = guard.check_read_only(text, where)
    header, rows = isolated.run(
        _built().folder / "store", text, seconds=args.timeout, most=args.max_rows
    )
    _out(formats.render(header, rows, formats.choose(args.format)))
    return 0


def _print_findings(report: Any, form: str | None) -> None:
    if form:
        keys = ["severity", "shape", "focus", "path", "value", "message", "file", "line"]
        rows = [[str(f.as_dict()[k]) for k in keys] for f in report.findings]
        _out(formats.render(keys, rows, form))
        return
    for f in report.findings:
        place = f"{f.file}:{f.line}: " if f.line else f"{f.file}: " if f.file else ""
        value = f" [{f.value}]" if f.value else ""
        text = f"{place}{f.severity}: {f.focus}{value}\n    {f.message} ({f.shape})\n"
        _out(formats.printable(text))


def _validate(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg import checking

    files = [Path(f) for f in args.files]
    report = checking.check(_built(), files, _step)
    _print_findings(report, args.format)
    violations = sum(f.severity == "violation" for f in report.findings)
    others = len(report.findings) - violations
    what = ", ".join(map(str, files)) or "the packaged graph"
    if report.conforms:
        _say(f"{what}: conforms" + (f", {others} warning(s)" if others else ""))
        return 0
    _say(f"{what}: {violations} violation(s), {others} warning(s)")
    return 1


def _term(args: argparse.Namespace) -> int:
    import json

    from sarcoma_kg import terms, termview

    store = _built().open()
    words = " ".join(args.words)
    hits, near = terms.search(store, words)
    if not hits:
        raise UserError(
            f"no term is called '{words[:80]}'", f"perhaps: {'; '.join(near)}" if near else ""
        )
    views = [termview.view(store, iri) for iri in hits]
    if args.format in {None, "text"}:
        _out(formats.printable("\n".join(termview.render(v) for v in views)))
    elif args.format == "json":
        _out(json.dumps(views, ensure_ascii=False, indent=1) + "\n")
    else:
        rows = [[str(v["curie"]), k, str(x)] for v in views for k, x in termview.pairs(v)]
        _out(formats.render(["term", "property", "value"], rows, args.format))
    return 0


def _verify_source(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg import verify_source

    check = verify_source.verify(_built().open(), Path(args.file))
    rows = [[str(g.start), str(g.end), g.reason or "NOT COVERED", g.text] for g in check.gaps]
    form = args.format
    if form is None:
        rows = [
            [a, b, why, text[:60] + ("…" if len(text) > 60 else "")] for a, b, why, text in rows
        ]
        form = "table"
    _say(f"{args.file}: this is source {check.source}; the hash matches, {check.length} characters")
    _say(f"{check.spans} spans with {check.claims} claims, {len(check.bad_spans)} out of bounds")
    for bad in check.bad_spans:
        _say(f"  {bad}")
    _say(f"{len(check.uncovered)} sentence(s) of abstract and body without claim or reason")
    _out(formats.render(["start", "end", "not covered because", "text"], rows, form))
    return 0 if check.ok else 1


def _tour(args: argparse.Namespace) -> int:
    from sarcoma_kg import tour

    _out(tour.tour(_built()))
    return 0


Configure = Callable[[argparse.ArgumentParser], None]


def _format(*choices: str, default: str = "default: table on a terminal, else csv") -> Configure:
    def configure(sub: argparse.ArgumentParser) -> None:
        sub.add_argument(
            "--format",
            choices=choices or formats.FORMATS,
            help=default,
        )

    return configure


def _force(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--force", action="store_true", help="build even when nothing changed")


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


def _seconds(text: str) -> float:
    if not 0 < (value := float(text)) <= 86_400:
        raise argparse.ArgumentTypeError("a number of seconds from above 0 to 86400")
    return value


def _count(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("a whole number from 1")
    return value


def _limits(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", metavar="FILE", help="a query file; - reads standard input")
    sub.add_argument("--timeout", type=_seconds, default=60, help="seconds (default 60)")
    sub.add_argument("--max-rows", type=_count, default=100_000, help="default 100000")


def _files(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "files", nargs="*", metavar="FILE", help="your files; none: the packaged graph"
    )


def _words(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("words", nargs="+", metavar="WORDS", help="label, synonym, CURIE, NCIt code")


def _file(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", metavar="FILE", help="the text as the curators had it")


_COUNTS = _format(default="print the counts too, in this format")
_REPORT = _format(default="default: a report to read")
_GAPS = _format(default="default: a table with shortened texts")
_ASK = 'CQ01 --disease "synovial sarcoma"'
#: name -> call, what it does, example, and what gives it its arguments
_COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], str, str, list[Configure]]] = {
    "build": (_build, "load, reason, infer, validate and store", "--force", [_force, _COUNTS]),
    "ask": (
        _ask, "list the questions, or answer one", _ASK, [_question(optional=True), _format()],
    ),
    "explain": (
        _explain, "answer a question and print the claims behind each row", _ASK,
        [_question(optional=False), _format("text", "json", default="default: text")],
    ),
    "query": (
        _query, "run a read-only SPARQL query", "my.rq --format json", [_limits, _format()],
    ),
    "validate": (
        _validate, "check data against the shapes and checks", "my-claims.ttl", [_files, _REPORT],
    ),
    "term": (
        _term, "look a term up", "dedifferentiated liposarcoma",
        [_words, _format("text", *formats.FORMATS, default="default: text")],
    ),
    "verify-source": (
        _verify_source, "check a source text against its claims", "review.txt", [_file, _GAPS],
    ),
    "tour": (_tour, "show what the graph holds and answers", "", []),
}  # fmt: skip


def _parser(wanted: str) -> argparse.ArgumentParser:
    """Return the parser: with the wanted command alone, for a quick start, else with all."""
    parser = argparse.ArgumentParser(
        prog="sarcoma-kg",
        description="Build, question, explain and check the sarcoma knowledge graph.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"sarcoma-kg {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    shown = [wanted] if wanted in _COMMANDS else list(_COMMANDS)
    for name in shown:
        call, text, example, configures = _COMMANDS[name]
        sub = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog=f"example:\n  sarcoma-kg {name} {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        sub.set_defaults(call=call)
        for configure in configures:
            configure(sub)
    return parser


def _fail(error: UserError) -> int:
    _say(f"sarcoma-kg: {error}")
    return 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    words = arguments.options_first(list(sys.argv[1:] if argv is None else argv))
    args = _parser(next(iter(words), "")).parse_args(words)
    try:
        code: int = args.call(args)
        sys.stdout.flush()
    except UserError as error:
        return _fail(error)
    except BrokenPipeError:
        # The reader of the pipe has seen enough; keep Python from complaining at exit.
        sys.stderr.close()
        return 0
    except (OSError, UnicodeError) as error:
        # Files are handled where they are read; what is left is the way out.
        return _fail(UserError(f"the output cannot be written: {error}"))
    except KeyboardInterrupt:
        _say("interrupted; nothing half-written was kept")
        return 130
    except Exception as error:
        from sarcoma_kg.pipeline import NonConforming

        if isinstance(error, NonConforming):
            _print_findings(error.report, None)
            _say(f"sarcoma-kg: {error}; the former build stays in place")
            return 1
        raise
    return code


if __name__ == "__main__":
    sys.exit(main())
