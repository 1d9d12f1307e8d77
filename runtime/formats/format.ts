/**
 * A format turns bytes into documents and back. Pure: no clock, no I/O. Any byte string gives values or problems, never a hang.
 * What cannot be understood is kept and said, never dropped.
 */
import type { Place } from '../errors.ts';

export interface Problem {
  /** Stable, e.g. `x12.SE01`. */
  code: string;
  message: string;
  severity: 'Error' | 'Warning';
  place: Place;
}

/** One transaction (or one whole JSON document) of an interchange. */
export interface Transaction {
  /** X12: `856`. JSON: empty. */
  id: string;
  /** ST02, or '' where the format has none. */
  control: string;
  /** Position in the interchange file, from 0: part of the document's identity. */
  index: number;
  /** What mappings read. X12: see x12/README.md for the shape. */
  value: unknown;
  problems: Problem[];
}
export interface Group {
  functionalId: string;
  control: string;
  version: string;
  sender: string;
  receiver: string;
  transactions: Transaction[];
  /** How many there were, where `transactions` lists only those that something is wrong with. */
  counted?: number;
  problems: Problem[];
}
export interface Interchange {
  control: string;
  sender: { qualifier: string; value: string };
  receiver: { qualifier: string; value: string };
  usage: 'Production' | 'Test';
  version: string;
  groups: Group[];
  problems: Problem[];
}
export interface Decoded {
  interchanges: Interchange[];
  /** Problems outside any interchange: not X12 at all, truncated before IEA, trailing bytes. */
  problems: Problem[];
}
