"""Commands that make the graph and look at what goes with it: build, load, portable ..."""

import argparse
import os

from sarcoma_kg.commands import console, output
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground.errors import UserError

__all__ = ["COMMANDS"]


def _build(args: argparse.Namespace) -> int:
    if args.extras and (code := console.apart(args, args.extras)) is not None:
        return code
    from sarcoma_kg.building import pipeline

    extras = list(dict.fromkeys(os.path.abspath(path) for path in args.extras))
    made, worked = pipeline.build(console.step, force=args.force, extras=extras)
    manifest = made.manifest
    state = f"built in {manifest['seconds']} s" if worked else "up to date"
    warnings = f", {len(manifest['warnings'])} warning(s)" if manifest["warnings"] else ""
    console.say(f"{state}: {manifest['counts']['claims']} claims, conforms{warnings}")
    if extras:
        console.say(f"with your files: {', '.join(extras)} (`sarcoma-kg build` leaves them out)")
    console.say(f"store, asserted.nt and inferred.nt are in {made.location}")
    if args.format:
        rows = [[str(k), str(v)] for k, v in manifest["counts"].items()]
        console.table(["kind", "count"], rows, args.format)
    return 0


def _load(args: argparse.Namespace) -> int:
    import pyoxigraph as ox

    from sarcoma_kg.stores import upload
    from sarcoma_kg.stores.writable import WritableStore

    if not args.endpoint:
        raise UserError("load where?", f"give --endpoint URL, or set {console.ENDPOINT}")
    build = console.built()
    store = WritableStore(
        args.endpoint,
        graph=args.graph or "",
        update=args.update or "",
        graph_store=args.graph_store or "",
        timeout=args.timeout,
        say=console.say,
    )
    console.step("naming blank nodes")
    triples = (
        triple
        for part in ("asserted.nt", "inferred.nt")
        for triple in ox.parse(path=str(build.folder / part), format=ox.RdfFormat.N_TRIPLES)
    )
    loaded = upload.load(
        store,
        (t.triple for t in triples),
        replace=args.replace,
        progress=console.counted("triples"),
    )
    where = f"<{args.graph}>" if args.graph else "the default graph"
    console.say(
        f"{args.endpoint}: {where} holds {loaded.triples:,} triples, {loaded.sent:,} of them sent "
        f"now; count and digest agree (by value: {loaded.digest})"
    )
    return 0


def _portable(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.building import builds
    from sarcoma_kg.reading import files
    from sarcoma_kg.sparql import outline, portability
    from sarcoma_kg.stores import absent, isolated, worker
    from sarcoma_kg.terms import missing

    if args.rules:
        rules = [[key, rule.name, rule.reason] for key, rule in portability.RULES.items()]
        console.table(["rule", "asks for", "since"], rules, args.format)
        return 0
    if not os.environ.get(isolated.INSIDE):
        # A parser cannot be stopped, so it has a process of its own.
        output.leave()
        return isolated.again(args.typed, args.timeout)
    worker.limit_memory()
    if not args.files:
        raise UserError("no query file is named", "name one, or - for standard input; --rules")
    rows = []
    build = builds.current()
    store = build.open() if build else None
    for file in args.files:
        text = console.typed() if file == "-" else files.read_text(Path(file))
        names = outline.outline(text).names
        for line in missing.words(store, absent.absent(store, names)) if store else ():
            console.say(f"{file}: {line}")
        for breach in portability.check(text, file, args.form):
            rows.append([file, str(breach.line or ""), breach.rule, breach.words])
    console.table(["file", "line", "rule", "what"], rows, args.format)
    console.say(
        f"{len(args.files)} quer{'y' if len(args.files) == 1 else 'ies'}: {len(rows)} breach(es)"
    )
    if not store:
        console.say("no graph is built, so that no name was looked up in it: `sarcoma-kg build`")
    return 1 if rows else 0


def _verify_source(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.sources import verify_source

    ledger = Path(args.ledger) if args.ledger else None
    check = verify_source.verify(console.built().open(), Path(args.file), ledger)
    rows = [[str(g.start), str(g.end), g.reason or "NOT COVERED", g.text] for g in check.gaps]
    form = args.format
    if form is None:
        rows = [
            [a, b, why, text[:60] + ("…" if len(text) > 60 else "")] for a, b, why, text in rows
        ]
        form = "table"
    console.say(
        f"{args.file}: this is source {check.source}; the hash matches, {check.length} characters"
    )
    console.say(
        f"{check.spans} spans with {check.claims} claims, {len(check.bad_spans)} out of bounds"
    )
    for bad in check.bad_spans:
        console.say(f"  {bad}")
    console.say(f"{len(check.uncovered)} sentence(s) of abstract and body without claim or reason")
    console.table(["start", "end", "not covered because", "text"], rows, form)
    return 0 if check.ok else 1


def _force(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--force", action="store_true", help="build even when nothing changed")


def _extras(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--with",
        dest="extras",
        nargs="+",
        default=[],
        metavar="FILE",
        help="put your own files into the graph too, until the next build without them",
    )


def _file(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", metavar="FILE", help="the text as the curators had it")
    sub.add_argument(
        "--ledger",
        metavar="FILE",
        help="claims.ledger.tsv, in which `ingest claims` wrote why a sentence is no claim",
    )


def _queries(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("files", nargs="*", metavar="FILE", help="a query file; - standard input")
    sub.add_argument("--rules", action="store_true", help="list the rules with their reasons")
    sub.add_argument("--timeout", type=console.seconds, default=60, help="seconds (default 60)")
    sub.add_argument(
        "--form",
        choices=("SELECT", "CONSTRUCT"),
        default="SELECT",
        help="what the query has to be (default SELECT; CONSTRUCT for an inference rule)",
    )


def _writing(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--graph-store",
        metavar="URL",
        help="where the server takes whole graphs (Graph Store Protocol): Fuseki DATASET/data, "
        "Virtuoso /sparql-graph-crud-auth, Oxigraph /store, GraphDB and RDF4J "
        "REPOSITORY/rdf-graphs/service",
    )
    sub.add_argument(
        "--update",
        metavar="URL",
        help="where it takes SPARQL Update, when not at the endpoint and there is no --graph-store",
    )
    sub.add_argument("--replace", action="store_true", help="empty the graph first")
    sub.add_argument(
        "--timeout", type=console.seconds, default=120, help="seconds for one request (default 120)"
    )


COMMANDS = {
    "build": Command(
        _build, "load, reason, infer, validate and store", "--with my-extension.ttl",
        [_force, _extras, console.time_option(600),
         console.format_option(default="print the counts too, in this format")],
    ),
    "load": Command(
        _load, "load the graph into a triplestore; run again to resume",
        "--endpoint http://localhost:3030/skg/query --graph-store http://localhost:3030/skg/data",
        [console.endpoint_options, _writing],
    ),
    "portable": Command(
        _portable, "tell whether a query means the same on every SPARQL engine", "my.rq",
        [_queries, console.format_option()],
    ),
    "verify-source": Command(
        _verify_source, "check a source text against its claims", "review.txt",
        [_file, console.format_option(default="default: a table with shortened texts")],
    ),
}  # fmt: skip
