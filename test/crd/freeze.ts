/**
 * Keeps what a release stored: its CustomResourceDefinitions, without prose, and the objects of its examples, for stored.test.ts. Run once
 * when a release is cut; a file that is there is never written again.
 *
 *   node test/crd/freeze.ts
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { BY_HAND } from '../cluster/suite/every-kind.ts';
import { ROOT, validExamples } from './api.ts';

const { appVersion } = parse(readFileSync(join(ROOT, 'charts/crossdock/Chart.yaml'), 'utf8')) as { appVersion: string };
const file = join(import.meta.dirname, 'released', `${appVersion}.json`);
if (existsSync(file)) throw new Error(`${file} is there: what ${appVersion} stored does not change any more`);

const folder = join(ROOT, 'crds/manifests');
const definitions = readdirSync(folder)
  .sort()
  .map((name) => parse(readFileSync(join(folder, name), 'utf8')) as object);
const byHand = parseAllDocuments(BY_HAND).map((document) => document.toJS() as object);
const examples = [...(await validExamples()), { folder: 'by-hand', resources: byHand }];
const withoutProse = (key: string, value: unknown) =>
  key === 'description' && typeof value === 'string' ? undefined : value;
writeFileSync(
  file,
  `{"definitions":[\n${definitions.map((each) => JSON.stringify(each, withoutProse)).join(',\n')}\n],\n"examples":[\n${examples
    .map((each) => JSON.stringify(each))
    .join(',\n')}\n]}\n`,
);
