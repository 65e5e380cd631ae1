/* Search in the pages: one index beside this file, read when it is first wanted. No network else.
   Texts of the graph become text nodes, never HTML. */
(function () {
  "use strict";
  var here = document.currentScript.src.replace(/[^/]*$/, "");
  var box = document.getElementById("search");
  if (!box) return;
  var input = box.querySelector("input");
  var list = document.getElementById("found");
  var told = document.getElementById("told");
  var rows = null, options = [], at = -1, asked = false, later = 0;
  var MOST = 6, ALL = 30;
  box.hidden = false;

  function plain(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }

  function load() {
    if (asked) return;
    asked = true;
    var script = document.createElement("script");
    script.src = here + "search-index.js";
    script.onload = function () {
      rows = window.sarcomaKgIndex.rows.map(function (row) {
        var names = [row[1]].concat(row[3] || []);
        return { group: row[0], name: row[1], place: row[2], state: row[4] || "",
          names: names, plain: names.map(plain) };
      });
      search();
    };
    script.onerror = function () { told.textContent = "The search index cannot be read."; };
    document.head.appendChild(script);
  }

  /* Edits from one word to another, neighbours swapped among them; more than most is most + 1. */
  function edits(a, b, most) {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    var before = [], last = [], row = [], i, j;
    for (j = 0; j <= b.length; j++) last[j] = j;
    for (i = 1; i <= a.length; i++) {
      row = [i];
      for (j = 1; j <= b.length; j++) {
        var cost = a[i - 1] === b[j - 1] ? 0 : 1;
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
          row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      before = last;
      last = row;
    }
    return last[b.length];
  }

  function near(word, name) {
    var most = word.length > 7 ? 2 : word.length > 3 ? 1 : 0;
    // A code or a number that is nearly another is another.
    if (!most || /\p{N}/u.test(word)) return false;
    return name.split(" ").some(function (other) {
      // Whoever still types has not written the end of the word yet.
      return edits(word, other, most) <= most ||
        other.length > word.length && edits(word, other.slice(0, word.length), most) <= most;
    });
  }

  /* How well a name answers: 0 not at all. */
  function score(name, query, words) {
    if (name === query) return 100;
    if (name.startsWith(query)) return 80;
    var all = " " + name;
    if (words.every(function (w) { return all.includes(" " + w); })) return 60;
    if (words.every(function (w) { return w.length > 2 && name.includes(w); })) return 40;
    if (words.every(function (w) { return all.includes(" " + w) || near(w, name); })) return 20;
    return 0;
  }

  function found(text) {
    var query = plain(text), words = query.split(" "), hits = [];
    if (!query) return hits;
    rows.forEach(function (row) {
      var best = 0, by = 0;
      row.plain.forEach(function (name, n) {
        var value = score(name, query, words) - (n ? 1 : 0);
        if (value > best) { best = value; by = n; }
      });
      if (best > 0) hits.push({ row: row, score: best, by: by });
    });
    hits.sort(function (a, b) {
      return b.score - a.score || a.row.name.length - b.row.name.length ||
        (a.row.name < b.row.name ? -1 : 1);
    });
    return hits;
  }

  function element(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function tone(word) {
    if (/unconfirmed|qualified|unsupported|uncited|not assessed/.test(word)) return "warn";
    if (/corroborated|supported/.test(word)) return "good";
    return /related/.test(word) ? "plain" : "bad";
  }

  function option(hit) {
    var link = element("a", "");
    link.href = here + hit.row.place + ".html";
    link.id = "found-" + options.length;
    link.setAttribute("role", "option");
    link.setAttribute("aria-selected", "false");
    link.tabIndex = -1;
    // What disputes or ended a thing stands before what is said of it.
    link.append(element(hit.row.group === 5 ? "b" : "bdi", "", hit.row.name));
    hit.row.state.split("; ").filter(Boolean).forEach(function (word) {
      link.append(" ", element("span", "tone " + tone(word), word));
    });
    if (hit.row.group === 5) link.append(" ", element("span", "", hit.row.names[1]));
    else if (hit.by) link.append(" ", element("span", "source", hit.row.names[hit.by]));
    options.push(link);
    return link;
  }

  /* A sentence, where a server is there to route it: the question that it leads to, above the rest. */
  function route(sentence) {
    if (!window.sarcomaKgIndex.live || sentence.trim().split(/\s+/).length < 3) return;
    fetch(here + "api/route?sentence=" + encodeURIComponent(sentence)).then(function (reply) {
      return reply.ok ? reply.json() : null;
    }).then(function (made) {
      if (!made || !made.question || input.value !== sentence) return;
      var link = element("a", ""), part = element("div", "");
      link.href = here + "questions/" + made.question + ".html?" + new URLSearchParams(made.parameters);
      link.id = "found-" + options.length;
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      link.tabIndex = -1;
      var values = Object.values(made.parameters).join(", ");
      link.append(element("b", "", made.question), " ", element("span", "", made.summary),
        " ", element("span", "source", (values ? values + ". " : "") + made.note));
      options.unshift(link);
      at = -1;
      part.setAttribute("role", "group");
      part.setAttribute("aria-label", "As a question");
      part.append(element("p", "kind", "As a question"), link);
      list.prepend(part);
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      told.textContent = "A question fits the sentence.";
    });
  }

  function search() {
    if (!rows) return;
    clearTimeout(later);
    later = setTimeout(route, 300, input.value);
    var hits = found(input.value), groups = {}, names = window.sarcomaKgIndex.groups, order = [];
    list.textContent = "";
    options = [];
    at = -1;
    hits.slice(0, ALL * 4).forEach(function (hit) {
      if (!groups[hit.row.group]) { groups[hit.row.group] = []; order.push(hit.row.group); }
      if (groups[hit.row.group].length < MOST) groups[hit.row.group].push(hit);
    });
    order.forEach(function (group) {
      if (options.length >= ALL) return;
      var part = element("div", "");
      part.setAttribute("role", "group");
      part.setAttribute("aria-label", names[group]);
      part.append(element("p", "kind", names[group]));
      groups[group].forEach(function (hit) { part.append(option(hit)); });
      list.append(part);
    });
    var open = input.value.trim() !== "";
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    told.textContent = !open ? "" : !options.length ? "Nothing found." :
      hits.length + " found" + (hits.length > options.length ? ", " + options.length + " shown" : "");
  }

  function move(to) {
    if (!options.length) return;
    if (at >= 0) options[at].setAttribute("aria-selected", "false");
    at = (to + options.length) % options.length;
    options[at].setAttribute("aria-selected", "true");
    options[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[at].id);
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  // A link may bring a search with it.
  var brought = new URLSearchParams(location.search).get("q");
  if (brought) { input.value = brought; load(); }

  input.addEventListener("focus", load);
  input.addEventListener("input", function () { load(); search(); });
  input.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter" && options.length) location.href = options[Math.max(at, 0)].href;
    else if (event.key === "Escape") { input.value = ""; search(); close(); return; }
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", function (event) {
    var typing = /^(?:INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) ||
      event.target.isContentEditable;
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
  document.addEventListener("click", function (event) { if (!box.contains(event.target)) close(); });
})();
