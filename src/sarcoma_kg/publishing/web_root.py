"""A release as the root of a web site: its pages on top, its files and those before it below.

    index.html ontology/ id/ questions/ ...      the pages of the newest release
    release/2026-11-28/                          its files, with checksums and what changed
    releases.atom                                a feed of all releases (RFC 4287)

`servers` has what the host must know to answer for identifiers. What changed is told as `diff`
tells it, in the data of two releases; there is no clock in it.
"""

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sarcoma_kg.differences import markdown, model, states
from sarcoma_kg.pages.claims import Claims
from sarcoma_kg.pages.facts import Facts
from sarcoma_kg.pages.links import Links
from sarcoma_kg.pages.page import Page
from sarcoma_kg.pages.renderer import Renderer, environment
from sarcoma_kg.publishing import description, inventory
from sarcoma_kg.publishing.hosts import FEED, RELEASES, Hosting, versions
from sarcoma_kg.publishing.release import Release, Say

__all__ = ["arrange"]

NOTES = "changes.md"
#: The most bytes of a site on GitHub Pages
#: (https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits).
_MOST_BYTES = 1_000_000_000
#: What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def arrange(release: Release, hosting: Hosting, say: Say) -> None:
    """Turn the folder of a finished release into a web root.

    Args:
        release: The release, with its site.
        hosting: Where the root is to lie.
        say: Called with a few words at the beginning of each step.

    Raises:
        UserError: what was published before cannot be read.
        OSError: a file cannot be written or copied.
    """
    say("arranging the web root")
    root, version = release.folder, release.version
    apart = root / f".{RELEASES}"
    apart.mkdir()
    for path in list(root.iterdir()):
        if path.name not in ("site", apart.name):
            path.rename(apart / path.name)
    for path in list((root / "site").iterdir()):
        path.rename(root / path.name)
    (root / "site").rmdir()
    here = root / RELEASES / version
    here.parent.mkdir()
    apart.rename(here)
    # `site/` is what the files of a release call their pages.
    (here / "site").mkdir()
    template = environment().get_template("moved.html")
    up, place = "../../../", here / "site" / "index.html"
    text = template.render(name="sarcoma-kg", target=f"{up}index.html", data=f"{up}ontology/index")
    place.write_text(text, encoding="utf-8", newline="\n")
    if hosting.after:
        say(f"comparing with {hosting.after}")
        notes = _notes(hosting.after, here, version)
        (here / NOTES).write_text(notes, encoding="utf-8", newline="\n")
        for older in hosting.versions[1:]:
            shutil.copytree(hosting.after / RELEASES / older, here.parent / older)
    _page(here, release, hosting)
    inventory.write_sums(here)
    _feed(root, hosting)
    if hosting.host == "w3id":
        _readme(root / "w3id" / "README.md", hosting)
    if hosting.host == "github-pages":
        size = sum(p.stat().st_size for p in root.rglob("*") if p.is_file())
        if size > _MOST_BYTES:
            say(f"{size / 1e9:.1f} GB: GitHub Pages takes 1 GB; leave older releases out (--after)")


def _notes(after: Path, here: Path, version: str) -> str:
    """Return what changed since what was published before, as Markdown."""
    older = [known for known in versions(after) if known != version]
    before = states.read(str(after / RELEASES / older[0] if older else after))
    now = states.read(str(here))
    # Names of places would differ from machine to machine.
    before.name = f"the release of {older[0] if older else before.version or 'before'}"
    now.name = f"the release of {version}"
    return markdown.render(model.compare(before, now), everything=True)


def _page(here: Path, release: Release, hosting: Hosting) -> None:
    """Write the page of a release, which needs no list of files from a server."""
    version = release.version
    renderer = Renderer(
        Links(()), Claims(Facts(())), version, issues=release.issues, base=hosting.base, feed=FEED
    )
    notes = (here / NOTES).read_text(encoding="utf-8") if (here / NOTES).is_file() else ""
    files: list[dict[str, Any]] = [
        {"path": file.path, "href": quote(file.path), "size": file.size}
        for file in inventory.files(here)
        if not file.path.startswith("site/")
    ]
    files.append({"path": inventory.SUMS, "href": inventory.SUMS, "size": 0})
    title = f"sarcoma-kg, release of {version}"
    summary = f"All files of the release of {version}."
    data = {"@type": "Dataset", "name": title, "version": version, "license": description.LICENCE}
    content = {"notes": notes, "files": files}
    page = Page(f"{RELEASES}/{version}/index.html", "release", title, summary, content, data)
    (here / "index.html").write_text(renderer.html(page), encoding="utf-8", newline="\n")


def _feed(root: Path, hosting: Hosting) -> None:
    """Write the feed of all releases in the root."""
    entries = []
    for version in hosting.versions:
        notes = root / RELEASES / version / NOTES
        text = notes.read_text(encoding="utf-8") if notes.is_file() else ""
        text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
        entries.append({"version": version, "notes": text})
    text = (
        environment()
        .get_template(FEED)
        .render(
            base=hosting.base, feed=FEED, releases=RELEASES, entries=entries,
            title="sarcoma-kg: releases", author=description.PUBLISHER,
        )
    )  # fmt: skip
    (root / FEED).write_text(text, encoding="utf-8", newline="\n")


def _readme(path: Path, hosting: Hosting) -> None:
    """Write what w3id.org asks for beside the rules: what this is, and whom to ask."""
    path.write_text(
        "# sarcoma-kg\n\n"
        f"Permanent identifiers of a sarcoma knowledge graph; the pages lie at {hosting.base}\n\n"
        "## Contact\n\nWho looks after these redirects: NAME, GitHub username, e-mail\n",
        encoding="utf-8",
        newline="\n",
    )
