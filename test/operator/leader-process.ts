/**
 * A process that writes as fast as it can while it leads: ConfigMaps in sequence, each naming its writer. Arguments: kubeconfig,
 * namespace, identity, and `unfenced` to leave the fence out. After SIGUSR2 it stops itself (SIGSTOP) between its look at the lease and the write
 * that follows: where a fence is needed.
 */
import { KubeConfig } from '@kubernetes/client-node';
import { KubeClient } from '../../operator/kube/client.ts';
import { LeaderElection } from '../../operator/kube/leader.ts';
import { CONFIG_MAPS } from '../../operator/kube/types.ts';

const [kubeconfig, namespace, identity, mode] = process.argv.slice(2) as [string, string, string, string | undefined];
const load = (): KubeConfig => {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return config;
};
const leader = new LeaderElection({
  client: new KubeClient({
    load,
    deadlineMs: 1_000,
    onCall: (verb) => verb === 'get' && process.stdout.write('looked\n'),
  }),
  namespace,
  name: 'test-lease',
  identity,
  leaseMs: 3_000,
  writeMs: 2_000,
  retryMs: 300,
  onChange: (leading) => process.stdout.write(`${leading ? 'leading' : 'following'}\n`),
});
const reader = new KubeClient({ load });
const client = mode === 'unfenced' ? reader : reader.fenced(leader.fence);
leader.start();

let stopping = false;
process.on('SIGTERM', () => {
  stopping = true;
  void leader.stop().then(() => process.exit(0));
});
let stopsItself = false;
process.on('SIGUSR2', () => {
  stopsItself = true;
});
let led = false;
while (!stopping) {
  // The check before the work, as a reconcile does it; the fence is what holds when time passes after it.
  led = leader.isLeader() || (mode === 'unfenced' && led);
  if (led) {
    if (stopsItself) {
      stopsItself = false;
      process.kill(process.pid, 'SIGSTOP');
    }
    await client
      .create(CONFIG_MAPS, { metadata: { generateName: 'write-', namespace, labels: { writer: identity } } })
      .catch((error: Error) => process.stdout.write(`refused ${error.message}\n`));
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}
