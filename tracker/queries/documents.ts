/** Documents with what became of them, and their lineage. */

import type pg from 'pg';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import type { State } from '../../runtime/journal/outranks.ts';
import { RECEIVED } from '../../runtime/journal/payload.ts';
import { traceId } from '../../runtime/telemetry/tracing.ts';
import {
  type AcknowledgmentState,
  type Acknowledgment as Folded,
  stateOfAcknowledgment,
} from '../acknowledgments/fold.ts';
import type {
  Account,
  DocumentDetail,
  DocumentRef,
  DocumentState,
  Entry,
  PayloadRef,
  TimelineDocument,
} from '../api/contract.ts';
import { stateOfDocument } from '../fold.ts';
import type { LinkPlan } from '../plan.ts';
import { linksOf } from './links.ts';
import { dense, keysOf, optionalTime, type Scope, time } from './scope.ts';

interface DocumentRow {
  id: string;
  type: string;
  origin: 'partner' | 'system';
  source: string;
  keys: Record<string, string[]>;
  revision: { key: string; sequence: string; action: string } | null;
  causation: string | null;
  at: number;
}
const COLUMNS = `d.id, d.type, d.origin, d.source, d.keys, d.revision, d.causation, d.first_at::float8 as at`;
/** Of a document `d` for a partner $2: it sent it, or it was sent to it. */
export const OWN = `($2::text is null or d.origin = 'partner' and d.source = $2 or exists (
  select from entries e where e.namespace = d.namespace and e.document = d.id and e.body->'detail'->>'partner' = $2))`;

interface AccountRow {
  document: string;
  destination: string;
  state: State | null;
  outcome: string;
  attempt: number;
  at: number;
  nextAt: number | null;
  class: string | null;
  code: string | null;
  message: string | null;
}

/** In order of time; ids that are not there, or not the caller's, are left out. */
export async function readDocuments(
  scope: Scope,
  ids: readonly string[],
  now = Date.now(),
): Promise<TimelineDocument[]> {
  const { database, namespace, partner = null } = scope;
  const { rows } = await database.query<DocumentRow>(
    `select ${COLUMNS} from documents d where d.namespace = $1 and ${OWN} and d.id = any($3) order by d.first_at, d.id`,
    [namespace, partner, ids],
  );
  const found = rows.map(({ id }) => id);
  const [accounts, acknowledgments] = await Promise.all([
    database.query<AccountRow>(
      `select document, destination, state, outcome, attempt, at::float8 as at, next_at::float8 as "nextAt", error_class as class,
         error_code as code, error_message as message
       from accounts where namespace = $1 and document = any($2) order by destination`,
      [namespace, found],
    ),
    database.query<Folded>(
      `select document, destination, verdict, told_rank as rank, told_at::float8 as "toldAt", due_at::float8 as "dueAt", message
       from acknowledgments where namespace = $1 and document = any($2)`,
      [namespace, found],
    ),
  ]);
  const byDocument = Map.groupBy(accounts.rows, ({ document }) => document);
  const acknowledged = new Map(acknowledgments.rows.map((row) => [row.document, row]));
  return rows.map(({ keys, revision, causation, at, ...row }) => {
    const own = byDocument.get(row.id) ?? [];
    const acknowledgment = acknowledged.get(row.id);
    const state = stateOfDocument(own);
    return {
      ...row,
      at: time(at),
      ...(state && { state }),
      keys: keysOf(keys),
      ...dense({ revision, causation: partner === null ? causation : null }),
      accounts: own.map((account) => accountOf(account, partner !== null)),
      ...(acknowledgment && { acknowledgment: acknowledgmentOf(acknowledgment, now) }),
    } as TimelineDocument;
  });
}

/** What our own systems answered is not for partners. */
const accountOf = (
  { destination, state, outcome, attempt, at, nextAt, class: errorClass, code, message }: AccountRow,
  outside: boolean,
): Account => ({
  destination,
  ...(state && { state }),
  outcome,
  attempt,
  at: time(at),
  ...optionalTime('nextAt', nextAt),
  ...(errorClass !== null &&
    (!outside || destination === '') && { error: { class: errorClass, code: code ?? '', message: message ?? '' } }),
});
const acknowledgmentOf = (row: Folded, now: number) => ({
  state: stateOfAcknowledgment(row, now) satisfies AcknowledgmentState,
  ...optionalTime('at', row.toldAt),
  ...(row.message && { message: row.message }),
});

/** Of documents that are known. */
export async function statesOf(
  database: pg.Pool,
  namespace: string,
  ids: readonly string[],
): Promise<Map<string, DocumentState>> {
  const { rows } = await database.query<{ document: string; state: State | null; outcome: string }>(
    'select document, state, outcome from accounts where namespace = $1 and document = any($2)',
    [namespace, ids],
  );
  return new Map(
    [...Map.groupBy(rows, ({ document }) => document)].flatMap(([document, own]) => {
      const state = stateOfDocument(own);
      return state ? [[document, state]] : [];
    }),
  );
}

/** undefined: not there, or not the caller's. */
export async function readDocument(
  scope: Scope,
  id: string,
  links?: readonly LinkPlan[],
): Promise<DocumentDetail | undefined> {
  const { database, namespace, partner = null } = scope;
  const [document] = await readDocuments(scope, [id]);
  if (!document) return undefined;
  const own = partner !== null;
  const [entries, ancestors, descendants, payloads, transactions] = await Promise.all([
    database.query<{ body: JournalEntry }>(
      'select body from entries where namespace = $1 and document = $2 order by at, id',
      [namespace, id],
    ),
    database.query<DocumentRef & { at: number }>(
      `with recursive up as (
         select d.causation as id, 1 as depth from documents d where d.namespace = $1 and d.id = $3
         union all select d.causation, depth + 1 from up join documents d on d.namespace = $1 and d.id = up.id where depth < 20)
       select d.id, d.type, d.first_at::float8 as at from up join documents d on d.namespace = $1 and d.id = up.id
       where ${OWN} order by up.depth`,
      [namespace, partner, id],
    ),
    database.query<DocumentRef & { at: number }>(
      `with recursive down as (
         select d.id, 1 as depth from documents d where d.namespace = $1 and d.causation = $3
         union all select d.id, depth + 1 from down join documents d on d.namespace = $1 and d.causation = down.id where depth < 20)
       select d.id, d.type, d.first_at::float8 as at from down join documents d on d.namespace = $1 and d.id = down.id
       where ${OWN} order by d.first_at, d.id limit 200`,
      [namespace, partner, id],
    ),
    readPayloadRefs(scope, id),
    database.query<{ process: string; key: string }>(
      `select t.process, t.key from documents d
       cross join unnest($4::text[], $5::text[]) p(process, name)
       cross join lateral jsonb_array_elements_text(d.keys->p.name) k(key)
       join transactions t on t.namespace = $1 and t.process = p.process and t.key = k.key and ($2::text is null or t.partners ? $2)
       where d.namespace = $1 and d.id = $3 order by 1, 2 limit 200`,
      [namespace, partner, id, scope.processes.map(({ name }) => name), scope.processes.map(({ keyName }) => keyName)],
    ),
  ]);
  const refs = (rows: (DocumentRef & { at: number })[]): DocumentRef[] =>
    rows.map((row) => ({ ...row, at: time(row.at) }));
  const canonical = payloads.some(({ stage, kept }) => stage === 'Canonical' && kept);
  return {
    ...document,
    entries: own ? [] : entries.rows.map(({ body }) => entryOf(body)),
    ancestors: refs(ancestors.rows as never),
    descendants: refs(descendants.rows as never),
    payloads: payloads.map(({ document: _, ...ref }) => ref),
    transactions: transactions.rows,
    links: own ? [] : linksOf(links, document.keys),
    ...(!own && traceOf(entries.rows)),
    mayResubmit: !own && canonical,
    mayResend: !own && canonical && document.accounts.some(({ destination }) => destination.includes('/')),
  };
}

/** A replay may have begun another: the last counts. */
function traceOf(rows: { body: JournalEntry }[]): Pick<DocumentDetail, 'traceId'> {
  const traceparent = rows.findLast(({ body }) => body.traceparent)?.body.traceparent;
  return traceparent ? { traceId: traceId(traceparent) } : {};
}

const entryOf = ({ id, at, outcome, destination, epoch, attempt, error, detail, by, reason }: JournalEntry): Entry => ({
  id,
  at: time(at),
  outcome,
  destination,
  epoch,
  attempt,
  ...(error && {
    error: {
      class: error.class,
      code: error.code,
      message: error.message,
      ...(error.violations && {
        violations: error.violations.map(({ code, message, place }) => ({
          ...(code !== undefined && { rule: code }),
          ...(place && { field: typeof place === 'string' ? place : JSON.stringify(place) }),
          message,
        })),
      }),
    },
  }),
  ...(detail && { detail }),
  ...(by !== undefined && { by }),
  ...(reason !== undefined && { reason }),
});

/** Where a payload lies. */
export interface PayloadPlace {
  /** The document, or the interchange that it came in. */
  document: string;
  destination: string;
}

/**
 * Numbered from 0 in a stable order: canonical first, then what came. A partner sees what it sent and what it got; of a file that holds documents of
 * others as well, its own documents alone.
 */
export async function readPayloadRefs(
  { database, namespace, partner }: Scope,
  id: string,
): Promise<(PayloadRef & { n: number; at: string } & PayloadPlace)[]> {
  const { rows } = await database.query<
    PayloadRef & PayloadPlace & { at: number; same: boolean; hasBody: boolean; mine: boolean }
  >(
    `select p.document, p.destination, p.epoch, p.at::float8 as at, p.hash, p.bytes::float8 as bytes, p.content_type as "contentType",
       p.same, p.body is not null as "hasBody",
       case when $3::text is null or p.destination = '' then true
         when p.destination = '${RECEIVED}' then not exists (select from documents o where o.namespace = $1
           and (o.id = p.document or o.causation = p.document) and (o.origin <> 'partner' or o.source <> $3))
         else exists (select from entries e where e.namespace = $1 and e.document = $2
           and e.destination = p.destination and e.body->'detail'->>'partner' = $3) end as mine
     from payloads p where p.namespace = $1 and (p.document = $2 or p.destination = '${RECEIVED}' and p.document =
       (select d.causation from documents d where d.namespace = $1 and d.id = $2
         and not exists (select from documents c where c.namespace = $1 and c.id = d.causation)))
     order by p.destination <> '', p.destination <> '${RECEIVED}', p.destination, p.epoch`,
    [namespace, id, partner ?? null],
  );
  return rows.flatMap(({ same, hasBody, mine, at, ...row }, n) =>
    mine
      ? [
          {
            ...row,
            n,
            at: time(at),
            stage: STAGES[row.destination] ?? ('Sent' as const),
            kept: same || hasBody,
            words: /x12|edifact|edi\b/i.test(row.contentType),
          },
        ]
      : [],
  );
}
const STAGES: Readonly<Record<string, PayloadRef['stage']>> = { '': 'Canonical', [RECEIVED]: 'Received' };
