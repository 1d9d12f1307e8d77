/** The broker closed a channel or a connection, with AMQP's reply code. */
export class AmqpError extends Error {
  override name = 'AmqpError';
  readonly code: number;

  /** The broker's text begins with the code's name, e.g. `NOT_FOUND - no queue 'a' in vhost '/'`. */
  constructor(what: string, code: number, text: string) {
    super(`${what}: ${code} ${text}`);
    this.code = code;
  }
}
export const CONNECTION_FORCED = 320;
export const ACCESS_REFUSED = 403;
export const NOT_FOUND = 404;
export const PRECONDITION_FAILED = 406;
export const NOT_ALLOWED = 530;
