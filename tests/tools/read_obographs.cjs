// What bbop-graph finds in OBO Graphs JSON, as JSON; run by test_readers.
//
// node read_obographs.cjs FOLDER_OF_NODE_MODULES FILE IRI ...
const fs = require("fs");
const path = require("path");

const [folder, file, ...iris] = process.argv.slice(2);
const { graph: Graph } = require(path.join(folder, "node_modules", "bbop-graph"));
const graph = new Graph();
graph.load_base_json(JSON.parse(fs.readFileSync(file)).graphs[0]);
const labels = {};
for (const node of graph.all_nodes()) labels[node.id()] = node.label() || null;
const above = {};
for (const iri of iris) {
  const found = graph.get_ancestor_subgraph(iri, "is_a").all_nodes();
  above[iri] = found.map((node) => node.id()).filter((id) => id !== iri);
}
process.stdout.write(JSON.stringify({ labels, above }));
