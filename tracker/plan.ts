/** What the tracker must do for a namespace, as closed JSON: derived from the resources, as a runtime's plan is. */
import type { ConnectorPlan } from '../runtime/plan.ts';
import type { ReplayPlan } from './replay/contract.ts';

export interface TrackerPlan {
  /** Sorted by name. */
  processes: ProcessPlan[];
  /** By event type, those that say anything; absent: none. */
  types?: Record<string, TypePlan>;
  /** Deadlines; absent: none. */
  sla?: SlaPlan;
  /** Sorted by name; absent: none. */
  replays?: ReplayPlan[];
  /** Connectors by destination as in accounts, for what waits because of one; absent: none. */
  connectors?: Record<string, string>;
  /** Of connectors, by name; absent: none. */
  links?: LinkPlan[];
}

/** A page of another system that a business key names. */
export interface LinkPlan {
  connector: string;
  /** For people: `ERP`. */
  name: string;
  keyName: string;
  /** With `{value}` where the key's value goes. */
  url: string;
}

/** How documents of a type are kept and shown. */
export interface TypePlan {
  /** JSON pointers through lists; absent: all is shown. */
  sensitive?: string[];
  /** After they came; absent: for ever. */
  retentionMs?: number;
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
  /** Order: what is wanted. Change: lines of it anew. Confirmation: what is promised, the last word by line. Fact: adds up. Return: takes off what `against` added. */
  role: 'Order' | 'Change' | 'Confirmation' | 'Fact' | 'Return';
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
  shipTo?: string;
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
  /** With a calendar `dueMs` is working time of the transaction's partner, or ours. */
  exception: {
    severity: Severity;
    owner?: string;
    dueMs?: number;
    calendar?: 'Partner' | 'Organization';
    /** In the order of the resource; absent: those of `resolutions/declared.ts`. */
    resolutions?: ResolutionPlan[];
  };
}
/** What a person may decide about an exception. */
export interface ResolutionPlan {
  name: string;
  /** Settled: the match counts as agreed. */
  result: 'Settled' | 'Disputed';
  /** Tells a system of it; absent: nobody is told. */
  integration?: string;
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

export interface SlaPlan {
  /** Sorted by name. */
  policies: PolicyPlan[];
  /** By a short hash of their content. */
  calendars: Record<string, CalendarPlan>;
  /** Ours. */
  organization?: string;
  /** By partner, of those that have one. */
  partners: Record<string, string>;
}
/** When a company works. */
export interface CalendarPlan {
  /** IANA. */
  timeZone: string;
  /** Days of the week (1 = Monday) and minutes of the local day; `to` is not above `from` where it ends on the day after. */
  shifts: { days: number[]; from: number; to: number }[];
  /** Minutes of the local day from which on what begins counts from the next day on. */
  cutOff?: number;
  country?: string;
  region?: string;
  /** `2026-12-24`, on which no shift begins. */
  dates: string[];
}
/** An SLAPolicy with its references resolved. */
export interface PolicyPlan {
  name: string;
  generation: number;
  process: string;
  /** Whose transactions; absent: all. Sorted. */
  partners?: string[];
  objectives: ObjectivePlan[];
  notify: NotifyPlan[];
}
export interface ObjectivePlan {
  name: string;
  to: string;
  /** Exactly one of within and before. */
  within?: { from: string; ms: number };
  before?: { type: string; field: string; byMs: number };
  clock: 'Elapsed' | 'WorkingTime';
  calendar: 'Partner' | 'Organization';
  /** In percent of the time. */
  warnAt?: number;
  severity: Severity;
}
export type SlaEvent = 'Warning' | 'Breach' | 'Recovery';
export interface NotifyPlan {
  connector: ConnectorPlan;
  events: SlaEvent[];
  repeatEveryMs?: number;
  /** Exactly one of these. */
  webhook?: { path?: string };
  alertmanager?: { path: string };
  mail?: { to: string[] };
}
