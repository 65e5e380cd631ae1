// Reads a JSON-LD document with jsonld.js and writes it as N-Quads. Arguments: the folder that holds
// node_modules, the document, the address of its context, the file of the context. Nothing is fetched.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, path, address, context] = process.argv.slice(2);
const jsonld = createRequire(join(folder, 'package.json'))('jsonld');
const read = (name) => JSON.parse(readFileSync(name, 'utf8'));
const documentLoader = async (url) => {
  if (url !== address) throw new Error(`not here: ${url}`);
  return { contextUrl: null, documentUrl: url, document: read(context) };
};
process.stdout.write(await jsonld.toRDF(read(path), { format: 'application/n-quads', documentLoader }));
