"""Release notes as a page: the same words as in Markdown, and text of the data stays text."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sarcoma_kg import cli
from sarcoma_kg.differences import markdown, model, page, states

HEAD = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix lab: <https://e.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix oboInOwl: <http://www.geneontology.org/formats/oboInOwl#> .
"""
LONG = "a text that is long enough for its changed words to be marked one by one in the notes, "


class Page(HTMLParser):
    """The elements and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def difference(folder: Path, old: str, new: str) -> model.Difference:
    places = [folder / "old.ttl", folder / "new.ttl"]
    for place, text in zip(places, (old, new), strict=True):
        place.write_text(HEAD + text, encoding="utf-8")
    return model.compare(*(states.read(str(place)) for place in places))


def plain(text: str) -> str:
    """Return the words of Markdown, without marks and spaces."""
    text = re.sub(r"^\|(-+\|)+$|^#+ |^- |(?<!\\)\||~~|\*\*|(?<!\\)`", "", text, flags=re.M)
    return re.sub(r"\s", "", re.sub(r"\\(.)", r"\1", text).replace("&amp;", "&"))


@pytest.mark.parametrize(
    "label", ["<script>alert(1)</script>", "a | b & c &lt; `d`", "**bold** ~~gone~~ \\\\ _x_"]
)
def test_a_page_says_what_the_notes_say(tmp_path: Path, label: str) -> None:
    old = f'lab:A a owl:Class ; rdfs:label "x" ; rdfs:comment "{LONG}one" .'
    new = (
        f'lab:A a owl:Class ; rdfs:label "{label}" ; rdfs:comment "{LONG}two" ;'
        ' oboInOwl:hasExactSynonym "s"@de . lab:B a owl:Class .'
    )
    found = difference(tmp_path, old, new)
    read = Page(re.sub("(?s)<nav.*?</nav>", "", page.render(found)))
    assert read.links == []  # no term of a namespace that we know
    body = read.words.rpartition("}\n}\n")[2]
    assert re.sub(r"\s", "", body) == plain(markdown.render(found))
    assert {"h1", "h2", "h3", "ul", "li", "table", "th", "code", "del", "ins"} <= set(read.tags)
    assert "script" not in read.tags


def test_a_long_list_is_folded_and_a_term_leads_to_itself(tmp_path: Path) -> None:
    head = "@prefix skg: <https://w3id.org/sarcoma-kg/ontology/> . "
    new = head + "".join(f'skg:New{n} a owl:Class ; rdfs:label "new {n}" .' for n in range(23))
    found = difference(tmp_path, "lab:A a owl:Class .", "lab:A a owl:Class . " + new)
    said = page.render(found)
    assert "<summary>3 more</summary>" in said
    assert "--all" not in said
    read = Page(said)
    assert "https://w3id.org/sarcoma-kg/ontology/New22" in read.links
    assert read.tags.count("details") == 1
    assert "details" not in Page(page.render(found, everything=True)).tags


def test_contents_lead_to_the_sections(tmp_path: Path) -> None:
    old = "lab:A a owl:Class . lab:p a owl:ObjectProperty ."
    new = (
        'lab:A a owl:Class ; rdfs:label "a" . <urn:d> a <http://purl.org/ontology/bibo/Document> .'
    )
    said = page.render(difference(tmp_path, old, new))
    inside = {link[1:] for link in Page(said).links if link and link.startswith("#")}
    assert inside == set(re.findall('<h2 id="([^"]+)"', said))
    assert len(inside) > 1


def test_a_page_of_nothing(tmp_path: Path) -> None:
    said = page.render(difference(tmp_path, "lab:A a owl:Class .", "lab:A a owl:Class ."))
    assert "<p>Nothing changed.</p>" in said


def test_between_two_syntaxes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same ontology in other syntaxes is the same; a language that changes is told."""
    turtle = tmp_path / "a.ttl"
    text = 'lab:A a owl:Class ; rdfs:label "x"@en ; oboInOwl:hasExactSynonym "s"@LANG .'
    head = (
        "<https://e.org/lab> a owl:Ontology . oboInOwl:hasExactSynonym a owl:AnnotationProperty ."
    )
    turtle.write_text(HEAD + head + text.replace("LANG", "en"), encoding="utf-8")
    other = tmp_path / "b.ttl"
    other.write_text(HEAD + head + text.replace("LANG", "de"), encoding="utf-8")
    for form in ("ofn", "owx", "owl"):
        written = tmp_path / f"a.{form}"
        assert cli.main(["convert", str(turtle), str(written)]) == 0
        assert cli.main(["diff", str(turtle), str(written), "--exit-code"]) == 0
        capsys.readouterr()
        assert cli.main(["diff", str(written), str(other), "--format", "html"]) == 0
        said = capsys.readouterr().out
        assert ">Own terms</h2>" in said
        assert "+ &quot;s&quot; (exact), de; − &quot;s&quot; (exact), en" in said
