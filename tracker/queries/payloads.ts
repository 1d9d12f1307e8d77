/** Payloads for people: redacted, indented, EDI with its words. */

import { decodeEdifact } from '../../runtime/formats/edifact/decode.ts';
import { directoryFor } from '../../runtime/formats/edifact/schema/index.ts';
import { decodeX12 } from '../../runtime/formats/x12/decode.ts';
import { schemaFor } from '../../runtime/formats/x12/schema/index.ts';
import type { PayloadText, WordSegment, Words } from '../api/contract.ts';
import { type Payload, readPayloads } from '../payloads.ts';
import type { TrackerPlan } from '../plan.ts';
import { redactCanonical, redactSent, type Shown } from '../sensitive.ts';
import { readPayloadRefs } from './documents.ts';
import type { Scope } from './scope.ts';

export type FoundPayload = Omit<Payload, 'body'> & { body: Buffer; n: number; redacted: string[] };

/** With what is sensitive taken out; undefined: not there, not kept, or not the caller's. */
export async function readPayload(
  scope: Scope,
  id: string,
  n: number,
  types: TrackerPlan['types'],
): Promise<FoundPayload | undefined> {
  const refs = await readPayloadRefs(scope, id);
  const ref = refs.find((one) => one.n === n);
  if (!ref) return undefined;
  const { database, namespace } = scope;
  const [payloads, { rows }] = await Promise.all([
    readPayloads(database, namespace, [...new Set([id, ref.document])]),
    database.query<{ type: string }>('select type from documents where namespace = $1 and id = $2', [namespace, id]),
  ]);
  const found = payloads.find(
    ({ document, destination, epoch }) =>
      document === ref.document && destination === ref.destination && epoch === ref.epoch,
  );
  if (!found?.body) return undefined;
  const text = found.body.toString();
  const shown = ref.stage === 'Received' ? await redactOriginal(scope, ref.document, text, types) : redact();
  return {
    ...found,
    body: shown.redacted.length > 0 ? Buffer.from(shown.text) : found.body,
    n,
    redacted: shown.redacted,
  };

  function redact(): Shown {
    const pointers = types?.[rows[0]?.type ?? '']?.sensitive ?? [];
    const own = payloads.filter(({ document, destination }) => document === id && destination === '');
    const canonical = own.findLast(({ body }) => body !== null)?.body?.toString();
    return found!.destination === '' || found!.hash === own[0]?.hash
      ? redactCanonical(text, pointers)
      : redactSent(text, canonical, pointers);
  }
}

/**
 * What came, without what is sensitive in any of the documents that it held. Of what never became a document nobody knows what is sensitive: where any
 * type has something, it is not shown.
 */
async function redactOriginal(
  { database, namespace }: Scope,
  interchange: string,
  text: string,
  types: TrackerPlan['types'] = {},
): Promise<Shown> {
  const { rows } = await database.query<{ type: string; body: Buffer | null }>(
    `select d.type, (select p.body from payloads p where p.namespace = $1 and p.document = d.id and p.destination = '' and p.body is not null
       order by p.epoch desc limit 1) as body
     from documents d where d.namespace = $1 and (d.id = $2 or d.causation = $2
       and not exists (select from documents c where c.namespace = $1 and c.id = $2))`,
    [namespace, interchange],
  );
  const anything = Object.values(types).flatMap(({ sensitive = [] }) => sensitive);
  let shown: Shown = { text, redacted: [] };
  for (const { type, body } of rows) {
    const pointers = body ? (types[type]?.sensitive ?? []) : type === '' ? anything : (types[type]?.sensitive ?? []);
    const next = redactSent(shown.text, body?.toString(), pointers);
    shown = { text: next.text, redacted: [...new Set([...shown.redacted, ...next.redacted])] };
  }
  return shown;
}

export function textOf(
  { n, contentType, body, redacted }: FoundPayload,
  view: 'text' | 'words' | undefined,
): PayloadText {
  const text = body.toString();
  return {
    n,
    contentType,
    text: indented(text),
    redacted,
    ...(view === 'words' && { words: wordsOf(body) }),
  };
}

function indented(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

interface Definition {
  key: string;
  name: string;
  components: { key: string; name: string }[];
}
/** undefined: the text is no interchange. */
export function wordsOf(bytes: Buffer): Words {
  const edifact = /^[\s\ufeff]*UN[AB]/.test(bytes.toString('utf8', 0, 64));
  const segments: WordSegment[] = [];
  const add = (
    { id, number, depth }: { id: string; number: number; depth: number },
    raw: string,
    values: readonly (string | readonly string[])[],
    definition: { name: string; elements: readonly Definition[] } | undefined,
  ) =>
    segments.push({
      position: number,
      level: depth,
      tag: id,
      ...(definition?.name && { name: definition.name }),
      raw,
      elements: values.flatMap((value, i) => {
        const known = definition?.elements[i];
        const own = `${id}${String(i + 1).padStart(2, '0')}`;
        const parts = typeof value === 'string' ? [value] : value;
        return parts.flatMap((part, j) => {
          if (part === '') return [];
          const component = parts.length > 1 || known?.components.length ? known?.components[j] : undefined;
          const name = component?.name ?? known?.name;
          const ref =
            component?.key ?? known?.key ?? (parts.length > 1 ? `${own}${String(j + 1).padStart(2, '0')}` : own);
          return [{ ref, ...(name && { name }), value: part }];
        });
      }),
    });
  if (edifact) {
    for (const interchange of decodeEdifact(bytes, { keepSegments: true }).interchanges)
      for (const { transactions } of interchange.groups)
        for (const { type, segments: own } of transactions) {
          const directory = directoryFor(type.split(':')[2] ?? '');
          for (const segment of own ?? [])
            add(
              segment,
              [segment.id, ...segment.elements.map((parts) => parts.join(':'))].join('+'),
              segment.elements,
              directory.segment(segment.id),
            );
        }
    return { format: 'EDIFACT', segments };
  }
  for (const interchange of decodeX12(bytes, { keepSegments: true }).interchanges)
    for (const { version, transactions } of interchange.groups)
      for (const { segments: own } of transactions) {
        const schema = schemaFor(version);
        for (const segment of own ?? [])
          add(
            segment,
            [segment.id, ...segment.elements].join(interchange.delimiters.element),
            segment.elements,
            schema.segment(segment.id),
          );
      }
  return { format: 'X12', segments };
}
