/**
 * The table of values in the chart's README.md, from values.yaml.
 *
 *   node charts/generate.ts [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';

const CHART = join(import.meta.dirname, 'crossdock');
const README = join(CHART, 'README.md');
const [BEGIN, END] = ['<!-- values -->', '<!-- /values -->'];

const readme = readFileSync(README, 'utf8');
const wanted = `${readme.slice(0, readme.indexOf(BEGIN) + BEGIN.length)}\n${table()}\n${readme.slice(readme.indexOf(END))}`;
if (!process.argv.includes('--check')) writeFileSync(README, wanted);
else if (wanted !== readme) {
  console.error('charts/crossdock/README.md is not up to date: run make generate');
  process.exit(1);
}

function table(): string {
  const document = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  const rows = rowsOf(document.contents as YAMLMap, '');
  return ['| value | default | |', '| --- | --- | --- |', ...rows].join('\n');
}

/** A comment above a map is about all that is in it and gets a row of its own. */
function rowsOf(map: YAMLMap, prefix: string): string[] {
  return map.items.flatMap(({ key, value }, at) => {
    if (!isScalar(key)) return [];
    const path = prefix ? `${prefix}.${key.value}` : `${key.value}`;
    // What stands above the first key, the parser gives to the map.
    const comment = ((at === 0 && map.commentBefore) || key.commentBefore || '')
      .split('\n')
      .map((line) => line.trim())
      .join(' ')
      .trim()
      .replaceAll('|', '\\|');
    if (isMap(value) && !value.flow)
      return [...(comment ? [`| \`${path}\` | | ${comment} |`] : []), ...rowsOf(value, path)];
    const text = JSON.stringify((value as { toJSON(): unknown }).toJSON());
    return [`| \`${path}\` | \`${text}\` | ${comment} |`];
  });
}
