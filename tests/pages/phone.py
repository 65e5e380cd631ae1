"""What is wrong with a page at the width of a phone, looked at in a frame of another page."""

__all__ = ["LOOK"]

#: A function of JavaScript: what is wrong with the page at an address, as texts.
LOOK = """
async function look(place) {
  const wrong = [], frame = document.createElement("iframe");
  frame.style.cssText = "width:390px;height:800px;border:0";
  await new Promise((done) => {
    frame.onload = done;
    frame.src = place;
    document.body.append(frame);
  });
  const page = frame.contentDocument;
  for (const details of page.querySelectorAll("details")) details.open = true;
  const wide = page.documentElement.scrollWidth;
  if (wide > 390) wrong.push(`${place}: ${wide} px wide`);
  for (const pill of page.querySelectorAll(".tone, .mark")) {
    const box = pill.getBoundingClientRect();
    if (box.right > 390.5 || box.left < 0) wrong.push(`${place}: off: ${pill.textContent}`);
  }
  for (const cell of page.querySelectorAll("main :is(td, th, dd, dt, li, p, a, code)")) {
    if (cell.closest("thead")) continue;  // heard, not seen
    const box = cell.getBoundingClientRect(), text = cell.textContent.trim();
    if (box.width > 1 && box.height > 0 && box.width < 24 && text.length > 8)
      wrong.push(`${place}: ${box.width} px for: ${text.slice(0, 40)}`);
  }
  if (!page.querySelector("main h1")) wrong.push(`${place}: no page`);
  frame.remove();
  return wrong;
}
"""
