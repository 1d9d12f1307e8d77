/** What RabbitMQ will never take is the document's fault: told with a remedy, instead of being tried again. */
import { MessageTooLargeError } from '../broker/broker.ts';
import { DocumentError } from '../errors.ts';

export const TOO_LARGE = 'document.tooLarge';

/** Undefined where that is not what went wrong. `what`: of which the bytes are. */
export function tooLarge(what: string, error: unknown): DocumentError | undefined {
  if (!(error instanceof MessageTooLargeError)) return undefined;
  const { bytes, most } = error;
  const remedy = 'send it as several documents, or raise max_message_size in rabbitmq.conf';
  return new DocumentError({
    class: 'ValidationFailed',
    code: TOO_LARGE,
    message: `${what} has ${bytes} bytes, and RabbitMQ takes messages of ${most} at most: ${remedy}`,
    cause: error,
  });
}
