"""On a phone: nothing stands off the screen, and no word is broken into letters."""

import json
import re
from pathlib import Path

import pytest

from tests import chromium
from tests.pages import phone

PLACES = (
    "index.html", "claims.html", "evidence.html", "mappings.html", "propositions.html",
    "questions/index.html", "questions/CQ01.html", "questions/CQ40.html", "ontology/index.html",
    "ontology/SynovialSarcoma.html", "ontology/Tazemetostat.html", "ontology/EZH2.html",
    "id/claim-S2-3.2-SS-01.html", "id/ref-S2-38.html", "id/source-S2.html",
    "id/ext-tazemetostat-synovial-cohort.html",
)  # fmt: skip
_PAGE = """<!doctype html><html><body><script>
const places = PLACES, wrong = [];
LOOK
(async () => {
  for (const place of places) wrong.push(...await look(place));
  const told = document.createElement("pre");
  told.id = "wrong";
  told.textContent = JSON.stringify([places.length, ...wrong]);
  document.body.append(told);
})();
</script></body></html>"""


@pytest.mark.skipif(not chromium.found(), reason=chromium.MISSING)
def test_nothing_stands_off_the_screen_of_a_phone(site: Path, tmp_path: Path) -> None:
    page = tmp_path / "phone.html"
    places = [(site / place).resolve().as_uri() for place in PLACES]
    text = _PAGE.replace("PLACES", json.dumps(places)).replace("LOOK", phone.LOOK)
    page.write_text(text, encoding="utf-8")
    flags = ("--allow-file-access-from-files", "--window-size=800,900")
    shown = chromium.dumped(page.as_uri(), tmp_path / "profile", *flags, budget=20000)
    found = re.search(r'<pre id="wrong">(.*?)</pre>', shown, re.DOTALL)
    assert found, shown[-500:]
    assert json.loads(found[1].replace("&lt;", "<").replace("&amp;", "&")) == [len(PLACES)]
