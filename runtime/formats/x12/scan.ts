/** The characters that structure an interchange. `segment` is the terminator; on encode further characters (`~\n`) are written after it. */
export interface Delimiters {
  element: string;
  segment: string;
  component: string;
  /** ISA11 from 00402 on; empty before. */
  repetition: string;
}
