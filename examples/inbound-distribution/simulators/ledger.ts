/**
 * The append-only account that each simulator keeps: one JSON line for everything that it sent and for every effect that it took.
 * Nothing of Crossdock is used to write it, so the two sides can be held against each other at the end.
 */
import { appendFileSync, readFileSync } from 'node:fs';

/** Business name of a document, without its version. */
export type DocumentName =
  | 'purchase-order'
  | 'order-response'
  | 'ship-notice'
  | 'receipt'
  | 'goods-receipt-posted'
  | 'invoice'
  /** What a person decided about an exception. */
  | 'settlement'
  /** Functional acknowledgment (997) of a group that a supplier sent; its key is the group's control number. */
  | 'x12-997';

/** What should become of a document that a simulator sent. */
export type Expectation =
  /** Takes effect once at its receiver. */
  | 'Effect'
  | 'Duplicate'
  | 'Superseded'
  /** Cannot be read: a dead letter. */
  | 'DeadLetter'
  /** Names an item that nobody knows: waits for a person, as a dead letter or parked. */
  | 'Held'
  /** Refused while the sender waits. */
  | 'Rejected';

export interface SentLine {
  kind: 'Sent';
  at: number;
  system: string;
  type: DocumentName;
  /** Identifies the document in business terms; a revision carries its time: `S-1@2026-03-06T10:15:00Z`. */
  key: string;
  orders: string[];
  expect: Expectation;
  /** Erp's supplier number for orders; the trouble for troubled documents. */
  note?: string;
}
export interface TakenLine {
  /**
   * Effect: taken. Repeat: a known idempotency key, answered from memory. Already: another key, but the business key was posted
   * before (no second effect). Refused: answered with a business error. Conflict: what must never come (a known key with another
   * body, a wrong secret, an unreadable file).
   */
  kind: 'Effect' | 'Repeat' | 'Already' | 'Refused' | 'Conflict';
  at: number;
  system: string;
  type: DocumentName;
  key: string;
  orders: string[];
  idempotencyKey: string;
  note?: string;
}
export type Line = SentLine | TakenLine;

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

export interface Ledger {
  write(line: Without<Line, 'at' | 'system'>): void;
}

/** Lines are written before the answer leaves: a killed simulator cannot have answered what it did not write. */
export function openLedger(file: string, system: string): Ledger {
  return {
    write(line) {
      appendFileSync(file, `${JSON.stringify({ at: Date.now(), system, ...line })}\n`);
    },
  };
}

export function readLedger(file: string): Line[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}
