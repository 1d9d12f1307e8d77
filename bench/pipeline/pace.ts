/** Latency at a steady rate: documents are put in one by one, and come out mapped; the time between is what their sender feels. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import type { OutgoingMessage } from '../../runtime/broker/broker.ts';
import { type Command, Pods } from './drain.ts';

export interface Latency {
  p50Ms: number;
  p99Ms: number;
}
interface Pace {
  uri: string;
  from: string;
  to: string;
  /** Documents per second. */
  rate: number;
  /** Before it counts, s: caches and compilers get warm. */
  warmSeconds: number;
  seconds: number;
  command: Command;
  message(n: number): OutgoingMessage;
}

const TICK_MS = 1;
/** A start of a JVM, and what was left behind by a stall. */
const DEADLINE_MS = 60_000;
const log = { info() {}, warn() {}, error: console.error };

export async function pace(options: Pace): Promise<Latency> {
  const { uri, from, to, rate, warmSeconds, seconds, command, message } = options;
  const pods = new Pods(command, 1);
  const broker = await connectBroker({ uri, name: 'bench', log });
  try {
    const total = Math.ceil(rate * (warmSeconds + seconds));
    const sentAt = new Float64Array(total + 1);
    const took = new Float64Array(total + 1);
    let arrived = 0;
    await broker.consume({
      queue: to,
      prefetch: 2_000,
      onDelivery(delivery) {
        // Both what goes in and what comes out name the order so.
        const n = Number(/"PO-(\d+)"/.exec(delivery.body.toString('latin1'))?.[1]);
        took[n] = performance.now() - sentAt[n]!;
        arrived++;
        delivery.ack();
      },
    });
    const until = async (count: number) => {
      for (const end = performance.now() + DEADLINE_MS; arrived < count; ) {
        await pods.use();
        if (performance.now() > end) throw new Error(`${arrived} of ${count} came out: ${pods.words}`);
        await sleep(5);
      }
    };
    const send = (n: number) => {
      sentAt[n] = performance.now();
      void broker.publish({ ...message(n), exchange: '', routingKey: from });
    };
    send(0);
    await until(1);
    const began = performance.now();
    for (let n = 1; n < total; ) {
      const due = Math.min(total, 1 + Math.floor(((performance.now() - began) / 1000) * rate));
      while (n < due) send(n++);
      await sleep(TICK_MS);
    }
    await until(total);
    const counted = took.slice(Math.ceil(rate * warmSeconds), total).sort();
    const at = (share: number) => counted[Math.min(counted.length - 1, Math.floor(counted.length * share))]!;
    return { p50Ms: at(0.5), p99Ms: at(0.99) };
  } finally {
    await broker.close();
    await pods.stop();
  }
}
