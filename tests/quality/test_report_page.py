"""The report as a page: whole in itself, and data stays text."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sarcoma_kg.ground.findings import Finding
from sarcoma_kg.quality import report_page, reports
from sarcoma_kg.quality.report_page import Line, Placing, Reason
from tests.quality.test_report_formats import ANY, HOSTILE

VOID = {"meta"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul", "li",
    "a", "section", "article", "strong", "code", "pre", "span", "div", "b", "i",
}  # fmt: skip


class Page(HTMLParser):
    """Reads a page strictly, and takes down what it asks for."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert name in {
                "lang", "charset", "name", "content", "class", "id", "href", "style", "tabindex",
                "http-equiv", "aria-labelledby",
            }, name  # fmt: skip
            if name == "href":
                self.links.append(value or "")
            elif name == "id":
                self.ids.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


def words(page: Page) -> str:
    return " ".join("".join(page.text).split())


SEVERE = [Finding(s, "a rule", "kb:x", "", "", "Wrong. Mend it.") for s in
          ("note", "info", "warning", "violation", "incomplete")]  # fmt: skip


@settings(deadline=None)  # the template is read in the first
@given(st.lists(ANY, max_size=4), HOSTILE)
def test_data_stay_text_and_nothing_is_fetched(found: list[Finding], word: str) -> None:
    placing = Placing([Line(1, word, "gone", False)], [Line(0, word, "new", True)],
                      [Reason(word, word, [word])], [word])  # fmt: skip
    text = report_page.render(
        found, labels={f.focus: word for f in found}, what=word, notes=[word], placing=placing
    )
    page = Page(text)
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert all(c == "\n" or c.isprintable() for c in text)
    assert "http:" not in text.replace(word, "")
    html5 = pytest.importorskip("html5rdf")
    html5.HTMLParser(strict=True).parse(text)


def test_the_gravest_stands_first_with_what_to_do() -> None:
    text = words(Page(report_page.render(SEVERE)))
    heads = ["Incomplete: 1 part(s)", "Not looked at (1)", "Violations (1)", "Warnings (1)",
             "For information (1)", "What the verdict leaves out (1)"]  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert "Wrong. What to do: Mend it." in text
    assert "1 violation(s)" in words(Page(report_page.render(SEVERE[:4])))


def test_axioms_stand_apart_from_what_is_said() -> None:
    message = "This class can have no member, because:\n- A under B\n- B disjoint with A"
    found = Finding("violation", "class without possible member", "skg:A", "", "", message)
    text = report_page.render([found])
    assert "<li><code>A under B</code></li>" in text
    assert "<li><code>B disjoint with A</code></li>" in text
    assert "Take back or change one of these axioms" in text


def test_the_lines_around_a_finding_are_shown(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("".join(f"line {n} <x>\n" for n in range(1, 10)), encoding="utf-8")
    there = Finding("violation", "r", "kb:x", "", "", "No. Yes.", str(file), 5, 2)
    gone = Finding("violation", "r", "kb:y", "", "", "No. Yes.", str(tmp_path / "b.ttl"), 5)
    text = report_page.render([there, gone])
    page = words(Page(text))
    assert "a.ttl, line 5, column 2" in page
    assert "3 line 3 <x> 4 line 4 <x> 5 line 5 <x> 6 line 6 <x> 7 line 7 <x>" in page
    assert "line 8 <x>" not in page
    assert '<span class="here">    5  line 5' in text
    assert "b.ttl, line 5" in page


def test_a_limit_hides_findings_and_counts_them() -> None:
    text = words(Page(reports.render(SEVERE * 3, "html", limit=2)))
    assert "13 more findings not shown (--max 2)" in text
    assert "Incomplete: 3 part(s)" in text
