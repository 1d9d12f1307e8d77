import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { functionalAcknowledgment, readAcknowledgment } from './acknowledge.ts';
import { decodeX12, type X12Decoded } from './decode.ts';
import { encodeX12 } from './encode.ts';
import { kindOf } from './problem.ts';
import { envelopeOf, wrap } from './testdata/build.ts';
import { mutate, randomOf } from './testdata/mutate.ts';

const folder = new URL('testdata/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.edi'))
  .map((name) => readFileSync(new URL(name, folder)));

/** What holds for any bytes. */
function check(bytes: Buffer): X12Decoded {
  const decoded = decodeX12(bytes);
  const problems = [...decoded.problems];
  for (const interchange of decoded.interchanges) {
    problems.push(...interchange.problems);
    for (const group of interchange.groups) {
      problems.push(...group.problems, ...group.transactions.flatMap((transaction) => transaction.problems));
      // Every group can be answered, and the answer read.
      expect(
        readAcknowledgment(functionalAcknowledgment({ ...group, functionalId: group.functionalId || 'XX' }))
          ?.transactions,
      ).toHaveLength(group.transactions.length);
    }
    const transactions = interchange.groups.flatMap((group) =>
      group.transactions.map((transaction) => ({ ...transaction, functionalId: group.functionalId })),
    );
    // Whatever came in can be given to the encoder, which answers with text or problems.
    if (interchange.groups[0]?.gs.GS08 && /^\d{6}$/.test(interchange.isa.ISA09!))
      encodeX12({ ...envelopeOf(interchange), at: new Date(0) }, transactions);
  }
  expect(decoded.interchanges.length + decoded.problems.length).toBeGreaterThan(0);
  for (const { code, place } of problems) {
    expect(kindOf(code)).toBeDefined();
    if (place.byte !== undefined) expect(place.byte).toBeLessThanOrEqual(bytes.length);
  }
  return decoded;
}

describe('any bytes', () => {
  it('give values or problems', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => void check(Buffer.from(bytes))));
  });

  it('damaged files give values or problems', () => {
    const random = randomOf(20261123);
    for (let run = 0; run < 2000; run++) {
      const bytes = mutate(files[random(files.length)]!, random);
      try {
        const start = cpuMillis();
        check(bytes);
        expect(cpuMillis() - start).toBeLessThan(1000);
      } catch (error) {
        throw new Error(`run ${run}: ${JSON.stringify(bytes.toString('latin1'))}`, { cause: error });
      }
    }
  });

  it.each([
    ['a long text that is no X12', 'x'.repeat(4e6)],
    ['headers without end', 'ISA*'.repeat(1e6)],
    ['one segment without end', wrap('856', ['BSN*00', 'REF*'.repeat(1e6)])],
    ['empty segments', wrap('856', ['BSN*00', '~'.repeat(5e5)])],
    ['elements without end', wrap('856', [`BSN${'*'.repeat(1e6)}`])],
    ['groups without end', wrap('856', []).replace(/GS.*?~/, 'GS~'.repeat(3e5))],
    [
      'levels in each other',
      wrap('856', [
        'BSN*00*SHIP*20261123*1200',
        ...Array.from({ length: 20_000 }, (_, i) => `HL*${i + 1}*${i || ''}*I`),
      ]),
    ],
    ['line breaks only', '\n'.repeat(4e6)],
  ])('%s: bounded', (_, text) => {
    const start = cpuMillis();
    decodeX12(Buffer.from(text));
    expect(cpuMillis() - start).toBeLessThan(4000);
  });
});

/** Of this process: others on the machine do not count. */
function cpuMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

describe('nothing is dropped', () => {
  const leaves = (value: unknown, key = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, part]) =>
          name === 'position' || name === 'id' ? [] : leaves(part, name),
        )
      : key === ''
        ? []
        : [String(value)];

  it('every element of a disordered transaction is in its value', () => {
    const segments = files
      .flatMap((bytes) => bytes.toString().split(/[~\n]+/))
      .filter((line) => /^(?!ISA|IEA|GS|GE|ST|SE)[A-Z][A-Z0-9]{1,2}\*/.test(line));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(segments, { minLength: 1 }),
        fc.constantFrom('850', '855', '856', '810', '997', '204'),
        (chosen, id) => {
          const [interchange] = decodeX12(Buffer.from(wrap(id, chosen, 'XX'))).interchanges;
          const { value } = interchange!.groups[0]!.transactions[0]!;
          const { ST: _st, SE: _se, ...rest } = value as Record<string, unknown>;
          const want = chosen
            .flatMap((line) => line.split('*').slice(1))
            .flatMap((element) => element.split(id === '997' ? '>' : '\0'));
          expect(leaves(rest).filter(Boolean).sort()).toEqual(want.filter(Boolean).sort());
        },
      ),
      { numRuns: 300 },
    );
  });
});
