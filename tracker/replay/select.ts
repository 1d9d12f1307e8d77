/** What a replay is about, from the accounts: letters to be taken from their queue, or delivered documents from the archive. */
import type pg from 'pg';
import { letterFingerprint } from '../letters/groups.ts';
import { columns } from '../rows.ts';
import type { ReplaySelector } from './contract.ts';

export interface SelectedItem {
  document: string;
  destination: string;
  way: 'dead-letters' | 'parked' | 'Archive';
  /** In which it is sent. */
  epoch: number;
  /** What would happen; of a refused one why not. */
  message: string;
  refused: boolean;
}

interface Found {
  document: string;
  destination: string;
  state: 'DeadLettered' | 'Parked' | 'Delivered';
  epoch: number;
  lastEpoch: number;
  class: string | null;
  code: string | null;
  kept: boolean | null;
  /** `name@hash` of what made the canonical body, and it is what is looked for. */
  canonicalBy: string | null;
}

/** Looking through all accounts takes its time where no key, document or version narrows it. */
const DEADLINE_MS = 600_000;

/** In the order in which they failed or were delivered. */
export async function selectItems(
  client: pg.ClientBase,
  namespace: string,
  selector: ReplaySelector,
): Promise<SelectedItem[]> {
  const { letters, conditions, values } = conditionsOf(namespace, selector);
  const { mapping } = selector;
  const canonicalBy = mapping
    ? `(select m.mapping || '@' || m.hash from mapped_by m where m.namespace = $1 and m.document = a.document and m.destination = ''
        and m.mapping = $2 and starts_with(m.hash, $3) limit 1)`
    : 'null';
  await client.query(`set local statement_timeout = ${DEADLINE_MS}`);
  const { rows } = await client.query<Found>({
    text: `select a.document, a.destination, a.state, a.epoch, a.error_class as class, a.error_code as code,
        ${
          letters
            ? 'null as kept, a.epoch as "lastEpoch", null as "canonicalBy"'
            : `(select p.body is not null from payloads p where p.namespace = a.namespace and p.document = a.document and p.destination = ''
                order by p.epoch desc limit 1) as kept,
               (select max(b.epoch) from accounts b where b.namespace = a.namespace and b.document = a.document) as "lastEpoch",
               ${canonicalBy} as "canonicalBy"`
        }
      from accounts a join documents d on d.namespace = a.namespace and d.id = a.document
        left join entries e on e.namespace = a.namespace and e.id = a.entry
      where ${conditions.join(' and ')} order by a.at, a.document, a.destination`,
    values,
    query_timeout: DEADLINE_MS + 5_000,
  } as pg.QueryConfig);
  return rows.map(itemOf);
}

/** $1 namespace; $2 and $3 the mapping and its version, where it is asked for. */
function conditionsOf(namespace: string, selector: ReplaySelector) {
  const values: unknown[] = [namespace];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const { integration, destination, deadLetters, partner, documentType, keys, documents, mapping, since, until } =
    selector;
  const conditions = ['a.namespace = $1'];
  if (mapping) {
    const [name, hash] = [parameter(mapping.name), parameter(mapping.hash ?? '')];
    conditions.push(`exists (select 1 from mapped_by m where m.namespace = $1 and m.document = a.document
      and m.destination in ('', a.destination) and m.mapping = ${name} and starts_with(m.hash, ${hash}))`);
  }
  if (deadLetters) {
    const { state, class: errorClass, code, fingerprint } = deadLetters;
    conditions.push("a.outcome <> 'Discarded'");
    if (state !== undefined || fingerprint === undefined)
      conditions.push(`a.state = ${parameter(state ?? 'DeadLettered')}`);
    else conditions.push("a.state in ('DeadLettered', 'Parked')");
    if (errorClass !== undefined) conditions.push(`a.error_class = ${parameter(errorClass)}`);
    if (code !== undefined) conditions.push(`a.error_code = ${parameter(code)}`);
    if (fingerprint !== undefined) conditions.push(`${letterFingerprint} = ${parameter(fingerprint)}`);
  } else conditions.push("a.state = 'Delivered' and a.outcome = 'Delivered' and a.destination like '%/%'");
  if (integration !== undefined) conditions.push(`split_part(a.destination, '/', 1) = ${parameter(integration)}`);
  if (destination !== undefined)
    conditions.push(
      `a.destination = ${parameter(destination.includes('/') ? destination : `${integration}/${destination}`)}`,
    );
  if (partner !== undefined) {
    const name = parameter(partner);
    conditions.push(`(d.origin = 'partner' and d.source = ${name} or e.body->'detail'->>'partner' = ${name})`);
  }
  if (documentType !== undefined) conditions.push(`d.type = ${parameter(documentType)}`);
  if (keys?.length)
    conditions.push(
      `a.document in (select document from document_keys where namespace = $1 and value = any(${parameter(keys)}))`,
    );
  if (documents?.length) conditions.push(`a.document = any(${parameter(documents)})`);
  if (since !== undefined) conditions.push(`a.at >= ${parameter(since)}`);
  if (until !== undefined) conditions.push(`a.at < ${parameter(until)}`);
  return { letters: deadLetters !== undefined, conditions, values };
}

function itemOf({ document, destination, state, epoch, lastEpoch, ...row }: Found): SelectedItem {
  const what = { document, destination };
  if (state !== 'Delivered') {
    const message = `${row.class ?? ''} ${row.code ?? ''}: goes back to ${destination === '' ? 'intake' : destination}`;
    const way = state === 'Parked' ? 'parked' : 'dead-letters';
    return { ...what, way, epoch: epoch + 1, message, refused: false };
  }
  const archived = { ...what, way: 'Archive' as const, epoch: lastEpoch + 1 };
  if (row.canonicalBy !== null)
    return {
      ...archived,
      message: `${row.canonicalBy} made its canonical content when it was accepted, which a replay does not change: have it sent again`,
      refused: true,
    };
  if (row.kept !== true) return { ...archived, message: 'the archive does not have its content', refused: true };
  return {
    ...archived,
    message: `goes through ${destination.split('/')[0]} again, as it was accepted`,
    refused: false,
  };
}

export async function storeItems(
  client: pg.ClientBase,
  namespace: string,
  replay: string,
  items: readonly SelectedItem[],
  dryRun: boolean,
): Promise<void> {
  const CHUNK = 5_000;
  for (let from = 0; from < items.length; from += CHUNK)
    await client.query(
      `insert into replay_items (namespace, replay, seq, document, destination, way, epoch, outcome, message)
       select $1, $2, * from unnest($3::int[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[])`,
      [
        namespace,
        replay,
        ...columns([...items.slice(from, from + CHUNK).entries()], ([i, item]) => [
          from + i,
          item.document,
          item.destination,
          item.way,
          item.epoch,
          item.refused ? 'Refused' : dryRun ? 'Selected' : 'Waiting',
          item.message,
        ]),
      ],
    );
}
