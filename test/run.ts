/**
 * `make test`: static checks, the real parts, then all tests by vitest. The last line is `N passed, N failed, N skipped`, where a
 * static check, a part that cannot be had and a test count as one each. Exit code 0 only if something ran and nothing failed.
 *
 *   node test/run.ts [--static | --cluster | --all] [vitest filters and flags…]
 *
 * `--cluster`: the suite on a real node alone. `--all`: that after everything else.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const counts = { passed: 0, failed: 0, skipped: 0 };
/** Of vitest. One of `rabbitmq-3` and `rabbitmq-4` comes with the broker that `parts` does not have. */
const projects = ['unit', 'parts'];
const failures: string[] = [];
const FLAGS = ['--static', '--cluster', '--all'];
const args = process.argv.slice(2).filter((each) => !FLAGS.includes(each));
const chosen = (flag: string) => process.argv.includes(flag);
const started = Date.now();

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

function say(line: string): void {
  console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s] ${line}`);
}

function passed(count = 1): void {
  counts.passed += count;
}

function skipped(why: string): void {
  counts.skipped++;
  say(`SKIPPED: ${why}`);
}

function failed(what: string): void {
  counts.failed++;
  failures.push(what);
}

/** Gives the exit code; output goes straight to ours. */
function execute(command: string, ...rest: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, rest, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function check(what: string, command: string, ...rest: string[]): Promise<void> {
  say(what);
  if ((await execute(command, ...rest)) === 0) passed();
  else failed(`${what} (${command} ${rest.join(' ')})`);
}

/** So that the first test does not wait for a download or a build, and a part that is missing is named once, clearly. */
async function obtainParts(): Promise<void> {
  const { ensureConsole } = await import('../console/build.ts');
  const { majorOf, obtainBroker } = await import('../standalone/broker.ts');
  const { startPrivateDatabase } = await import('../standalone/database.ts');
  const { obtainControlPlane } = await import('./support/control-plane.ts');
  const { obtainHelm } = await import('./support/helm.ts');
  const { obtainCollector } = await import('./support/collector.ts');
  const { obtainPrometheus } = await import('./support/prometheus.ts');
  const { obtainSuite } = await import('./mapping/suite.ts');
  const { obtainSshd } = await import('./support/sshd.ts');
  const { obtainArgoCd, obtainKstatus, obtainLua } = await import('./gitops/programs.ts');
  const { obstacle, obtainNode } = await import('./cluster/programs.ts');
  const { obtainAddon } = await import('./cluster/addons/addon.ts');
  const { KEDA } = await import('./cluster/addons/keda.ts');
  const { LOCAL_PATH } = await import('./cluster/addons/local-path.ts');
  const { METRICS_SERVER } = await import('./cluster/addons/metrics-server.ts');
  const { chosenCarrier, carrier } = await import('./cluster/cluster.ts');
  const parts: [string, () => Promise<unknown>][] = [
    ['console', () => ensureConsole(say)],
    [
      'RabbitMQ',
      async () => {
        const other = majorOf(await obtainBroker(say)) === '4' ? '3' : '4';
        await obtainBroker(say, other).then(
          () => projects.push(`rabbitmq-${other}`),
          (error: Error) => skipped(`what depends on RabbitMQ's version, on ${other}: ${error.message}`),
        );
      },
    ],
    ['PostgreSQL', async () => (await startPrivateDatabase({ log: say, fsync: false })).stop()],
    ['Kubernetes control plane', () => obtainControlPlane(say)],
    ['Helm', () => obtainHelm(say)],
    ['Prometheus', () => obtainPrometheus(say)],
    ["JSONata's test suite", () => obtainSuite(say)],
    ['OpenTelemetry Collector', () => obtainCollector(say)],
    ['OpenSSH server', obtainSshd],
    ['Lua and kstatus', async () => [await obtainLua(), await obtainKstatus(say)]],
  ];
  if (chosen('--cluster')) parts.length = 0;
  const byKind = chosen('--cluster') && chosenCarrier() === carrier('kind');
  // Argo CD needs an API server only, so it is not a matter of the carrier: it goes with the node.
  if (chosen('--all') || (chosen('--cluster') && !byKind)) parts.push(['Argo CD', () => obtainArgoCd(say)]);
  if (byKind && args.length === 0) args.push('test/cluster/suite');
  const why = byKind ? carrier('kind').obstacle() : obstacle();
  if (why) say(`SKIPPED: a Kubernetes cluster and all that is tested on one: ${why}`);
  else if (!byKind) {
    parts.push(['Kubernetes node', () => obtainNode(say)]);
    if (chosen('--cluster') || chosen('--all'))
      for (const addon of [METRICS_SERVER, LOCAL_PATH, KEDA]) parts.push([addon.name, () => obtainAddon(addon, say)]);
  }
  for (const [name, obtain] of parts) {
    try {
      await obtain();
    } catch (error) {
      say(`NOT TO BE HAD: ${name}. ${(error as Error).message}`);
      failed(`real part: ${name}`);
    }
  }
}

async function vitest(projects: string[], filters: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-test-'));
  const file = join(folder, 'report.json');
  try {
    const code = await execute(
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...projects.map((each) => `--project=${each}`),
      ...filters,
    );
    const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
    passed(report.numPassedTests);
    counts.skipped += report.numPendingTests + report.numTodoTests;
    for (const result of report.testResults) {
      const name = relative(ROOT, result.name);
      const broken = result.assertionResults.filter((each) => each.status === 'failed');
      for (const test of broken) failed(`${name}: ${test.fullName}`);
      if (result.status === 'failed' && broken.length === 0) failed(`${name}: ${result.message.split('\n')[0]}`);
    }
    if (code !== 0 && failures.length === 0) failed('vitest: an error outside of the tests, see above');
    if (report.numPassedTests + report.numFailedTests === 0) failed('vitest: no test ran');
  } catch (error) {
    failed(`vitest gave no report: ${(error as Error).message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!chosen('--cluster')) {
  await check('types', 'tsc', '--noEmit');
  await check('types of the console', 'tsc', '-p', 'console');
  await check('format and lint', 'biome', 'check', '--error-on-warnings', '.');
  await check('generated files are those that crds/manifests give', 'node', 'crds/generate.ts', '--check');
  await check('the OpenAPI document is that of the contract', 'node', 'tracker/api/generate.ts', '--check');
  await check("the chart's README tells its values", 'node', 'charts/generate.ts', '--check');
}
if (!chosen('--static')) {
  say('real parts');
  await obtainParts();
  say('tests');
  if (!chosen('--cluster')) await vitest(projects, args);
  // Timings of a cluster mean something only beside nothing else.
  if (chosen('--cluster') || (chosen('--all') && args.length === 0)) await vitest(['cluster'], args);
}

if (failures.length > 0) console.log(`\nfailed:\n${failures.map((each) => `  ${each}`).join('\n')}`);
say('done');
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
