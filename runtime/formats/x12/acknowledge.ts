/** Functional acknowledgments: a 997 for a group that came in, and the meaning of one that we received. */
import type { Group } from '../format.ts';

export interface Acknowledgment {
  /** AK101, AK102: the group of ours that it answers. */
  functionalId: string;
  groupControl: string;
  status: 'Accepted' | 'AcceptedWithErrors' | 'PartiallyAccepted' | 'Rejected';
  /** In the order of the AK2s. Empty when the partner answers for the group alone: then `status` holds for all of it. */
  transactions: AcknowledgedTransaction[];
}
export interface AcknowledgedTransaction {
  /** AK201, AK202. */
  id: string;
  control: string;
  status: 'Accepted' | 'AcceptedWithErrors' | 'Rejected';
  /** In words, one per AK3, AK4 and AK5 code. */
  errors: string[];
}

/** Value of a 997 for `encodeX12`: Errors of a transaction reject it (R), Warnings accept it with errors (E). */
export function functionalAcknowledgment(_group: Group): Record<string, unknown> {
  throw new Error('not built yet');
}

/** Reads the value of a decoded 997; undefined when it is none (no AK1). */
export function readAcknowledgment(_value: unknown): Acknowledgment | undefined {
  throw new Error('not built yet');
}
