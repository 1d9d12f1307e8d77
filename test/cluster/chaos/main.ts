/**
 * `make chaos`: a Kubernetes node of its own, orders all the time, and a fault every few seconds; the seed says which. Ends with what was
 * injected, lost and doubled, and how long it took to recover; exit 0 only if nothing was lost or doubled and all accounts agree.
 *
 *   node test/cluster/chaos/main.ts [--seed 7] [--minutes 5]
 */
import { parseArgs } from 'node:util';
import { random } from '../../../examples/inbound-distribution/simulators/world.ts';
import { addStorageAndMetrics, install, loadImages, makeNamespace, SYSTEM, trial } from '../deploy.ts';
import { obstacle } from '../programs.ts';
import { httpIntegration, openShop } from '../shop.ts';
import { down, up } from '../single-node.ts';
import { PARTS } from './faults.ts';
import { type ChaosResult, runChaos } from './run.ts';
import { percentile } from './verdict.ts';

const { values: args } = parseArgs({
  options: { seed: { type: 'string', default: '7' }, minutes: { type: 'string', default: '5' } },
});
const number = (name: 'seed' | 'minutes'): number => {
  const value = Number(args[name]);
  if (!(value > 0)) throw new Error(`--${name} ${args[name]}: a number above 0 is expected`);
  return value;
};
const [seed, minutes] = [number('seed'), number('minutes')];
const NAME = 'chaos';
const started = Date.now();
const say = (line: string) => console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`);

const why = obstacle();
if (why) {
  console.error(`no cluster on this machine: ${why}`);
  process.exit(1);
}
let code = 1;
try {
  const cluster = await up(NAME, say);
  await addStorageAndMetrics(cluster, say);
  const images = await loadImages(cluster, say);
  for (const name of [SYSTEM, PARTS]) await makeNamespace(cluster, name);
  const parts = ['operator.replicas=0', 'crds.install=false', ...trial(images)];
  await install(cluster, { name: 'parts', namespace: PARTS, values: parts });
  const find = ['-n', PARTS, 'get', 'secret', 'parts-crossdock-postgresql', '-o', 'json'];
  const { data } = JSON.parse(await cluster.get(find)) as { data: object };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'postgresql', namespace: SYSTEM }, data };
  await cluster.get(['apply', '-f', '-'], JSON.stringify(secret));
  await install(cluster, { name: 'crossdock', namespace: SYSTEM, values: ['database.secretName=postgresql'] });
  const shop = await openShop(cluster, 'shop', { namespace: PARTS, secret: 'parts-crossdock-rabbitmq' });
  // Duplicates are declared, so that documents need PostgreSQL, too; an integration without traffic has queues that are empty.
  await shop.kubectl([
    ...['patch', 'documenttype', 'order-v1', '--type=merge', '-p'],
    JSON.stringify({ spec: { revision: { keyExpression: 'number' } } }),
  ]);
  await shop.apply(httpIntegration('idle', '/idle'));
  await shop.kubectl(['wait', '--for=condition=Ready', 'integration', '--all', '--timeout=55s']);
  say(`chaos begins: seed ${seed}, ${minutes} min`);
  const result = await runChaos({
    ...{ cluster, shop, inboundKey: 'inbound-1', random: random(seed), lastsMs: minutes * 60_000, say },
  });
  code = present(result);
} catch (error) {
  console.error(`✗ ${(error as Error).message}`);
} finally {
  await down(NAME);
}
process.exit(code);

function present({ faults, sent, recoveries, lost, doubled, repeats, disagreements }: ChaosResult): number {
  const recovered = recoveries.filter((ms) => ms !== undefined);
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const byName = Map.groupBy(faults.keys(), (at) => faults[at]!.name);
  console.log('\nfault                           times  recovery, each');
  for (const [name, at] of byName)
    console.log(
      `${name.padEnd(32)}${String(at.length).padStart(5)}  ${at.map((each) => (recoveries[each] === undefined ? 'never' : seconds(recoveries[each]))).join(', ')}`,
    );
  console.log(`
faults ${faults.length} · orders promised ${sent.length} · lost ${lost.length} · doubled ${doubled.length} · sent again under the same key ${repeats}
recovery p50 ${seconds(percentile(recovered, 0.5))} · p95 ${seconds(percentile(recovered, 0.95))} · the accounts disagree about ${disagreements.length}`);
  for (const each of [
    ...lost.map((order) => `lost: ${order}`),
    ...doubled.map((order) => `doubled: ${order}`),
    ...disagreements,
  ].slice(0, 20))
    console.log(`  ${each}`);
  const good = lost.length + doubled.length + disagreements.length === 0 && recovered.length === faults.length;
  console.log(
    good
      ? '✓ nothing is lost, nothing took effect twice, and the accounts agree'
      : `✗ seed ${seed} again: make chaos CHAOS_ARGS="--seed ${seed} --minutes ${minutes}"`,
  );
  return good ? 0 : 1;
}
