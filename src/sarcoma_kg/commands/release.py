"""Commands of a release: publish, diff and fair."""

import argparse
import os

from sarcoma_kg.commands import console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground import formats

__all__ = ["COMMANDS"]

# More would wait for the largest part, and each reads the graph for the pages.
_MOST_JOBS = 4


def _publish(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.pages.issues import Issues
    from sarcoma_kg.publishing import hosts, publish, words

    issues = Issues.read(args.issues) if args.issues else None
    doi = words.doi(args.doi) if args.doi else ""
    build = console.built()
    version = publish.version(build)
    hosting = hosts.read(args.host, args.base, args.after, version, args.without)
    folder = Path(args.folder or f"sarcoma-kg-{version}")
    jobs = args.jobs or min(os.cpu_count() or 1, _MOST_JOBS)
    engine = Path(args.live) if args.live else None
    release = publish.publish(
        build, folder, console.step, without=args.without, jobs=jobs, engine=engine,
        hosting=hosting, issues=issues, doi=doi,
    )  # fmt: skip
    count = sum(1 for path in release.folder.rglob("*") if path.is_file())
    console.say(f"{release.folder}: release {release.version}, {count:,} files")
    if hosting:
        console.say(f"the root of {hosting.base}; docs/hosting.md tells how to put it there")
    elif (first := release.folder / "site" / "index.html").is_file():
        console.say(f"to look at it, open {first.as_uri()} in a browser; no server is needed")
    return 0


def _publish_options(sub: argparse.ArgumentParser) -> None:
    from sarcoma_kg.publishing import PARTS, hosts

    sub.add_argument(
        "folder", nargs="?", metavar="DIR",
        help="a new folder, or an empty one (default: sarcoma-kg-DATE, the date of the data)",
    )  # fmt: skip
    sub.add_argument(
        "--without", nargs="+", default=[], choices=PARTS, metavar="PART",
        help=f"leave parts out: {', '.join(PARTS)}",
    )  # fmt: skip
    sub.add_argument(
        "--live", metavar="FILE",
        help="let the pages of questions answer in the browser, without a server; FILE is the "
        "engine, which `npm pack oxigraph@0.5.11` writes",
    )  # fmt: skip
    sub.add_argument(
        "--host", type=console.one_of(tuple(hosts.HOSTS)), choices=tuple(hosts.HOSTS),
        metavar="HOST",
        help=f"make the folder the root of a web site on {', '.join(hosts.HOSTS)}; needs --base",
    )  # fmt: skip
    sub.add_argument("--base", metavar="URL", help="the address that the root will have")
    sub.add_argument(
        "--after", metavar="OLD",
        help="the web root before this one, whose releases stay, or a release; with --host",
    )  # fmt: skip
    sub.add_argument(
        "--issues", metavar="URL",
        help="let pages link to a new issue that is filled in; URL is where one is written, such "
        "as https://github.com/OWNER/REPOSITORY/issues/new",
    )  # fmt: skip
    sub.add_argument("--doi", help="the DOI of this release, for CITATION.cff")
    sub.add_argument(
        "--jobs", type=console.count, metavar="N",
        help="write N parts at the same time, each in a process of its own (default: one for each "
        f"processor, at most {_MOST_JOBS}; fewer need less memory)",
    )  # fmt: skip


def _diff(args: argparse.Namespace) -> int:
    from sarcoma_kg.differences import data, kgcl, markdown, model, page, states

    old = states.read(args.old)
    new = states.packaged() if args.new is None else states.read(args.new)
    difference = model.compare(old, new)
    if args.format == "json":
        console.out(data.render(difference))
    elif args.format == "kgcl":
        commands, left_out = kgcl.render(difference)
        console.out("".join(f"{command}\n" for command in commands))
        if left_out:
            console.say(f"{left_out} change(s) left out, for which KGCL has no words")
    else:
        notes = page.render if args.format == "html" else markdown.render
        console.out(notes(difference, everything=args.all))
    return 1 if args.exit_code and difference.changes else 0


def _states(sub: argparse.ArgumentParser) -> None:
    where = "a release folder, a checkout, an RDF file, or a git revision of the checkout"
    sub.add_argument("old", metavar="OLD", help=where)
    sub.add_argument("new", metavar="NEW", nargs="?", help="the same; default: what is packaged")
    console.format_option(
        "md", "html", "json", "kgcl",
        default="release notes (default), these as a page, all changes as data, or Knowledge Graph "
        "Change Language",
    )(sub)  # fmt: skip
    sub.add_argument("--all", action="store_true", help="shorten no list of the release notes")
    sub.add_argument("--exit-code", action="store_true", help="exit with 1 when anything changed")


def _fair(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.fairness import document, foops, obo, verdict

    judged = document.read(Path(args.place)) if args.place else document.packaged()
    verdicts = [*foops.verdicts(judged), *obo.verdicts(judged)]
    form = formats.choose(args.format)
    header = ["suite", "check", "result", "passed", "asks", "missing", "advice"]
    rows = [
        [v.suite, v.check, v.result, f"{v.passed}/{v.asked}" if v.asked else "", v.asks, v.missing,
         v.advice]
        for v in verdicts
    ]  # fmt: skip
    if form != "table":
        # A terminal has no room for the addresses.
        header.append("defined")
        rows = [[*row, v.defined] for row, v in zip(rows, verdicts, strict=True)]
    console.table(header, rows, form)
    scores = verdict.scores(verdicts)
    for score in scores:
        console.say(f"{score.name}: {score.share:.1%} ({score.counts} checkable offline)")
    console.say(f"{judged.place}: <{judged.iri}>")
    return 0 if min(s.share for s in scores if s.suite == verdict.FOOPS) * 100 >= args.least else 1


def _percent(text: str) -> float:
    if not 0 <= (value := float(text)) <= 100:
        raise argparse.ArgumentTypeError("a number from 0 to 100")
    return value


def _fair_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "place", nargs="?", metavar="DIR-or-FILE",
        help="a release folder or an ontology file; default: the packaged ontology",
    )  # fmt: skip
    sub.add_argument(
        "--least", type=_percent, default=90.0, metavar="PERCENT",
        help="exit 1 when FOOPS! comes to less (default 90); the OBO score is for information, "
        "since it also asks for membership",
    )  # fmt: skip


COMMANDS = {
    "publish": Command(
        _publish, "write a release: all formats, tables, self-description, checksums",
        "dist/sarcoma-kg", [_publish_options],
    ),
    "diff": Command(
        _diff, "tell what changed between two states of the graph, as release notes",
        "HEAD~20 --format md", [_states],
    ),
    "fair": Command(
        _fair,
        "run the tests of FOOPS! and of the OBO Dashboard that a file can answer, and count; those "
        "that need the network (resolving addresses, registries) are told with the reason only",
        "release/ --least 90 --format md", [_fair_options, console.format_option()],
    ),
}  # fmt: skip
