/**
 * Acknowledgments that partners send (997, 999, TA1, CONTRL), laid beside what was sent: by the control number, which is stored per
 * document and destination. Each is an account of its own, caused by the document that it is about, so that `crossdock trace` shows both.
 */
import { DocumentError } from '../errors.ts';
import type { IdentifierPlan, PartnerPlan } from '../plan.ts';
import { type Environment, entryOf } from './environment.ts';
import type { RawInterchange } from './messages.ts';

/** What it says of one interchange or group of ours. `Received`: it came in, and is not judged yet. */
export type Verdict = 'Accepted' | 'AcceptedWithErrors' | 'PartiallyAccepted' | 'Rejected' | 'Received';

export interface ReceivedAcknowledgment {
  id: string;
  /** Of its transaction in the file; -1 for a TA1, which is none. */
  index: number;
  partner: string;
  type: 'x12-997' | 'x12-999' | 'x12-ta1' | 'edifact-contrl';
  /** Control number of ours that it names. */
  control: string;
  /** Counters that the number may have been drawn from. */
  counters: string[];
  verdict: Verdict;
  /** What the partner complains of, in words. */
  errors: string[];
  detail: Record<string, string | number>;
  /** Terms take it as a document, too: then one that fits nothing is no failure. */
  document: boolean;
}

type Party = { qualifier: string; value: string };
/** Name of the counter of interchanges from us to a partner. */
export const counterOf = (format: 'x12' | 'edifact', from: Party, to: Party): string =>
  `${format}/${from.qualifier}:${from.value}/${to.qualifier}:${to.value}`;

/** Those that numbers to this partner may come from: partners answer from other identifiers than they are written to. */
export function countersOf(
  format: 'x12' | 'edifact',
  ours: readonly IdentifierPlan[],
  { identifiers }: PartnerPlan,
  envelope: { sender: Party; receiver: Party },
): string[] {
  const parties = (all: readonly IdentifierPlan[]): Party[] =>
    all.flatMap(({ scheme, qualifier, value }) => {
      if (format === 'x12') return scheme === 'X12' ? [{ qualifier: qualifier ?? 'ZZ', value }] : [];
      if (scheme === 'GLN') return [{ qualifier: '14', value }];
      return scheme === 'EDIFACT' ? [{ qualifier: qualifier ?? '', value }] : [];
    });
  const from = [envelope.receiver, ...parties(ours)];
  const to = [envelope.sender, ...parties(identifiers)];
  return [...new Set(from.flatMap((us) => to.map((them) => counterOf(format, us, them))))];
}

/**
 * Journals what the acknowledgment says, or gives the error of one that fits nothing of ours. Rejects with StoreUnavailableError while
 * PostgreSQL, which knows the control numbers, is away.
 */
export async function reconcile(
  { store, journal, now, metrics, log }: Environment,
  raw: RawInterchange,
  acknowledgment: ReceivedAcknowledgment,
): Promise<DocumentError | undefined> {
  const { id, partner, type, control, counters, verdict, errors, detail, document } = acknowledgment;
  const number = /^\d{1,15}$/.test(control) ? Number(control) : undefined;
  const about = number === undefined ? undefined : await store.numbered(counters, number);
  if (!about) {
    if (document) return undefined;
    return new DocumentError({
      class: 'ValidationFailed',
      code: 'acknowledgment.unmatched',
      message: `${partner} acknowledges control number ${JSON.stringify(control.slice(0, 20))}, which was never sent to it`,
    });
  }
  const message = errors.slice(0, 5).join('; ') || `${partner} gives no reason`;
  const words = verdict === 'Rejected' ? 'rejected' : 'accepted with errors';
  const bad = verdict !== 'Accepted' && verdict !== 'Received';
  await journal.write(
    entryOf({ id, type, origin: 'partner', source: partner, epoch: raw.epoch }, '', 'Routed', now(), {
      destinations: [],
      causation: about.document,
      detail: { ...detail, acknowledges: about.document, at: about.destination, verdict, control: number! },
      ...(bad && { error: { class: 'BusinessRejected', code: `acknowledgment.${verdict}`, message } }),
    }),
  );
  metrics.documents.inc({ integration: '', stage: 'acknowledgment', outcome: verdict });
  if (bad)
    log.warn(`partner ${words}`, {
      partner,
      document: about.document,
      destination: about.destination,
      control,
      reason: message,
    });
  return undefined;
}
