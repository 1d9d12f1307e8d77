// Exits 0 when node_modules holds what package-lock.json says. Runs on any Node from 20: it decides whether npm ci is needed.
import { existsSync, readFileSync } from 'node:fs';

const read = (file) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));
const HIDDEN = 'node_modules/.package-lock.json';
// npm writes it last, so an installation that was broken off does not count.
if (!existsSync(new URL(`../${HIDDEN}`, import.meta.url))) process.exit(1);
const there = read(HIDDEN).packages;
const missing = Object.entries(read('package-lock.json').packages).filter(
  ([path, wanted]) => path !== '' && there[path]?.version !== wanted.version && !(wanted.optional && !there[path]),
);
process.exit(missing.length === 0 ? 0 : 1);
