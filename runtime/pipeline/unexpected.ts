/**
 * A message that no stage could handle: a defect of ours, or bytes that somebody else put into a queue. It goes to the dead letters at
 * once, since trying again would only repeat it; what is only away (broker, PostgreSQL) never comes here.
 */
import { type Delivery, PublishFailedError } from '../broker/broker.ts';
import { DocumentError } from '../errors.ts';
import { INTAKE, inbox, rowsQueue, tablePlace } from '../names.ts';
import { StoreUnavailableError } from '../store/store.ts';
import { type Environment, entryOf } from './environment.ts';
import { deadLetter, isOurs, outboxOf, placeOf, readDocument } from './messages.ts';
import type { Work } from './wanted.ts';

/** The platform's trouble: the message waits for it to pass. */
export const isPassing = (error: unknown): boolean =>
  error instanceof PublishFailedError || error instanceof StoreUnavailableError;

export async function buryUnexpected(
  environment: Environment,
  work: Work,
  delivery: Delivery,
  cause: unknown,
): Promise<void> {
  const { broker, journal, log, now } = environment;
  const message = `Crossdock could not handle it: ${(cause as Error)?.message ?? cause}`;
  const error = new DocumentError({ class: 'DeliveryFailed', code: 'internal.error', message, cause });
  log.error('a message could not be handled', { queue: delivery.queue, error: cause });
  await broker.publish(deadLetter(delivery, { stage: work.stage, ...placeOfWork(work), error, at: now() }));
  if (isOurs(delivery)) {
    const { document } = readDocument(delivery);
    const said = { class: error.class, code: error.code, message };
    await journal.write(entryOf(document, accountOf(work), 'DeadLettered', now(), { error: said }));
  }
  delivery.ack();
}

const accountOf = (work: Work): string =>
  work.stage === 'intake'
    ? ''
    : work.stage === 'table'
      ? tablePlace(work.table)
      : work.stage === 'inbox'
        ? work.integration
        : placeOf(work);

function placeOfWork(work: Work): { returnTo: string; integration?: string; destination?: string } {
  if (work.stage === 'intake') return { returnTo: INTAKE };
  if (work.stage === 'table') return { returnTo: rowsQueue(work.table) };
  if (work.stage === 'inbox') return { returnTo: inbox(work.integration), integration: work.integration };
  return { returnTo: outboxOf(work), integration: work.integration, destination: work.destination };
}
