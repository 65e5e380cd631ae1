/* The graph, in a thread that can be stopped. Stands behind the engine's own script, whose
   `initSync` and `Store` it uses. */

const MOST_ROWS = 100000;
const REFUSED = {
  SERVICE: "SERVICE sends parts of the query to another server",
  FROM: "FROM makes the engine read other graphs or files",
};
let store, empty;

/* As at the terminal: a word of this kind is a keyword if the engine no longer reads the query
   once letters that are none stand in its place. */
function check(query) {
  const words = query.match(/SERVICE|FROM/gi);
  if (!words) return;
  try {
    empty.query(query.replace(/SERVICE|FROM/gi, (word) => "Q".repeat(word.length)));
    return;
  } catch (error) {
    if (!/^error at/.test(error.message)) return;
  }
  let read = true;
  try {
    empty.query(query);
  } catch (error) {
    read = !/^error at/.test(error.message);
  }
  if (read) throw new Error(`refused: ${REFUSED[words[0].toUpperCase()]}`);
}

function cell(term) {
  if (!term) return null;
  if (term.termType) {
    const type = { NamedNode: "uri", BlankNode: "bnode" }[term.termType] ?? "literal";
    return { type, value: term.termType === "Quad" ? String(term) : term.value };
  }
  return { type: term.type, value: typeof term.value === "string" ? term.value : JSON.stringify(term.value) };
}

function answer(query) {
  check(query);
  const told = JSON.parse(store.query(query, { results_format: "json" }));
  let columns, rows;
  if (Array.isArray(told)) {
    columns = ["subject", "predicate", "object"];
    rows = store.query(query).map((quad) => [quad.subject, quad.predicate, quad.object]);
  } else if ("boolean" in told) {
    columns = ["result"];
    rows = [[{ type: "literal", value: String(told.boolean) }]];
  } else {
    columns = told.head.vars;
    rows = told.results.bindings.map((row) => columns.map((name) => row[name]));
  }
  if (rows.length > MOST_ROWS) throw new Error(`more than ${MOST_ROWS} rows: count instead of listing`);
  return { columns, rows: rows.map((row) => row.map(cell)) };
}

self.onmessage = ({ data }) => {
  try {
    if (data.wasm) {
      initSync({ module: data.wasm });
      empty = new Store();
      store = new Store();
      store.load(data.graph, { format: "nt", no_transaction: true, lenient: true });
      self.postMessage({ size: store.size });
    } else {
      self.postMessage(answer(data.query));
    }
  } catch (error) {
    self.postMessage({ error: error.message ?? String(error), broken: error instanceof WebAssembly.RuntimeError });
  }
};
