/** Forms without an envelope (CSV, fixed width, XML, JSON): the channel, the file's name and its look say whose it is and what. */
import { fileMatcher } from '../connectors/directory/pattern.ts';
import { DocumentError } from '../errors.ts';
import { decodeCsv, encodeCsv } from '../formats/csv/csv.ts';
import { decodeFixed, encodeFixed } from '../formats/fixed/fixed.ts';
import type { Problem } from '../formats/format.ts';
import { decodeJson, encodeJson } from '../formats/json/json.ts';
import { decodeNdjson, encodeNdjson } from '../formats/json/ndjson.ts';
import { decodeXml } from '../formats/xml/decode.ts';
import { encodeXml } from '../formats/xml/encode.ts';
import type { TermsPlan } from '../plan.ts';
import type { CompiledPartner, CompiledTerms } from './compiled.ts';
import type { RawInterchange } from './messages.ts';

export const PLAIN = ['csv', 'fixed', 'xml', 'json'] as const;
export type PlainForm = (typeof PLAIN)[number];
export const plainFormOf = (terms: TermsPlan): PlainForm | undefined => PLAIN.find((form) => terms[form]);
const NAMES: Record<PlainForm, string> = { csv: 'CSV', fixed: 'fixed width', xml: 'XML', json: 'JSON' };

/** One document of a file, in the order of the file. `value` is of use where no problem is an Error. */
export interface PlainDocument {
  value: unknown;
  problems: Problem[];
  /** Of its first row. */
  line?: number;
}

/** Never throws. A file without a row gives none. */
export function decodePlain({ csv, fixed, xml, json }: TermsPlan, body: Buffer): PlainDocument[] {
  if (csv) return decodeCsv(body, csv);
  if (fixed) return decodeFixed(body, fixed);
  if (json?.documentPer === 'Line')
    return decodeNdjson(body).map(({ value, problems }, i) => ({ value, problems, line: i + 1 }));
  if (!xml) return [decodeJson(body)];
  const { id, value, problems } = decodeXml(body, { ...(xml.namespaces && { namespaces: xml.namespaces }) });
  if (value !== undefined && xml.root !== undefined && id !== xml.root) {
    const message = `the root is ${id}, the terms are about ${xml.root}`;
    return [{ value, problems: [...problems, { code: 'xml.Root', message, severity: 'Error', place: {} }] }];
  }
  return [{ value, problems }];
}

export interface PlainWriting {
  body: Buffer;
  contentType: string;
  /** Of the file's name. */
  extension: string;
  problems: Problem[];
}

/** One document as a file of its own. An Error in `problems` means: do not send it. Throws TypeError for what JSON cannot hold. */
export function encodePlain({ csv, fixed, xml, json }: TermsPlan, value: unknown): PlainWriting {
  const charset = (encoding: string | undefined): string => `; charset=${(encoding ?? 'UTF-8').toLowerCase()}`;
  if (csv) {
    const { bytes, problems } = encodeCsv([value], csv);
    return { body: bytes, problems, contentType: `text/csv${charset(csv.encoding)}`, extension: 'csv' };
  }
  if (fixed) {
    const { bytes, problems } = encodeFixed([value], fixed);
    return { body: bytes, problems, contentType: `text/plain${charset(fixed.encoding)}`, extension: 'txt' };
  }
  if (xml) {
    const { layout, doctype, encoding, namespaces } = xml;
    const { bytes, problems } = encodeXml(value, {
      ...(layout === 'Indented' && { indent: '  ' }),
      ...(doctype !== undefined && { doctype }),
      ...(encoding && { encoding }),
      ...(namespaces && { namespaces }),
    });
    return { body: bytes, problems, contentType: 'application/xml', extension: 'xml' };
  }
  const lines = json?.documentPer === 'Line';
  return {
    body: lines ? encodeNdjson([value]) : encodeJson(value),
    problems: [],
    contentType: lines ? 'application/x-ndjson' : 'application/json',
    extension: lines ? 'ndjson' : 'json',
  };
}

export interface PlainWay {
  partner: CompiledPartner;
  terms: CompiledTerms;
}

/**
 * Whose file it is and what is in it, among the partners of its channel. Terms with a `filePattern` are meant by name; else the look of
 * the file decides between forms, and the root between kinds of XML.
 */
export function plainWay(
  raw: RawInterchange,
  partners: readonly CompiledPartner[],
  channel: string,
): PlainWay | DocumentError {
  const all: PlainWay[] = partners.flatMap((partner) =>
    partner.terms
      .filter(({ plan }) => plan.direction === 'Inbound' && plainFormOf(plan))
      .map((terms) => ({ partner, terms })),
  );
  const named = all.filter(({ terms }) => terms.plan.filePattern && matcher(terms.plan.filePattern)(raw.label));
  const open = named.length > 0 ? named : all.filter(({ terms }) => !terms.plan.filePattern);
  const forms = formsByLook(raw.body);
  const alike = open.filter(({ terms }) => forms.includes(plainFormOf(terms.plan)!));
  const candidates = byRoot(alike.length > 0 ? alike : open, raw.body);
  if (candidates.length === 1) return candidates[0]!;
  const message =
    candidates.length === 0
      ? `The file is neither X12 nor EDIFACT, and no terms of a Partner on Connector ${channel} are for a file such as ${raw.label || 'this'}`
      : `The file names no sender, and terms of ${said(candidates)} on Connector ${channel} could mean it: give them filePattern, or connectors of their own`;
  return new DocumentError({ class: 'DecodeFailed', code: 'intake.unidentified', message });
}

const said = (ways: readonly PlainWay[]): string =>
  ways
    .slice(0, 4)
    .map(({ partner, terms }) => `${partner.plan.name} (${terms.type.plan.name} as ${NAMES[plainFormOf(terms.plan)!]})`)
    .join(', ');

const matchers = new Map<string, (name: string) => boolean>();
function matcher(pattern: string): (name: string) => boolean {
  const known = matchers.get(pattern);
  if (known) return known;
  const made = fileMatcher(pattern);
  matchers.set(pattern, made);
  return made;
}

/** XML begins with <, JSON with a brace or bracket; of UTF-16, every other byte is zero. */
function formsByLook(body: Buffer): readonly PlainForm[] {
  const [first = ''] = body
    .toString('latin1', 0, 4096)
    .replaceAll(/\0|^\xef\xbb\xbf|^\xff\xfe|^\xfe\xff/g, '')
    .trimStart();
  if (first === '<') return ['xml'];
  return first === '{' || first === '[' ? ['json'] : ['csv', 'fixed'];
}

/** Where several kinds of XML could be meant: those that name the root of the file, else those that name none. */
function byRoot(ways: PlainWay[], body: Buffer): PlainWay[] {
  if (ways.length < 2 || !ways.some(({ terms }) => terms.plan.xml?.root)) return ways;
  const { id } = decodeXml(body);
  const exact = ways.filter(({ terms }) => terms.plan.xml?.root === id);
  return exact.length > 0 ? exact : ways.filter(({ terms }) => !terms.plan.xml?.root);
}
