"""Commands for people who extend the ontology: reason, check, tree, fmt, imports, align."""

import argparse
from typing import TYPE_CHECKING

from sarcoma_kg import console, formats
from sarcoma_kg.console import Command
from sarcoma_kg.errors import UserError

if TYPE_CHECKING:
    from pyoxigraph import Triple

__all__ = ["COMMANDS"]


def _reason(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg import loading, pipeline
    from sarcoma_kg.owl import hierarchy, justification, ontologies, reason

    documents = ontologies.read_all([Path(f) for f in args.files])
    ontology = pipeline.tbox(ontologies.together(documents))
    if args.explain:
        return _explain(ontology, args.explain, args.format)
    console.step("reasoning (HermiT)")
    try:
        found = reason.classify(ontology)
    except reason.InconsistentError as error:
        console.say(f"{error}")
        return 1
    rows = hierarchy.inferred(ontology, found)
    if documents and not args.all:
        plain = pipeline.tbox(loading.packaged())
        rows = sorted({*rows} - {*hierarchy.inferred(plain, reason.classify(plain))})
    names = justification.labels(ontology)
    if args.format:
        header = ["superclass", "superclass label", "class", "class label", "by definition"]
        table = [
            [r.sup, names.get(r.sup, ""), r.sub, names.get(r.sub, ""), str(r.defined).lower()]
            for r in rows
        ]
        console.out(formats.render(header, table, args.format))
    else:
        console.out(formats.printable(hierarchy.render(rows, names)))
    whose = " that your files bring about" if documents and not args.all else ""
    console.say(f"consistent; {len(rows)} inferred subsumption(s){whose}")
    if empty := justification.empty_classes(ontology, found.unsatisfiable):
        from sarcoma_kg.validation import Report

        console.findings(Report(empty), None)
    console.say(f"{len(found.unsatisfiable)} unsatisfiable class(es)")
    return 1 if found.unsatisfiable else 0


def _explain(ontology: "list[Triple]", typed: list[str], form: str | None) -> int:
    from sarcoma_kg import namespaces
    from sarcoma_kg.owl import justification

    if len(typed) > 2:
        raise UserError(
            "--explain takes SUB and SUPER, or one class alone", "put labels in quotes: 'PD-1'"
        )
    pair = [justification.find_class(ontology, words) for words in typed]
    sub, sup = (*pair, "")[:2]
    console.step("looking for a minimal set of axioms")
    because = justification.explain(ontology, [(sub, sup)])[0]
    what = (
        f"{namespaces.contract(sub)} is under {namespaces.contract(sup)}"
        if sup
        else f"{namespaces.contract(sub)} can have no member"
    )
    if because is None:
        console.say(f"it does not follow that {what}")
        return 1
    if form:
        console.out(formats.render(["axiom"], [[axiom] for axiom in because], form))
    else:
        console.out(formats.printable("".join(f"{axiom}\n" for axiom in because)))
    console.say(f"{what}, by these {len(because)} axiom(s); without any of them it does not follow")
    return 0


def _check(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg import checking

    files = [Path(f) for f in args.files]
    outcome = checking.check(console.plain(), files, console.step, profiles=True)
    code = console.verdict(outcome.report, files, args.format)
    for note in outcome.notes:
        console.say(f"  {note}")
    return code


def _tree(args: argparse.Namespace) -> int:
    import pyoxigraph as ox

    from sarcoma_kg import namespaces, terms
    from sarcoma_kg.owl import hierarchy

    build = console.built()
    hits, near = terms.search(build.open(), " ".join(args.words) or "Disease")
    if not hits:
        hint = f"perhaps: {'; '.join(near)}" if near else ""
        raise UserError(f"no term is called '{' '.join(args.words)[:80]}'", hint)
    parts = [
        [q.triple for q in ox.parse(path=str(build.folder / name), format=ox.RdfFormat.N_TRIPLES)]
        for name in ("asserted.nt", "inferred.nt")
    ]
    console.out(formats.printable(hierarchy.tree(parts[0], parts[1], hits[0], args.depth)))
    console.say(f"{namespaces.contract(hits[0])}; + marks what the reasoner placed there")
    return 0


def _catalog(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.owl import ontologies

    path = ontologies.write_catalog(Path(args.folder))
    console.say(f"{path}: written; an OWL editor finds the packaged ontology from this folder")
    return 0


def _fmt(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg import guard, turtle

    changed = 0
    for path in map(Path, args.files):
        if path.suffix != ".ttl":
            raise UserError(f"{path}: not a Turtle file", "fmt rewrites files that end in .ttl")
        text = guard.read_text(path)
        wanted = turtle.format_text(text, str(path))
        if wanted == text:
            continue
        changed += 1
        if args.check:
            console.say(f"{path}: not in canonical form; run `sarcoma-kg fmt {path}`")
        else:
            guard.replace_text(path, wanted)
            console.say(f"{path}: rewritten")
    console.say(
        f"{len(args.files)} file(s), {changed} {'to rewrite' if args.check else 'rewritten'}"
    )
    return 1 if args.check and changed else 0


def _imports(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.vocabularies import imports
    from sarcoma_kg.vocabularies.concepts import Vocabulary

    given: list[tuple[Vocabulary, str | None]] = [("NCIT", args.ncit), ("CHEBI", args.chebi)]
    if not any(file for _, file in given):
        raise UserError("nothing to read", "give --ncit FILE, --chebi FILE, or both")
    rows: list[list[str]] = []
    for vocabulary, file in given:
        if file:
            done = imports.refresh(
                vocabulary,
                Path(file),
                console.step,
                history=Path(args.history) if args.history and vocabulary == "NCIT" else None,
                dry_run=args.dry_run,
                force=args.force,
            )
            rows += [list(change) for change in done.changes]
            counts = ", ".join(f"{count} {what}" for what, count in done.counts.items())
            state = "written" if done.written else "not written"
            console.say(f"{vocabulary} {done.version or '(no version given)'}: {counts}")
            console.say(f"{done.path}: {state}")
    form = formats.choose(args.format)
    console.out(formats.render(["kind", "code", "old", "new", "note"], rows, form))
    if any(row[0] == "relabelled" for row in rows):
        console.say(
            "put the new labels into object_label of ontology/mappings/*.sssom.tsv: `check`"
        )
    return 0


def _align(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.vocabularies import alignment

    console.step(f"reading {args.file}")
    rows = alignment.report(console.plain().open(), Path(args.file), console.step)
    table = [[str(cell) for cell in row] for row in rows]
    header = list(alignment.Disagreement._fields)
    console.out(formats.render(header, table, formats.choose(args.format)))
    console.say(f"{len(rows)} place(s) where the two trees disagree")
    return 0


def _files(what: str) -> console.Configure:
    def configure(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("files", nargs="*", metavar="FILE", help=what)

    return configure


def _reason_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--explain",
        nargs="+",
        metavar="CLASS",
        help="SUB SUPER: the axioms behind one inference; one class: why it can have no member",
    )
    sub.add_argument(
        "--all", action="store_true", help="all inferences, not only those that FILE brings about"
    )


def _tree_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("words", nargs="+", metavar="WORDS", help="label, synonym, CURIE, NCIt code")
    sub.add_argument("--depth", type=int, default=3, help="levels to show (default 3)")


def _catalog_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="default: this one")


def _fmt_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("files", nargs="+", metavar="FILE", help="Turtle files")
    sub.add_argument("--check", action="store_true", help="change nothing; exit 1 if one differs")


def _imports_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--ncit", metavar="FILE", help="NCI Thesaurus: OWL or the flat file")
    sub.add_argument("--chebi", metavar="FILE", help="ChEBI: OBO or OWL")
    sub.add_argument(
        "--history", metavar="FILE", help="NCIt's concept history: what merged into what"
    )
    sub.add_argument("--dry-run", action="store_true", help="report only, write nothing")
    sub.add_argument(
        "--force", action="store_true", help="write even if fewer than half of the codes are found"
    )


def _align_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "file", metavar="FILE", help="NCI Thesaurus: OWL, flat file, or labels_parents"
    )


_READ = "your files, read together with the packaged ontology; none: the packaged ontology"
COMMANDS = {
    "tree": Command(
        _tree, "show the classes below one, asserted and inferred", "TCR T-cell therapy",
        [_tree_options],
    ),
    "reason": Command(
        _reason, "classify with HermiT: what follows, what can have no member, and why",
        "my-extension.ttl\n  sarcoma-kg reason --explain milademetan 'MDM2 inhibitor'",
        [_files(_READ), _reason_options, console.format_option(default="default: a text to read")],
    ),
    "check": Command(
        _check, "run quality rules, shapes, reasoner and OWL profiles; report what a file breaks",
        "my-extension.ttl", [_files(_READ), console.format_option(default="default: a report")],
    ),
    "catalog": Command(
        _catalog, "write a catalog file, so that Protégé finds the packaged ontology offline",
        "my-folder", [_catalog_options],
    ),
    "fmt": Command(
        _fmt, "rewrite Turtle files in the canonical form, which an OWL editor's save keeps",
        "--check ontology/*.ttl", [_fmt_options],
    ),
    "imports": Command(
        _imports, "refresh the slim import modules from a local copy of NCIt or ChEBI",
        "--ncit Thesaurus.owl --chebi chebi.obo.gz", [_imports_options, console.format_option()],
    ),
    "align": Command(
        _align, "list where our disease tree and that of NCIt disagree",
        "Thesaurus.owl --format csv", [_align_options, console.format_option()],
    ),
}  # fmt: skip
