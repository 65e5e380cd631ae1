// Asks Comunica. Takes one JSON object a line, {query, context}, and gives one a line: {head, results}
// as in SPARQL JSON, or {error}. Arguments: the folder that holds node_modules, and the names of
// optimisers that are to leave a query as it is.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [folder, ...idle] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
for (const name of idle) {
  for (const actor of Object.values(require(`@comunica/actor-optimize-query-operation-${name}`))) {
    actor.prototype.run = async ({ operation, context }) => ({ operation, context });
  }
}
const { QueryEngine } = require('@comunica/query-sparql');
const engine = new QueryEngine();

async function ask({ query, context }) {
  const { data } = await engine.resultToString(
    await engine.query(query, context), 'application/sparql-results+json');
  let text = '';
  for await (const chunk of data) text += chunk;
  // Without the count of requests beside them; the head of an answer pruned to nothing has no vars.
  const { head, results } = JSON.parse(text);
  return { head: { vars: [], ...head }, results };
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await ask(JSON.parse(line)).catch((error) => ({ error: `${error}` }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
