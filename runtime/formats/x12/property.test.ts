import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultDelimiters, type Envelope, encodeX12 } from './encode.ts';
import { schemaFor } from './schema/index.ts';
import type { ElementDef, LoopDef, SegmentDef } from './schema/schema.ts';
import { again, allCodes, decodeText } from './testdata/build.ts';

const envelope: Envelope = {
  sender: { qualifier: 'ZZ', value: 'EXDIST' },
  receiver: { qualifier: 'ZZ', value: 'ACME' },
  usage: 'Test',
  version: '004010',
  control: 1,
  groupControl: 1,
  at: new Date('2026-11-23T12:05:00Z'),
  delimiters: defaultDelimiters,
};
type Value = Record<string, unknown>;

const text = (min: number, max: number) =>
  fc
    .string({ unit: fc.constantFrom(...'ABCxyz019 .-/ä€'), minLength: min, maxLength: Math.min(max, min + 12) })
    .filter((value) => value.trim() !== '');

function elementOf(element: ElementDef): fc.Arbitrary<unknown> {
  const digits = (length: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: element.min, maxLength: length });
  switch (element.type) {
    case 'composite':
      return fc
        .tuple(
          ...element.components.map((part) =>
            part.required ? elementOf(part) : fc.option(elementOf(part), { nil: undefined }),
          ),
        )
        .map((parts) => present(element.components, parts))
        .filter((value) => Object.keys(value).length > 0);
    case 'N':
    case 'R':
      return digits(Math.min(element.max, 9));
    case 'DT':
      return fc
        .date({ min: new Date('2000-01-01'), max: new Date('2079-12-31'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10).replaceAll('-', ''));
    case 'TM':
      return fc
        .tuple(fc.nat(23), fc.nat(59))
        .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(''));
    default:
      return text(element.min, element.max);
  }
}

const present = (elements: ElementDef[], parts: unknown[]): Value =>
  Object.fromEntries(elements.map((element, i) => [element.key, parts[i]]).filter(([, part]) => part !== undefined));

function segmentOf(segment: SegmentDef): fc.Arbitrary<Value> {
  // At least one element, so that a segment never comes out empty.
  const first = segment.elements.some((element) => element.required) ? -1 : 0;
  const generated = segment.elements.map((element, i) =>
    element.required || i === first ? elementOf(element) : fc.option(elementOf(element), { nil: undefined, freq: 2 }),
  );
  return fc.tuple(...generated).map((parts) => present(segment.elements, parts));
}

/** A value as the decoder would give it, HL trees without numbers. Deeper loops are rarer, so that values stay small. */
function loopOf(loop: LoopDef, depth: number): fc.Arbitrary<Value> {
  const parts: Record<string, fc.Arbitrary<unknown>> = {};
  for (const use of loop.uses.filter((each) => each.segment.elements.length > 0)) {
    const item = use.loop
      ? loopOf(use.loop, depth + 1)
      : use.id === 'HL'
        ? fc.constant({ HL03: 'S' })
        : segmentOf(use.segment);
    const value = use.max > 1 || use.loop ? fc.array(item, { minLength: 1, maxLength: Math.min(use.max, 2) }) : item;
    parts[use.key] = use.required ? value : optional(value, depth);
  }
  if (loop.id === 'HL' && depth < 4)
    parts.HLLoop = optional(fc.array(loopOf(loop, depth + 1), { minLength: 1, maxLength: 2 }), depth);
  return fc.record(parts).map((value) => {
    // An AMT that does not follow a CTT cannot be told from one of the last line.
    if (depth === 0 && value.CTT === undefined) delete value.AMT;
    return withoutEmpty(value);
  });
}

const optional = (value: fc.Arbitrary<unknown>, depth: number) =>
  fc.oneof({ weight: 2 + depth * 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const withoutEmpty = (value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined && !isEmpty(part)));
/** A segment without elements is written, and read back as an object without keys: left out here. */
const isEmpty = (part: unknown): boolean =>
  typeof part === 'object' && part !== null && !Array.isArray(part) && Object.keys(part).length === 0;

/** Without what the codec computes. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare).filter((item) => !isEmpty(item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !['ST', 'SE', 'HL01', 'HL02', 'HL04'].includes(key));
  return Object.fromEntries(
    kept
      .map(([key, part]) => [key, bare(part)])
      .filter(([, part]) => !isEmpty(part) && !(Array.isArray(part) && part.length === 0)),
  );
}

const schema = schemaFor('004010');

describe('decode(encode(value)) = value', () => {
  it.each(schema.transactions().map(({ id }) => [id]))('%s', (id) => {
    const definition = schema.transaction(id)!;
    fc.assert(
      fc.property(loopOf(definition.root, 0), (value) => {
        const encoded = encodeX12(envelope, [{ id, value }]);
        expect(encoded.problems.filter(({ severity }) => severity === 'Error')).toEqual([]);
        const decoded = decodeText(encoded.text);
        const transaction = decoded.interchanges[0]!.groups[0]!.transactions[0]!;
        expect(
          allCodes(decoded).filter(
            (code) => code !== 'x12.ConditionalElementMissing' && code !== 'x12.ElementsExclusive',
          ),
        ).toEqual([]);
        expect(bare(transaction.value)).toEqual(bare(value));
        expect(again(encoded.text).text).toBe(encoded.text);
      }),
      { numRuns: 15 },
    );
  });
});
