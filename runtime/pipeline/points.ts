/**
 * Named points on a document's way at which a process may die. In production passing one does nothing; the tests of the promises let
 * the process be killed there and compare what outside systems saw with the accounts.
 */
export type Point =
  /** The broker has the bytes; the file is not archived, the queue message not acked. */
  | 'source.confirmed'
  /** HTTP: the document is confirmed and journalled; the sender has no answer yet. */
  | 'intake.accepted'
  /** An interchange's documents are out; the raw message is not acked. */
  | 'intake.done'
  /** A document was taken from the inbox; nothing came of it yet. */
  | 'inbox.taken'
  /** Its shipments are confirmed; the journal does not know. */
  | 'inbox.shipped'
  /** Journalled; the inbox message is not acked. */
  | 'inbox.routed'
  /** A shipment was taken from the outbox; nothing was sent. */
  | 'outbox.taken'
  /** The other side has the effect; nobody else knows. */
  | 'outbox.sent'
  /** Journalled; the outbox message is not acked. */
  | 'outbox.concluded'
  /** A parked document was sent on; its letter is still there. */
  | 'parked.released';

export type PassPoint = (point: Point) => void;
export const PASS: PassPoint = () => {};

/** Kills the process with SIGKILL at the n-th pass of a point. `spec` is `<point>:<n>`. */
export function killAt(spec: string): PassPoint {
  const [name, n] = spec.split(':');
  let left = Number(n ?? 1);
  return (point) => {
    if (point === name && --left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
