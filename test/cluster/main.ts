/**
 * `make cluster` and `make kind`: a Kubernetes on this machine with the chart installed and an example in it; it stays up until
 * `make cluster-down` or `make kind-down`.
 *
 *   node test/cluster/main.ts up|down [node|kind]
 */
import { carrier } from './cluster.ts';
import { addStorageAndMetrics, install, loadImages, makeNamespace, SYSTEM, trial } from './deploy.ts';
import { openShop } from './shop.ts';

const NAME = 'main';
const started = Date.now();
const say = (line: string) => console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`);

const [verb, on = 'node'] = process.argv.slice(2);
if (on !== 'node' && on !== 'kind') usage();
const { obstacle, up, down } = carrier(on);
if (verb === 'down') {
  await down(NAME);
  say('the cluster is down; its images stay in the cache');
} else if (verb === 'up') {
  const why = obstacle();
  if (why) {
    console.error(`no cluster on this machine: ${why}`);
    process.exit(1);
  }
  const cluster = await up(NAME, say, true);
  if (on === 'node') await addStorageAndMetrics(cluster, say);
  const images = await loadImages(cluster, say);
  await makeNamespace(cluster, SYSTEM);
  await install(cluster, { name: 'crossdock', namespace: SYSTEM, values: trial(images) });
  say(`the chart is installed in ${SYSTEM}`);
  const shop = await openShop(cluster, 'shop', { namespace: SYSTEM, secret: 'crossdock-rabbitmq' });
  await shop.post(['1'], 120_000);
  await shop.untilTaken(['1']);
  say('the first order went from http://crossdock-http.shop/orders to the ERP in the namespace shop');
  console.log(await cluster.howToUse());
} else usage();

function usage(): never {
  console.error('node test/cluster/main.ts up|down [node|kind]');
  process.exit(64);
}
