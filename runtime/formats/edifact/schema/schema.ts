/** What the codec knows about a directory: compiled from the text tables beside this file, messages at their first use. */

/** `x`: text that is a number by its use. */
export type ElementType = 'a' | 'an' | 'n' | 'x' | 'composite';
export interface ElementDef {
  /** Name in a segment's object: `BGM02`; of a component `BGM0101`. */
  key: string;
  /** From 1. */
  position: number;
  /** `1004`, `C002`. */
  reference: string;
  name: string;
  type: ElementType;
  min: number;
  max: number;
  required: boolean;
  components: ElementDef[];
}
export interface SegmentDef {
  id: string;
  name: string;
  /** Empty for a segment that is known by name only: read without checks. */
  elements: ElementDef[];
  byKey: Map<string, ElementDef>;
}
/** A place for a segment or a segment group in a group. */
export interface Use {
  /** Segment id; of a group, its first segment's. */
  id: string;
  /** `RFF`, `SG1`: its name in the value. */
  key: string;
  /** Order in the group, from 0. */
  ordinal: number;
  max: number;
  required: boolean;
  segment: SegmentDef;
  group?: GroupDef;
}
export interface GroupDef {
  /** `''` for the message itself, else `SG1`. */
  key: string;
  uses: Use[];
  byKey: Map<string, Use>;
  /** Places by segment id, in order. */
  byId: Map<string, Use[]>;
  required: Use[];
}
export interface MessageDef {
  id: string;
  name: string;
  root: GroupDef;
  /** Ids of all segments in it. */
  ids: Set<string>;
}
export interface Directory {
  segment(id: string): SegmentDef | undefined;
  message(id: string): MessageDef | undefined;
  messages(): MessageDef[];
}
