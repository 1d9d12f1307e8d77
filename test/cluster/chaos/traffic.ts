/** Orders that are posted from a pod as an outbox does it: again and again, with the same key, until there is a 202. */
import type { Cluster } from '../cluster.ts';
import type { Sent } from './verdict.ts';

/** A few senders at once. Each ends after the time that is given, when its last order was taken in. */
const POST = `
const [url, key, lastsMs, graceMs] = process.argv.slice(1);
const end = Date.now() + Number(lastsMs);
const sent = [];
const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const send = async (who) => {
  for (let at = 0; Date.now() < end; at++, await pause(200)) {
    const number = who + '-' + at;
    const askedAt = Date.now();
    const headers = { 'content-type': 'application/json', 'x-api-key': key, 'idempotency-key': 'order-' + number };
    for (let wait = 100; ; wait = Math.min(wait * 2, 1000)) {
      const status = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ number }), signal: AbortSignal.timeout(10000) })
        .then(async (answer) => (await answer.text(), answer.status), () => 0);
      if (status === 202) { sent.push({ number, askedAt, acceptedAt: Date.now() }); break; }
      if (status >= 400 && status < 500 && status !== 429 && status !== 408) throw new Error('order ' + number + ' is refused: ' + status);
      if (Date.now() > end + Number(graceMs)) throw new Error('order ' + number + ' is not taken in');
      await pause(wait);
    }
  }
};
Promise.all(['a', 'b', 'c'].map(send)).then(() => console.log(JSON.stringify(sent)), (error) => { console.error(error.message); process.exit(1); });
`;
const GRACE_MS = 120_000;

export async function postOrders(cluster: Cluster, namespace: string, key: string, lastsMs: number): Promise<Sent[]> {
  const command = ['-n', namespace, 'exec', 'erp', '--', '/usr/bin/node', '-e', POST];
  const args = ['http://crossdock-http/orders', key, `${lastsMs}`, `${GRACE_MS}`];
  const { code, stdout, stderr } = await cluster.kubectl([...command, ...args], undefined, lastsMs + GRACE_MS + 30_000);
  if (code !== 0) throw new Error(`the senders gave up: ${stderr.trim()}`);
  return JSON.parse(stdout) as Sent[];
}
