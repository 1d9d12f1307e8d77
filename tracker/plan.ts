/** What the tracker must do for a namespace, as closed JSON: derived from the resources, as a runtime's plan is. */

export interface TrackerPlan {
  /** Sorted by name. */
  processes: ProcessPlan[];
}

/** A BusinessProcess with its references resolved: document types by their event type (`purchase-order.v1`). */
export interface ProcessPlan {
  name: string;
  generation: number;
  /** Business key of the document types; one transaction per value. */
  keyName: string;
  documents: ReadingPlan[];
  /** In the order of the resource. */
  milestones: MilestonePlan[];
  matches: MatchPlan[];
  units: UnitRow[];
}

/** How documents of a type are read: names are looked up in a line, then outward in what holds it. */
export interface ReadingPlan {
  type: string;
  /** Order: what is wanted. Change: lines of it anew. Fact: adds up. Return: takes off what `against` added. */
  role: 'Order' | 'Change' | 'Fact' | 'Return';
  against?: string;
  /** JSON pointer; arrays on the way are gone through. */
  lines?: string;
  /** Names: the first holds the transaction's key, the others identify the line. */
  key: string[];
  quantity?: string;
  damaged?: string;
  unit?: string;
  item?: string;
  price?: string;
  currency?: string;
  date?: string;
}

export interface MilestonePlan {
  name: string;
  scope: 'Order' | 'Line';
  completeBy: 'Document' | 'Quantity';
  /** Exactly one of these. */
  document?: { type: string };
  /** Destination as in accounts: `<integration>/<destination>`. */
  delivered?: { to: string };
  match?: string;
  /** Milestones that must be reached too. */
  after: string[];
}

export type Side = 'ordered' | 'shipped' | 'received' | 'invoiced';
export interface MatchPlan {
  name: string;
  /** Event type of each side. */
  compare: Partial<Record<Side, string>>;
  /** Name by which sides are paired beside the line, e.g. `shipmentNumber`. */
  per?: string;
  tolerance: { quantity?: TolerancePlan; price?: TolerancePlan; date?: DateTolerancePlan };
  exception: { severity: Severity; owner?: string; dueMs?: number };
}
export type Severity = 'Info' | 'Warning' | 'Critical';
/** Decimal text; `over` absent: 0, `under` absent: not judged. */
export interface TolerancePlan {
  over?: { absolute?: string; percent?: string };
  under?: { absolute?: string; percent?: string };
}
export interface DateTolerancePlan {
  overMs?: number;
  underMs?: number;
}

/** `factor` of `to` make one `from`; of one item, or of all where it names none. */
export interface UnitRow {
  item?: string;
  from: string;
  to: string;
  factor: string;
}
