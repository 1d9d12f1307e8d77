/** Documents to X12 text: segments in the schema's order, envelope, counts, HL numbers. Pure: the time is passed in. */
import type { Problem } from '../format.ts';
import type { Delimiters } from './scan.ts';

export interface Envelope {
  sender: { qualifier: string; value: string };
  receiver: { qualifier: string; value: string };
  usage: 'Production' | 'Test';
  /** GS08, e.g. `004010`. ISA12 is its first five digits. */
  version: string;
  /** ISA13; GS06 of the first group (further groups count up). */
  control: number;
  groupControl: number;
  /** Written in UTC. */
  at: Date;
  delimiters: Delimiters;
  /** GS02 and GS03; default the values of ISA06 and ISA08. */
  groupSender?: string;
  groupReceiver?: string;
  /** ISA14: ask for a TA1. */
  acknowledgmentRequested?: boolean;
}
/** `control` is ST02; default 0001, 0002 … within the group. */
export interface OutgoingTransaction {
  id: string;
  control?: string;
  value: unknown;
}
export interface Encoded {
  text: string;
  /** An Error means: do not send this text. Warnings say what was altered (a delimiter within data became a space). */
  problems: Problem[];
}

/** One interchange; consecutive transactions of one functional group (`PO`, `SH` …) share a GS. Never throws for any value. */
export function encodeX12(_envelope: Envelope, _transactions: OutgoingTransaction[]): Encoded {
  throw new Error('not built yet');
}

export const defaultDelimiters: Delimiters = { element: '*', segment: '~', component: '>', repetition: '^' };
