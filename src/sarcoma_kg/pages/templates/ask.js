/* Answers a question in the browser: the form, the SPARQL text, the answer as a table and as CSV.
   Nothing is fetched but the scripts beside this one, which hold engine, graph and names as
   base64. All text of the graph becomes text nodes, never markup. */
"use strict";
globalThis.sarcomaKg = {};
(() => {
  const SECONDS = 30;
  const MOST_SHOWN = 1000;
  const JOINT = " | ";
  const here = document.currentScript.src.replace(/[^/]*$/, "");
  const root = new URL("..", here).href;
  const $ = (id) => document.getElementById(id);
  const asking = JSON.parse($("asking").textContent);

  // Getting ready: scripts beside this one, each once.

  const scripts = {};
  const script = (name) =>
    (scripts[name] ??= new Promise((done, failed) => {
      const element = document.createElement("script");
      element.src = `${here}${name}.js`;
      element.onload = () => done(sarcomaKg[name]);
      element.onerror = () => failed(new Error(`live/${name}.js is not there; unpack the whole release`));
      document.head.append(element);
    }));

  async function unpacked(text) {
    if (typeof DecompressionStream === "undefined") throw new Error("this browser is too old to answer; see below how to ask elsewhere");
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  let names;
  const naming = () => (names ??= script("names").then(unpacked).then((b) => JSON.parse(new TextDecoder().decode(b))));

  // The engine, in a worker that is stopped after a time.

  let thread, ready, waiting;
  let turns = Promise.resolve();

  function stop(why) {
    thread?.terminate();
    thread = ready = undefined;
    waiting?.(new Error(why));
  }

  function say(message, transfer = []) {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => stop(`stopped after ${SECONDS} s; make the query more selective`), SECONDS * 1000);
      const end = (how, value) => {
        clearTimeout(timer);
        waiting = undefined;
        how(value);
      };
      waiting = (error) => end(failed, error);
      thread.onmessage = ({ data }) => {
        if (!data.error) end(done, data);
        else if (data.broken) stop(data.error);
        else end(failed, new Error(data.error));
      };
      thread.onerror = (event) => stop(event.message || "the engine did not start");
      thread.postMessage(message, transfer);
    });
  }

  async function start() {
    const [engine, graph] = await Promise.all([script("engine"), script("graph")]);
    const [wasm, triples] = await Promise.all([unpacked(engine.wasm), unpacked(graph)]);
    const url = URL.createObjectURL(new Blob([engine.code], { type: "text/javascript" }));
    thread = new Worker(url);
    await say({ wasm, graph: triples }, [wasm.buffer, triples.buffer]);
    URL.revokeObjectURL(url);
  }

  /* One query after the other: there is one thread. */
  function reply(query) {
    const mine = turns.then(async () => {
      ready ??= start();
      const begun = ready;
      await begun.catch((error) => {
        if (ready === begun) ready = undefined;
        throw error;
      });
      return say({ query });
    });
    turns = mine.catch(() => {});
    return mine;
  }

  // From what is typed to a term; folded as at the terminal.

  function fold(text, known) {
    let folded = text.toLowerCase().trim();
    for (const [pattern, plain] of known.spellings) folded = folded.replace(new RegExp(pattern, "gu"), plain);
    return folded.trim();
  }

  function resolve(typed, parameter, known) {
    if (parameter.day) {
      if (isDay(typed.trim())) return typed.trim();
      throw new Error(`“${typed}” is no day: write it as YYYY-MM-DD`);
    }
    const kind = parameter.kind.toLowerCase();
    if (!typed.trim()) throw new Error(`the ${kind} is empty: give a label, synonym or CURIE`);
    const all = known.kinds[parameter.kind] ?? [];
    const [prefix, ...local] = typed.trim().split(":");
    const iri = known.prefixes[prefix] && local.length ? known.prefixes[prefix] + local.join(":") : typed.trim();
    if (all.some((name) => name[1] === iri)) return iri;
    const wanted = fold(typed, known);
    const same = all.filter((name) => name[0] === wanted);
    const best = Math.min(...same.map((name) => name[2]));
    const hits = [...new Set(same.filter((name) => name[2] === best).map((name) => name[1]))];
    if (hits.length === 1) return hits[0];
    const label = (i) => known.things[i]?.[0] ?? i;
    if (hits.length) throw new Error(`“${typed}” is ambiguous: ${hits.map(label).join("; ")}`);
    const words = wanted.split(" ");
    const near = all.filter((name) => words.every((word) => name[0].includes(word))).map((name) => label(name[1]));
    const perhaps = [...new Set(near)].slice(0, 5).join("; ");
    throw new Error(`no ${kind} is called “${typed}”${perhaps ? `; perhaps: ${perhaps}` : ""}`);
  }

  function curie(iri, known) {
    const fits = Object.entries(known.prefixes).filter(([, base]) => iri.startsWith(base) && iri.length > base.length);
    const best = fits.sort((a, b) => b[1].length - a[1].length)[0];
    return best ? `${best[0]}:${iri.slice(best[1].length)}` : iri;
  }

  const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(text).toJSON()?.slice(0, 10) === text;

  const DAYS = new Set(asking.parameters.filter((p) => p.day).map((p) => p.name));
  const term = (name, value) => (DAYS.has(name) ? `"${value}"^^<http://www.w3.org/2001/XMLSchema#date>` : `<${value}>`);
  const filled = (values) => asking.template.map((part, at) => (at % 2 ? term(part, values[part]) : part)).join("");

  // The status column of `sarcoma-kg ask`, and its CSV.

  const identifiers = (cells) => {
    const words = cells.flatMap((cell) => cell.split(/[\s|]+/)).map((w) => w.replace(/^[.,;:()[\]]+|[.,;:()[\]]+$/g, ""));
    return [...new Set(words.filter((w) => /^[\p{L}\p{N}_.]+(?:-[\p{L}\p{N}_.]+)+$/u.test(w)))];
  };

  function withStatus({ columns, rows }, known) {
    const cells = rows.map((row) => row.map((c) => (!c ? "" : c.type === "bnode" ? `_:${c.value}` : c.value)));
    const told = cells.map((row) => {
      const ids = identifiers(row).filter((id) => Object.hasOwn(known.status, id));
      const each = ids.map((id) => `${id}: ${known.status[id].join("; ")}`);
      return (ids.length === 1 ? known.status[ids[0]] : each).join(JOINT);
    });
    const own = (row) => new Set(["", ...row.flatMap((cell) => cell.split("|")).map((cell) => cell.trim())]);
    const tells = cells.every((row, at) => {
      const has = own(row);
      return told[at].split(JOINT).every((part) => has.has(part));
    });
    if (tells) return { columns, cells };
    const name = columns.includes("status") ? "claimStatus" : "status";
    return { columns: [...columns, name], cells: cells.map((row, at) => [...row, told[at]]) };
  }

  function csv({ columns, cells }) {
    const inert = (cell) =>
      /^'*[=+\-@\t\r\n＝＋－＠]/.test(cell) && !/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(cell) ? `'${cell}` : cell;
    const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    return [columns, ...cells].map((row) => `${row.map((cell) => quoted(inert(cell))).join(",")}\n`).join("");
  }

  // Showing an answer as the packaged ones are shown.

  function made(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    // What no document may hold, as on the other pages.
    const clean = (text) => text.replace(/[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]/g, "\ufffd");
    element.append(...children.map((child) => (typeof child === "string" ? clean(child) : child)));
    return element;
  }

  const linked = (text, place) => {
    const name = made("bdi", {}, text);
    return place ? made("a", { href: root + place.split("/").map(encodeURIComponent).join("/").replace("%23", "#") }, name) : name;
  };

  const state = (iri, known) =>
    made("span", { class: "state" }, ...known.states[iri].flatMap(([text, place, tone], at) =>
      [at ? " " : "", made("span", { class: `tone ${tone}` }, linked(text, place))]));

  function prose(text, known) {
    const parts = [];
    let at = 0;
    for (const match of text.matchAll(/(?<![\p{L}\p{N}_.])[\p{L}\p{N}_.]+(?:-[\p{L}\p{N}_.]+)+/gu)) {
      const word = match[0].replace(/\.+$/, "");
      if (!Object.hasOwn(known.claims, word)) continue;
      parts.push(text.slice(at, match.index), ...thing(known.claims[word], word, known));
      at = match.index + word.length;
    }
    return [...parts, text.slice(at)].filter((part) => part !== "");
  }

  function thing(iri, text, known) {
    const found = linked(text, known.things[iri]?.[1] ?? "");
    if (Object.hasOwn(known.tones, iri)) return [made("span", { class: `tone ${known.tones[iri]}` }, found)];
    return Object.hasOwn(known.states, iri) ? [found, " ", state(iri, known)] : [found];
  }

  function shown(cell, known) {
    const has = (part) => Object.hasOwn(known.named, part);
    return cell.split(JOINT).flatMap((value, at) => {
      const parts = has(value) ? [value] : value.split(/(, |; )/);
      const told = parts.flatMap((part) => {
        if (has(part)) return thing(known.named[part], part, known);
        if (Object.hasOwn(known.things, part)) return thing(part, known.things[part][0], known);
        return prose(part, known);
      });
      return at ? [JOINT, ...told] : told;
    });
  }

  /* The status of a claim stands beside its number; the CSV has a column for it instead. */
  function table({ cells }, columns, known, about) {
    const rows = cells.slice(0, MOST_SHOWN).map((row) =>
      made("tr", {}, ...row.slice(0, columns.length).map((cell, at) => made("td", { "data-label": columns[at] }, ...shown(cell, known)))));
    const cut = cells.length > MOST_SHOWN ? `, the first ${MOST_SHOWN} of them here, all in the CSV` : "";
    const caption = prose(`${cells.length} row${cells.length === 1 ? "" : "s"}${about ? ` for ${about}` : ""}${cut}`, known);
    const head = made("tr", {}, ...columns.map((name) => made("th", { scope: "col" }, name)));
    return made("div", { class: "wide", role: "region", "aria-label": "Answer as a table", tabindex: "0" },
      made("table", { class: "cards answer" }, made("caption", {}, ...caption), made("thead", {}, head), made("tbody", {}, ...rows)));
  }

  // The page.

  const form = $("ask"), told = $("asked");
  const text = made("textarea", { class: "sparql", name: "sparql", "aria-label": "SPARQL", spellcheck: "false", form: "ask" });
  text.value = $("text").textContent;
  // What the reader touched last is asked.
  let own = false;
  text.addEventListener("input", () => (own = true));
  $("ask").addEventListener("input", ({ target }) => (own = target === text));
  $("text").replaceWith(text);
  if (!$("result")) $("answer").after(made("div", { id: "result" }));
  if (!$("csv")) $("result").after(made("p", {}, made("a", { id: "csv" }, "This answer as CSV")));

  // What a field shows, and the term that it stands for: a label need not be a name of one alone.
  const bound = {};
  const bind = (parameter, iri, label) => {
    const field = $(`p-${parameter.name}`);
    if (label !== undefined) field.value = label;
    bound[parameter.name] = { shows: field.value, iri };
  };
  for (const parameter of asking.parameters) bind(parameter, parameter.default);
  const chosen = (parameter, known) => {
    const { value } = $(`p-${parameter.name}`);
    const { shows, iri } = bound[parameter.name];
    return value === shows ? iri : resolve(value, parameter, known);
  };

  function tell(words, wrong = false) {
    told.textContent = words;
    told.classList.toggle("wrong", wrong);
  }

  /* A citation leaves the page: a claim goes with its status. */
  function cite(about, known) {
    if (Object.hasOwn(known.status, about)) about += ` [${known.status[about].join("; ")}]`;
    const day = new Date().toISOString().slice(0, 10);
    const block = document.querySelector(".cite");
    block.dataset.text ??= block.querySelector("p").textContent;
    block.dataset.bibtex ??= block.querySelector("code").textContent;
    const address = location.hash.includes("=") ? location.hash : "";
    block.querySelector("p").textContent = `${block.dataset.text}${address}${about ? ` (${about})` : ""}, asked on ${day}.`;
    block.querySelector("code").textContent = block.dataset.bibtex
      .replace(/(url = \{[^}]*)\}/, (all, url) => `${url}${address.replace(/[{}\\]/g, encodeURIComponent)}}`)
      .replace(/\n\}$/, `\n  urldate = {${day}},\n}`);
  }

  let turn = 0;
  async function answer(query, about) {
    const mine = (turn += 1);
    const before = performance.now();
    tell("asking ...");
    $("stop").hidden = false;
    try {
      const known = await naming();
      const told = await reply(query);
      const found = withStatus(told, known);
      if (mine !== turn) return;
      $("result").replaceChildren(table(found, told.columns, known, about));
      if ($("csv").href.startsWith("blob:")) URL.revokeObjectURL($("csv").href);
      $("csv").href = URL.createObjectURL(new Blob([csv(found)], { type: "text/csv" }));
      $("csv").download = `${asking.id}.csv`;
      const none = found.cells.length ? "" : "; no row: no claim matches, which is not a claim of no effect";
      tell(`answered in this browser in ${((performance.now() - before) / 1000).toFixed(1)} s${none}`);
      cite(about, known);
      $("again").hidden = false;
    } catch (error) {
      if (mine === turn) tell(error.message, true);
    } finally {
      if (mine === turn) $("stop").hidden = true;
    }
  }

  /* A view is what its address says: the values of parameters, or a query of the reader's. */
  async function view() {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return;
    const given = new URLSearchParams(hash);
    const known = await naming();
    const values = {}, about = [];
    for (const parameter of asking.parameters) {
      const typed = given.get(parameter.name) ?? parameter.default;
      try {
        values[parameter.name] = resolve(typed, parameter, known);
      } catch (error) {
        $(`p-${parameter.name}`).value = typed;
        return tell(error.message, true);
      }
      const label = known.things[values[parameter.name]]?.[0] ?? values[parameter.name];
      bind(parameter, values[parameter.name], label);
      about.push(label);
    }
    own = given.has("sparql");
    if (own) {
      text.value = given.get("sparql");
      return answer(text.value, "a query of your own");
    }
    text.value = filled(values);
    return answer(text.value, about.join(", "));
  }

  async function ask(event) {
    event.preventDefault();
    const parts = new URLSearchParams();
    try {
      const known = await naming();
      for (const parameter of asking.parameters) {
        parts.set(parameter.name, curie(chosen(parameter, known), known));
      }
    } catch (error) {
      return tell(error.message, true);
    }
    if (own) parts.set("sparql", text.value);
    else if (!asking.parameters.length) parts.set("asked", asking.id);
    const hash = `#${parts.toString().replaceAll("%3A", ":").replaceAll("+", "%20")}`;
    if (hash === location.hash) return view();
    location.hash = hash;
  }

  form.addEventListener("submit", ask);
  $("stop").addEventListener("click", () => stop("stopped"));
  $("again").addEventListener("click", () => {
    location.hash = "";
    location.reload();
  });
  addEventListener("hashchange", view);
  form.hidden = false;
  view();
})();
