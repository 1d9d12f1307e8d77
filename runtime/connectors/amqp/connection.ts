/** One connection to a RabbitMQ of the user's own, made when first needed and made anew when its Secret has changed. */
import { connectBroker } from '../../broker/amqp.ts';
import type { Broker } from '../../broker/broker.ts';
import { SecretError } from '../../secrets.ts';
import { createLog } from '../../telemetry/log.ts';
import type { Secrets } from '../connector.ts';
import { secretFor } from '../failure.ts';

const logger = createLog('connector-amqp');
/** That a connection stands is news only for the one to our own broker. */
const log = {
  info: (message: string, fields?: Record<string, unknown>) => void logger.debug(message, fields),
  warn: (message: string, fields?: Record<string, unknown>) => void logger.warn(message, fields),
  error: (message: string, fields?: Record<string, unknown>) => void logger.error(message, fields),
};

export interface Access {
  uri: string;
  ca?: string;
}
/** Secret keys: `uri` (amqp or amqps, with user, password and vhost), and `ca.crt` where an own authority signed. */
export async function accessOf(secrets: Secrets, secret: string): Promise<Access> {
  const uri = (await secretFor(secrets, secret, 'uri')).reveal().trim();
  const scheme = URL.parse(uri)?.protocol;
  if (scheme !== 'amqp:' && scheme !== 'amqps:') {
    throw new SecretError(secret, 'uri', `Secret "${secret}": the key "uri" must be amqp://… or amqps://…`);
  }
  const ca = await secrets.get(secret, 'ca.crt').catch(() => undefined);
  return ca ? { uri, ca: ca.reveal() } : { uri };
}
export const sameAccess = (a: Access, b: Access): boolean => a.uri === b.uri && a.ca === b.ca;

export interface Connection {
  readonly access: Access;
  /** Resolves when the broker answered for the first time; rejects after `close`. */
  readonly broker: Promise<Broker>;
  /** Why it is not there yet. */
  readonly trouble: string | undefined;
  close(): Promise<void>;
}

export function openConnection(
  connector: string,
  access: Access,
  onTrouble: (error: Error) => void = () => {},
): Connection {
  const controller = new AbortController();
  let trouble: string | undefined;
  const broker = connectBroker({
    ...access,
    name: `crossdock connector ${connector}`,
    log,
    signal: controller.signal,
    onTrouble(error) {
      trouble = error.message;
      onTrouble(error);
    },
  });
  broker.catch(() => {});
  return {
    access,
    broker,
    get trouble() {
      return trouble;
    },
    async close() {
      controller.abort();
      await broker.then(
        (open) => open.close(),
        () => {},
      );
    },
  };
}
