/**
 * The broker layer against plain amqplib as it is commonly used (await of each confirm, one ack a message), on one RabbitMQ.
 * 2 KB messages, quorum queues. Run: `node bench/broker.ts [seconds]`. Trust the ratios and the CPU per message, not the rates.
 */
import { connect } from 'amqplib';
import { managementClient } from '../operator/apply/rabbitmq/client.ts';
import { connectBroker } from '../runtime/broker/amqp.ts';
import { startPrivateBroker } from '../standalone/broker.ts';

const seconds = Number(process.argv[2] ?? 5);
const body = Buffer.alloc(2048, 'x');
const headers = { 'ce-id': 'a'.repeat(32), 'ce-type': 'order.v1', 'ce-source': 'acme', 'crossdock-attempt': 1 };
const log = { info: () => {}, warn: console.warn, error: console.error };
const IN_FLIGHT = 200;

const server = await startPrivateBroker();
const client = managementClient({ uri: server.managementUri });
const emptied = async (...names: string[]) => {
  for (const name of names) {
    await client.deleteQueue('/', name);
    await client.putQueue('/', { name, durable: true, arguments: { 'x-queue-type': 'quorum' } });
  }
};

async function measured(name: string, run: (count: () => void, ended: () => boolean) => Promise<void>): Promise<void> {
  let messages = 0;
  const end = performance.now() + seconds * 1_000;
  const started = performance.now();
  const cpu = process.cpuUsage();
  await run(
    () => messages++,
    () => performance.now() >= end,
  );
  const { user, system } = process.cpuUsage(cpu);
  const rate = messages / ((performance.now() - started) / 1_000);
  const micros = (user + system) / messages;
  console.log(
    `${name.padEnd(34)} ${Math.round(rate).toString().padStart(7)}/s ${micros.toFixed(0).padStart(5)} µs CPU each`,
  );
}

const message = (routingKey: string, content: Buffer = body) => ({
  exchange: '',
  routingKey,
  body: content,
  contentType: 'application/json',
  messageId: 'm',
  headers,
});

for (let round = 1; round <= 2; round++) {
  await emptied('a', 'b');
  const broker = await connectBroker({ uri: server.uri, name: 'bench', log });
  await measured('publish + confirm', async (count, ended) => {
    const publisher = async () => {
      for (; !ended(); count()) await broker.publish(message('a'));
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, publisher));
  });
  await measured('consume + ack', async (count, ended) => {
    const consumer = await broker.consume({
      queue: 'a',
      prefetch: 200,
      onDelivery(delivery) {
        count();
        delivery.ack();
      },
    });
    while (!ended() && (await client.hasReady('/', 'a'))) await new Promise((resolve) => setTimeout(resolve, 50));
    await consumer.stop();
  });
  await emptied('a');
  await Promise.all(Array.from({ length: 40_000 }, () => broker.publish(message('a'))));
  await measured('bridge: consume, publish, ack', async (count, ended) => {
    const consumer = await broker.consume({
      queue: 'a',
      prefetch: 200,
      async onDelivery(delivery) {
        await broker.publish(message('b', delivery.body));
        count();
        delivery.ack();
      },
    });
    while (!ended() && (await client.hasReady('/', 'a'))) await new Promise((resolve) => setTimeout(resolve, 50));
    await consumer.stop();
  });
  await emptied('a', 'b');
  await Promise.all(Array.from({ length: 40_000 }, () => broker.publish(message('a'))));
  const plain = await connect(server.uri, { noDelay: true });
  const channel = await plain.createConfirmChannel();
  await channel.prefetch(200);
  await measured('bridge with plain amqplib', async (count, ended) => {
    const { consumerTag } = await channel.consume('a', (delivery) => {
      if (!delivery) return;
      const options = { headers, messageId: 'm', contentType: 'application/json', persistent: true, mandatory: true };
      channel.sendToQueue('b', delivery.content, options, (error) => {
        if (error) return;
        count();
        channel.ack(delivery);
      });
    });
    while (!ended() && (await client.hasReady('/', 'a'))) await new Promise((resolve) => setTimeout(resolve, 50));
    await channel.cancel(consumerTag);
  });
  await plain.close();
  await broker.close();
}
await client.close();
await server.stop();
