/**
 * `make cluster`: a Kubernetes of one node on this machine with the chart installed and an example in it; it stays up until `make cluster-down`.
 *
 *   node test/cluster/main.ts up|down
 */
import { down, up, writeCommands } from './cluster.ts';
import { install, loadImages, makeNamespace, SYSTEM, trial } from './deploy.ts';
import { openShop } from './shop.ts';

const NAME = 'main';
const started = Date.now();
const say = (line: string) => console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`);

const [verb] = process.argv.slice(2);
if (verb === 'down') {
  await down(NAME);
  say('the cluster is down; its images stay in the cache');
} else if (verb === 'up') {
  const cluster = await up(NAME, say, true);
  const images = await loadImages(cluster, say);
  await makeNamespace(cluster, SYSTEM);
  await install(cluster, { name: 'crossdock', namespace: SYSTEM, values: trial(images) });
  say(`the chart is installed in ${SYSTEM}`);
  const shop = await openShop(cluster, 'shop', { namespace: SYSTEM, secret: 'crossdock-rabbitmq' });
  await shop.post(['1'], 120_000);
  await shop.untilTaken(['1']);
  say('the first order went from http://crossdock-http.shop/orders to the ERP in the namespace shop');
  const bin = await writeCommands(cluster);
  console.log(`
  The cluster has a network of its own, so commands go in by these:
  ${bin}/kubectl get pods -A
  ${bin}/kubectl -n shop get crossdock
  ${bin}/helm list -A
  ${bin}/inside curl … or anything else, in the cluster's network

  make cluster-down takes it down.`);
} else {
  console.error('node test/cluster/main.ts up|down');
  process.exit(64);
}
