/** What the codec knows about a version of X12: compiled from the text tables beside this file, once per version and on demand. */

export type ElementType = 'AN' | 'ID' | 'N' | 'R' | 'DT' | 'TM' | 'composite';
export interface ElementDef {
  /** Name in a segment's object: `BEG03`; of a component `AK40101`. */
  key: string;
  /** From 1. */
  position: number;
  /** Data element number: `324`, `C040`. */
  reference: string;
  name: string;
  type: ElementType;
  /** Of type N: implied decimals. */
  decimals: number;
  min: number;
  max: number;
  required: boolean;
  /** More than 1: read as an array where the interchange has a repetition separator. */
  repeat: number;
  components: ElementDef[];
  conditions: Condition[];
}
/** X12.6 relational condition over element positions. */
export interface Condition {
  kind: 'P' | 'R' | 'E' | 'C' | 'L';
  positions: number[];
  /** For C and L the first position, else the lowest: nothing to check where fewer elements are there (but R). */
  lowest: number;
  text: string;
}
export interface SegmentDef {
  id: string;
  name: string;
  /** Empty for a segment that is known by name only: read without checks. */
  elements: ElementDef[];
  byKey: Map<string, ElementDef>;
  /** Those of the elements that are mandatory. */
  required: ElementDef[];
  conditions: Condition[];
}
/** A place for a segment or a loop in a loop. */
export interface Use {
  /** Segment id; of a loop, its first segment's. */
  id: string;
  /** `REF`, `N1Loop`: its name in the value. */
  key: string;
  /** Order in the loop, from 0. */
  ordinal: number;
  max: number;
  required: boolean;
  segment: SegmentDef;
  /** Its first element is the number of these loops, wherever they stand. */
  counts?: string;
  loop?: LoopDef;
}
export interface LoopDef {
  /** `''` for the transaction itself, else the id of the first segment. */
  id: string;
  uses: Use[];
  /** By key; loops also by the id of their first segment, which may be written plainly. */
  byKey: Map<string, Use>;
  /** Places by segment id, in order. */
  byId: Map<string, Use[]>;
  required: Use[];
}
export interface TransactionDef {
  id: string;
  functionalId: string;
  name: string;
  root: LoopDef;
  /** Ids of all segments in it. */
  ids: Set<string>;
}
export interface Schema {
  /** `004010` … the six digits that were asked for. */
  version: string;
  segment(id: string): SegmentDef | undefined;
  element(reference: string): ElementDef | undefined;
  transaction(id: string): TransactionDef | undefined;
  transactions(): TransactionDef[];
}
