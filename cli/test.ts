/** The tests of the Mappings in a folder: run, told in lines, as JSON or as JUnit. */
import type { Folder } from '../crds/folder.ts';
import { Memo } from '../operator/translate/memo.ts';
import { worldOf } from '../operator/translate/world.ts';
import { WorldIndex } from '../operator/translate/world-index.ts';
import { compileExpression } from '../runtime/mapping/compile.ts';
import { place } from '../runtime/mapping/errors.ts';
import { Coverage } from '../runtime/mapping/jsonata/coverage.ts';
import { shapeBySchema } from '../runtime/mapping/shape.ts';
import { tableOf } from '../runtime/mapping/tables.ts';
import { runMappingTest } from '../runtime/mapping/tests.ts';
import type { MappingPlan, Part, TablePlan } from '../runtime/plan.ts';

export interface TestResult {
  name: string;
  /** ms of wall clock. */
  duration: number;
  /** What is wrong; absent where the test passed. */
  failure?: string;
}
export interface MappingResult {
  mapping: string;
  file: string;
  line: number;
  /** Why none of its tests could run. */
  error?: string;
  tests: TestResult[];
  /** Of the expression, over all tests; absent where none ran. */
  coverage?: { branches: number; untaken: { place: string; of: string; way: string }[] };
}

export async function testFolder(folder: Folder): Promise<MappingResult[]> {
  const { namespace } = folder;
  const index = new WorldIndex(worldOf(folder));
  const memo = new Memo();
  memo.look(index);
  const results: MappingResult[] = [];
  for (const { kind, metadata } of folder.resources) {
    if (kind !== 'Mapping') continue;
    const { name } = metadata;
    const { file, line } = folder.locate('Mapping', name, 'metadata.name') ?? { file: '', line: 0 };
    const { hash, parts, problems } = memo.get({ kind, namespace, name });
    const plan = hash === undefined ? undefined : (parts[hash] as MappingPlan);
    const told = problems.errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
    const result: MappingResult = { mapping: name, file, line, tests: [] };
    results.push(
      plan ? await testMapping(result, plan, parts) : { ...result, error: told || 'it cannot be translated' },
    );
  }
  return results;
}

async function testMapping(
  result: MappingResult,
  plan: MappingPlan,
  parts: Record<string, Part>,
): Promise<MappingResult> {
  const tables = Object.fromEntries(
    Object.entries(plan.tables).map(([name, hash]) => [name, tableOf(parts[hash] as TablePlan)]),
  );
  const coverage = new Coverage();
  const expression = compileExpression(plan.expression, `Mapping ${plan.name}`, coverage);
  const apply = async (input: unknown, bindings: Record<string, unknown>) =>
    shapeBySchema(await expression.evaluate(input, { tables, bindings }), plan.targetSchema);
  const tests: TestResult[] = [];
  for (const test of plan.tests) {
    const start = performance.now();
    const failure = await runMappingTest(test, apply);
    tests.push({ name: test.name, duration: performance.now() - start, ...(failure !== undefined && { failure }) });
  }
  if (tests.length === 0) return result;
  const untaken = coverage
    .untaken()
    .map(({ position, of, way }) => ({ place: place(plan.expression, position), of, way }));
  return { ...result, tests, coverage: { branches: coverage.branches.length, untaken } };
}

export const failed = (results: readonly MappingResult[]): boolean =>
  results.some(({ error, tests }) => error !== undefined || tests.some(({ failure }) => failure !== undefined));

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

export function linesOf(results: readonly MappingResult[], paint: Paint): string[] {
  const lines = results.flatMap(({ mapping, file, line, error, tests, coverage }) => [
    `${paint.bold(`Mapping ${mapping}`)} ${paint.dim(`${file}:${line}`)}`,
    ...(error === undefined ? [] : [`  ${paint.red('✗')} ${error}`]),
    ...(error === undefined && tests.length === 0 ? [`  ${paint.yellow('! it has no tests')}`] : []),
    ...tests.flatMap(({ name, duration, failure }) =>
      failure === undefined
        ? [`  ${paint.green('✓')} ${name} ${paint.dim(`${duration.toFixed(1)} ms`)}`]
        : [`  ${paint.red('✗')} ${name}`, `      ${failure}`],
    ),
    ...(coverage && coverage.branches > 0
      ? [
          `  ${paint.dim(`${coverage.branches - coverage.untaken.length} of ${coverage.branches} branches taken`)}`,
          ...coverage.untaken.map(({ place, of, way }) => `    ${paint.yellow('!')} ${of} at ${place}: never ${way}`),
        ]
      : []),
  ]);
  const { tests, failures, errors } = counts(results);
  const broken = failures + errors;
  const all = `${tests} ${tests === 1 ? 'test' : 'tests'} of ${results.length} ${results.length === 1 ? 'Mapping' : 'Mappings'}`;
  const errored = errors > 0 ? `, ${errors} not runnable` : '';
  return [
    ...lines,
    broken === 0 ? paint.green(`${all}: all passed`) : paint.red(`${all}: ${failures} failed${errored}`),
  ];
}

const counts = (results: readonly MappingResult[]) => ({
  tests: results.reduce((sum, { tests }) => sum + tests.length, 0),
  failures: results.reduce((sum, { tests }) => sum + tests.filter(({ failure }) => failure !== undefined).length, 0),
  errors: results.filter(({ error }) => error !== undefined).length,
});

/** For programs: one object a run. */
export const summaryOf = (results: readonly MappingResult[]) => ({
  passed: !failed(results),
  ...counts(results),
  mappings: results,
});

/** One suite per Mapping; one that cannot be run is a suite with one error. */
export function junitOf(results: readonly MappingResult[]): string {
  const suites = results.map(({ mapping, file, error, tests, coverage }) => {
    const failures = tests.filter(({ failure }) => failure !== undefined).length;
    const cases =
      error === undefined
        ? tests.map(({ name, duration, failure }) => {
            const head = `    <testcase classname="${xml(mapping)}" name="${xml(name)}" time="${(duration / 1000).toFixed(6)}"`;
            return failure === undefined ? `${head}/>` : `${head}><failure message="${xml(failure)}"/></testcase>`;
          })
        : [`    <testcase classname="${xml(mapping)}" name="compiles"><error message="${xml(error)}"/></testcase>`];
    const errors = error === undefined ? 0 : 1;
    const attributes = `name="${xml(mapping)}" file="${xml(file)}" tests="${cases.length}" failures="${failures}" errors="${errors}"`;
    return [`  <testsuite ${attributes}>`, ...propertiesOf(coverage), ...cases, '  </testsuite>'].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join('\n');
}

/** How many branches of the expression there are, how many were taken, and each that was not. */
function propertiesOf(coverage: MappingResult['coverage']): string[] {
  if (!coverage) return [];
  const { branches, untaken } = coverage;
  const property = (name: string, value: string | number) =>
    `      <property name="${name}" value="${xml(String(value))}"/>`;
  return [
    '    <properties>',
    property('coverage.branches', branches),
    property('coverage.taken', branches - untaken.length),
    ...untaken.map(({ place, of, way }) => property('coverage.untaken', `${of} at ${place}: never ${way}`)),
    '    </properties>',
  ];
}

/** Text in an attribute; what XML cannot hold is dropped. */
const xml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those that XML does not allow
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"\n\r\t]/g, (character) => `&#${character.charCodeAt(0)};`);
