import type { BindingSpec, Topology } from '../../operator/translate/translation.ts';
import { type BrokerOptions, connectBroker } from '../../runtime/broker/amqp.ts';
import type { Broker, OutgoingMessage } from '../../runtime/broker/broker.ts';
import type { Log } from '../../runtime/broker/common.ts';

export const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} };

export const open = (uri: string, options: Partial<BrokerOptions> = {}): Promise<Broker> =>
  connectBroker({ uri, name: 'test', log: quiet, heartbeat: 2, ...options });

/** Polls until the probe gives something truthy. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  deadlineMs = 15_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const result = await probe();
    if (result) return result as NonNullable<T>;
    if (performance.now() > end) throw new Error(`Not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const message = (routingKey: string, text: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  exchange: '',
  routingKey,
  body: Buffer.from(text),
  contentType: 'text/plain',
  messageId: text,
  ...more,
});

export const topologyOf = (...parts: { queue: Topology['queues'][number]; bindings: BindingSpec[] }[]): Topology => ({
  exchanges: [],
  queues: parts.map(({ queue }) => queue),
  bindings: parts.flatMap(({ bindings }) => bindings),
});
