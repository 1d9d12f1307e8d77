/** Every query of every dashboard gives data against a real Prometheus that scrapes the pods of a run. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { obtainPrometheus } from '../../support/prometheus.ts';
import { SYSTEM } from '../deploy.ts';
import type { SingleNode } from '../single-node.ts';

const FOLDER = join(import.meta.dirname, '../../../charts/crossdock/files/dashboards');
const PORTS: Record<string, number> = { operator: 8080, runtime: 8081, tracker: 8083 };
const ADDRESS = '127.0.0.1:9390';

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}
interface Pods {
  items: {
    metadata: { name: string; namespace: string; labels: Record<string, string> };
    status: { podIP?: string };
  }[];
}

/** `dashboard, panel: query` of each that gives nothing, after at most the deadline. */
export async function emptyPanels(cluster: SingleNode, deadlineMs = 60_000): Promise<string[]> {
  const { prometheus } = await obtainPrometheus();
  const folder = join(cluster.folder, 'prometheus');
  mkdirSync(folder, { recursive: true });
  const list = ['get', 'pods', '-A', '-l', 'app.kubernetes.io/name=crossdock', '-o', 'json'];
  const { items } = JSON.parse(await cluster.get(list)) as Pods;
  const targets = items.flatMap(({ metadata: { name, namespace, labels }, status: { podIP } }) => {
    const port = PORTS[labels['app.kubernetes.io/component'] ?? ''];
    return podIP && port ? [{ targets: [`${podIP}:${port}`], labels: { namespace, pod: name } }] : [];
  });
  const config = join(folder, 'prometheus.yaml');
  const scrape = { job_name: 'crossdock', scrape_interval: '1s', static_configs: targets };
  writeFileSync(config, stringify({ scrape_configs: [scrape] }));
  const args = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${ADDRESS}`];
  const part = await cluster.machine.start('prometheus', prometheus, args, { PATH: process.env.PATH! });
  try {
    let empty: string[] = [];
    for (const end = Date.now() + deadlineMs; Date.now() < end; await delay(2_000)) {
      empty = await askAll(cluster);
      if (empty.length === 0) break;
    }
    return empty;
  } finally {
    await part.signal('KILL');
  }
}

async function askAll(cluster: SingleNode): Promise<string[]> {
  const queries = globSync(join(FOLDER, '*.json')).flatMap((file) =>
    (JSON.parse(readFileSync(file, 'utf8')) as Dashboard).panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({
        name: `${basename(file, '.json')}, ${title}: ${expr}`,
        query: expr.replaceAll('$__rate_interval', '30s').replaceAll('$namespace', `(shop|${SYSTEM})`),
      })),
    ),
  );
  const script = `
    const queries = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    (async () => {
      const empty = [];
      for (const { name, query } of queries) {
        const answer = await fetch('http://${ADDRESS}/api/v1/query?query=' + encodeURIComponent(query)).then(
          // Until it has read its log it answers 503, in words.
          (a) => a.ok ? a.json() : { error: a.status + ' ' + a.statusText },
          (e) => ({ error: String(e) }),
        );
        const values = (answer.data?.result ?? []).filter(({ value }) => value[1] !== 'NaN');
        if (values.length === 0) empty.push(answer.error ? name + ': ' + answer.error : name);
      }
      console.log(JSON.stringify(empty));
    })();`;
  const { stdout, stderr, code } = await cluster.machine.run(process.execPath, ['-e', script], {
    env: { PATH: process.env.PATH },
    input: JSON.stringify(queries),
    timeoutMs: 60_000,
  });
  if (code !== 0) throw new Error(stderr.trim());
  return JSON.parse(stdout) as string[];
}
