/** The office of a namespace that a tracker follows: its broker's access, and a journal of its own to write acts to. */
import type pg from 'pg';
import type { Broker } from '../../runtime/broker/broker.ts';
import { openJournal } from '../../runtime/journal/writer.ts';
import type { Log } from '../../runtime/telemetry/log.ts';
import { ActError, type Courier, type Office } from './contract.ts';

export interface OfficeOptions {
  namespace: string;
  database: pg.Pool;
  broker: Broker;
  /** Without it no letter can be taken. */
  access?: Courier['access'] | undefined;
  log: Log;
}

export function openOffice({ namespace, database, broker, access, log }: OfficeOptions): Office & {
  close(): Promise<void>;
} {
  const journal = openJournal(broker, { namespace, log });
  return {
    namespace,
    database,
    log,
    courier() {
      if (!access) throw new ActError('Unavailable', 'the broker of the namespace is not known');
      if (!broker.healthy) throw new ActError('Unavailable', `RabbitMQ: ${broker.trouble ?? 'not connected'}`);
      return { access, broker, journal };
    },
    close: () => journal.close(),
  };
}
