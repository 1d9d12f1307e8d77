/** Plain amqplib as a careful person writes it: parse, ajv, map by hand, publish with confirm, ack one by one. */

import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import amqp from 'amqplib';
import { mapped, type Source, schema } from '../documents.ts';

const { BENCH_URI = '', BENCH_IN = '', BENCH_OUT = '' } = process.env;
const ajv = new Ajv();
addFormats.default(ajv);
const validate = ajv.compile(schema);

const connection = await amqp.connect(BENCH_URI, { noDelay: true });
const channel = await connection.createConfirmChannel();
await channel.prefetch(200);
await channel.consume(BENCH_IN, (delivery) => {
  if (!delivery) process.exit(1);
  const target = mapped(JSON.parse(delivery.content.toString()) as Source);
  if (!validate(target)) throw new Error(ajv.errorsText(validate.errors));
  const { contentType, headers, messageId } = delivery.properties;
  const options = { contentType, headers, messageId, persistent: true, mandatory: true };
  channel.sendToQueue(BENCH_OUT, Buffer.from(JSON.stringify(target)), options, (error) => {
    if (error) throw error;
    channel.ack(delivery);
  });
});
