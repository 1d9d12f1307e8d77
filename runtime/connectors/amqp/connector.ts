import type { ConnectorDefinition } from '../connector.ts';
import { amqpSink } from './sink.ts';
import { amqpSource } from './source.ts';

export const amqpConnector: ConnectorDefinition = { name: 'amqp', source: amqpSource, sink: amqpSink };
