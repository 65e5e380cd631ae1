"""Commands for people who extend the ontology: reason, tree, fmt, imports, align."""

import argparse
from typing import TYPE_CHECKING

from sarcoma_kg.commands import arguments, console
from sarcoma_kg.commands.console import Command
from sarcoma_kg.ground import formats
from sarcoma_kg.ground.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyoxigraph import Triple

    from sarcoma_kg.ground.findings import Finding

__all__ = ["COMMANDS"]


def _reason(args: argparse.Namespace) -> int:
    if args.files and (code := console.apart(args, args.files)) is not None:
        return code
    from pathlib import Path

    from sarcoma_kg.building import pipeline
    from sarcoma_kg.ground.findings import Report
    from sarcoma_kg.owl import hierarchy, justification, obstacles, ontologies, reason
    from sarcoma_kg.reading import loading

    documents = ontologies.read_all([Path(f) for f in args.files])
    faults = Report(ontologies.faults(documents))
    faulty = console.verdict(faults, "the files", None) if faults.findings else 0
    for iri, path in ontologies.replaced(documents).items():
        console.say(f"in place of our <{iri}>: {path}")
    quads = ontologies.together(documents)
    ontology = pipeline.tbox(quads)
    console.step("reasoning (HermiT)")
    try:
        found = reason.classify(ontology)
    except reason.InconsistentError as error:
        console.say(f"{error}\n  `sarcoma-kg check FILE` names the individual")
        return 1
    except reason.ReasonerError as error:
        gave_up = Report([obstacles.finding(error.told, documents)])
        return console.verdict(gave_up, "the ontology", args.format and "csv")
    if args.explain:
        return _explain(ontology, args.explain, args.format) or faulty
    rows = hierarchy.inferred(ontology, found)
    gone: list[hierarchy.Subsumption] = []
    if documents and not args.all:
        plain = pipeline.tbox(loading.packaged())
        before = reason.classify(plain)
        gone = hierarchy.lost(plain, before, ontology, found)
        rows = sorted({*rows} - {*hierarchy.inferred(plain, before)})
    names = justification.labels(ontology)
    if args.format:
        header = [
            "superclass",
            "superclass label",
            "class",
            "class label",
            "by definition",
            "state",
        ]
        table = [
            [
                r.sup,
                names.get(r.sup, ""),
                r.sub,
                names.get(r.sub, ""),
                str(r.defined).lower(),
                state,
            ]
            for state, part in (("follows", rows), ("follows no longer", gone))
            for r in part
        ]
        console.table(header, table, args.format)
    else:
        console.out(formats.printable(hierarchy.render(rows, names)))
        if gone:
            console.out("These follow no longer:\n")
            console.out(formats.printable(hierarchy.render(gone, names)))
    whose = " that your files bring about" if documents and not args.all else ""
    left = len({q.subject for q in quads}) - len({t.subject for t in ontology})
    console.say(f"consistent: classes and properties; rules and shapes look at {left} individuals")
    console.say(
        f"{len(rows)} inferred subsumption(s){whose}" + (f", {len(gone)} lost" * bool(gone))
    )
    if empty := justification.empty_classes(ontology, found.unsatisfiable):
        console.verdict(Report(empty), "the ontology", None)
    console.say(f"{len(found.unsatisfiable)} unsatisfiable class(es)")
    return 1 if found.unsatisfiable else faulty


def _explain(ontology: "list[Triple]", typed: list[str], form: str | None) -> int:
    from sarcoma_kg.ground import namespaces
    from sarcoma_kg.owl import justification

    if len(typed) > 2:
        raise UserError(
            "--explain takes SUB and SUPER, or one class alone", "put labels in quotes: 'PD-1'"
        )
    pair = [justification.find_class(ontology, words) for words in typed]
    sub, sup = (*pair, "")[:2]
    what = (
        f"{namespaces.contract(sub)} is under {namespaces.contract(sup)}"
        if sup
        else f"{namespaces.contract(sub)} can have no member"
    )
    if sub == sup:
        console.say(f"{what}, as every class is under itself")
        return 0
    console.step("looking for a minimal set of axioms")
    because = justification.explain(ontology, [(sub, sup)])[0]
    if because is None:
        console.say(f"it does not follow that {what}")
        return 1
    if form:
        console.table(["axiom"], [[axiom] for axiom in because], form)
    else:
        console.out(formats.printable("".join(f"{axiom}\n" for axiom in because)))
    console.say(f"{what}, by these {len(because)} axiom(s); none can be spared, others may do too")
    return 0


def _tree(args: argparse.Namespace) -> int:
    import pyoxigraph as ox

    from sarcoma_kg.ground import namespaces
    from sarcoma_kg.owl import hierarchy
    from sarcoma_kg.terms import lookup

    build = console.built()
    words = " ".join(args.words).strip()
    hits, near = lookup.search(build.open(), words)
    if not words or not hits:
        lines = [f"perhaps {arguments.corrected('tree', name)}" for name in near]
        hint = "\n  ".join(lines) or "give a label, CURIE or NCIt code of a class"
        raise UserError(f"no term is called '{words[:80]}'", hint)
    if len(hits) > 1:
        names = ", ".join(map(namespaces.contract, hits))
        raise UserError(f"'{words[:80]}' names several terms: {names}", "type one of these")
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

    path = ontologies.write_catalog(Path(args.folder), force=args.force)
    console.say(f"{path}: written; an OWL editor finds the packaged ontology from this folder")
    return 0


def _faults(path: "Path") -> "Sequence[Finding]":
    """Return what is wrong with a file that `fmt` looks at; nothing where it cannot be read."""
    from sarcoma_kg.owl import ontologies

    try:
        return ontologies.faults_of(path)
    except UserError:
        return []


def _fmt(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg import turtle
    from sarcoma_kg.ground import syntaxes
    from sarcoma_kg.ground.findings import Report
    from sarcoma_kg.reading import files

    changed = bad = 0
    faults: list[Finding] = []
    for path in map(Path, args.files):
        try:
            if path.suffix.lower() != ".ttl":
                known = path.suffix.lower() in files.RDF_SUFFIXES
                misnamed = known and syntaxes.misnamed(str(path), files.read_text(path))
                raise misnamed or UserError(
                    f"{path}: not a Turtle file", "fmt rewrites files that end in .ttl"
                )
            text = files.read_text(path)
            faults += (found := _faults(path))
            if any(fault.shape == "relative IRI" for fault in found):
                continue  # no other file could say the same
            wanted = turtle.format_text(text, str(path))
            if wanted != text and not args.check:
                files.replace_text(path, wanted)
        except UserError as error:
            bad += 1
            console.say(str(error))
            continue
        if wanted != text:
            changed += 1
            console.say(
                f"{path}: not in canonical form; run `sarcoma-kg fmt {path}`"
                if args.check
                else f"{path}: rewritten"
            )
    if faults:
        console.verdict(Report(faults), "the files", None)
    console.say(
        f"{len(args.files)} file(s), {changed} {'to rewrite' if args.check else 'rewritten'}"
        + (f", {bad} with an error" if bad else "")
    )
    return 2 if bad else 1 if faults or (args.check and changed) else 0


def _imports(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.vocabularies import imports
    from sarcoma_kg.vocabularies.concepts import Vocabulary

    given: list[tuple[Vocabulary, str | None]] = [("NCIT", args.ncit), ("CHEBI", args.chebi)]
    if not any(file for _, file in given):
        raise UserError("nothing to read", "give --ncit FILE, --chebi FILE, or both")
    if args.history and not args.ncit:
        raise UserError("--history belongs to --ncit", "give --ncit FILE, or leave --history out")
    rows: list[list[str]] = []
    try:
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
    finally:
        # What changed in the first is told even when the second fails.
        if rows:
            header = ["kind", "code", "old", "new", "note"]
            console.table(header, rows, args.format)
    if any(row[0] == "relabelled" for row in rows):
        console.say("`sarcoma-kg check` fails until object_label of the mapping tables follows")
    return 0


def _align(args: argparse.Namespace) -> int:
    from pathlib import Path

    from sarcoma_kg.vocabularies import alignment

    console.step(f"reading {args.file}")
    rows = alignment.report(console.plain().open(), Path(args.file), console.step)
    table = [[str(cell) for cell in row] for row in rows]
    header = list(alignment.Disagreement._fields)
    console.table(header, table, args.format)
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
    sub.add_argument("--depth", type=console.count, default=3, help="levels to show (default 3)")


def _catalog_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="default: this one")
    sub.add_argument("--force", action="store_true", help="write over a catalog that is there")


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
        [_files(_READ), _reason_options, console.time_option(600),
         console.format_option(default="default: a text to read")],
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
