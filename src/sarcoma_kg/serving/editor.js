"use strict";
// Asks the endpoint and shows rows or a graph; what it shows is text, never markup.
const at = (id) => document.getElementById(id);
let running = null;

function show(variables, rows) {
  const table = at("answer");
  const head = table.createTHead().insertRow();
  for (const name of variables) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const name of variables) {
      const cell = line.insertCell();
      const term = row[name];
      if (!term) continue;
      if (term.type === "uri" && /^https?:/.test(term.value)) {
        const link = document.createElement("a");
        const own = "https://w3id.org/sarcoma-kg/";
        link.href = term.value.startsWith(own) ? term.value.slice(own.length) : term.value;
        link.textContent = term.value;
        cell.append(link);
      } else {
        cell.textContent = term.type === "bnode" ? "_:" + term.value : term.value;
      }
    }
  }
}

async function ask(event) {
  event.preventDefault();
  running?.abort();
  running = new AbortController();
  at("answer").replaceChildren();
  at("graph").hidden = true;
  at("told").textContent = "asking …";
  at("stop").hidden = false;
  const began = performance.now();
  try {
    const response = await fetch("sparql", {
      method: "POST", signal: running.signal,
      headers: { "Content-Type": "application/sparql-query",
                 Accept: "application/sparql-results+json, text/turtle;q=0.9" },
      body: at("query").value,
    });
    const kind = response.headers.get("Content-Type") || "";
    if (!response.ok) {
      const problem = await response.json();
      at("told").textContent = `${problem.title}: ${problem.detail}. ${problem.hint || ""}`;
      return;
    }
    const seconds = () => ((performance.now() - began) / 1000).toFixed(2);
    if (kind.startsWith("text/turtle")) {
      at("graph").textContent = await response.text();
      at("graph").hidden = false;
      at("told").textContent = `a graph, in ${seconds()} s`;
      return;
    }
    const answer = await response.json();
    if ("boolean" in answer) {
      at("told").textContent = `${answer.boolean}, in ${seconds()} s`;
      return;
    }
    const rows = answer.results.bindings;
    show(answer.head.vars, rows);
    at("told").textContent = `${rows.length} row${rows.length === 1 ? "" : "s"} in ${seconds()} s`;
  } catch (error) {
    at("told").textContent = error.name === "AbortError" ? "stopped" : String(error.message);
  } finally {
    at("stop").hidden = true;
  }
}

async function examples() {
  const found = await (await fetch("api/questions")).json();
  for (const question of found.rows) {
    at("example").append(new Option(`${question.id}: ${question.summary}`, question.id));
  }
  at("example").addEventListener("change", async () => {
    if (!at("example").value) return;
    const text = await fetch(`questions/${encodeURIComponent(at("example").value)}.rq`);
    if (text.ok) at("query").value = await text.text();
  });
}

at("ask").addEventListener("submit", ask);
at("stop").addEventListener("click", () => running?.abort());
examples();
