/** Dead and parked letters as the accounts know them: groups with one cause at one place, and what is done about them. */

export type LetterState = 'DeadLettered' | 'Parked';

/** All that is named must hold. */
export interface GroupFilter {
  state?: LetterState;
  integration?: string;
  /** Of the document's sender, or who it was to go to. */
  partner?: string;
  class?: string;
  code?: string;
  fingerprint?: string;
}
export interface LetterGroup {
  /** 12 hex digits of state, class, code and place. */
  fingerprint: string;
  state: LetterState;
  class: string;
  code: string;
  /** '' at intake. */
  integration: string;
  /** As in accounts: '' for intake, `<integration>`, `<integration>/<destination>`. */
  destination: string;
  count: number;
  /** Epoch ms. */
  firstAt: number;
  lastAt: number;
  /** At most 20, sorted. */
  partners: string[];
  /** The newest. */
  example: { document: string; message: string };
}
export interface LetterAccount {
  document: string;
  destination: string;
  type: string;
  origin: 'partner' | 'system';
  source: string;
  keys: Record<string, string[]>;
  at: number;
  attempt: number;
  epoch: number;
  class: string;
  code: string;
  message: string;
}
/** Of one group, or of documents wherever they failed, or of both: then both must hold. */
export interface LetterSelection {
  fingerprint?: string;
  documents?: readonly string[];
}
