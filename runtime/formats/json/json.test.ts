import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectJson } from './inspect.ts';
import { decodeJson, encodeJson } from './json.ts';

const decode = (text: string | Buffer, options = {}) => decodeJson(Buffer.from(text), options);
const codes = (text: string | Buffer, options = {}) => decode(text, options).problems.map((problem) => problem.code);

describe('decodeJson', () => {
  it('reads what JSON.parse reads, and what encodeJson wrote', () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (text, bom) => {
        const decoded = decode((bom ? '\ufeff' : '') + text);
        expect(decoded.problems.filter((problem) => problem.severity === 'Error')).toEqual([]);
        expect(decoded.value).toEqual(JSON.parse(text));
        expect(decodeJson(encodeJson(decoded.value)).value).toEqual(JSON.parse(text));
      }),
    );
  });

  it('accepts and refuses exactly what JSON.parse does, on texts that are nearly JSON', () => {
    const nearly = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '"', '{', '}', ',', ':', '0', '-', '\\', '\n', '\u0001', 'e', ' '),
      )
      .map(
        ([text, at, char]) => text.slice(0, at % (text.length + 1)) + char + text.slice((at % (text.length + 1)) + 1),
      );
    fc.assert(
      fc.property(nearly, (text) => {
        let parsed = true;
        try {
          JSON.parse(text);
        } catch {
          parsed = false;
        }
        expect(decode(text).problems.some((problem) => problem.severity === 'Error')).toBe(!parsed);
      }),
      { numRuns: 2000 },
    );
  });

  it('says where the syntax breaks, in lines and bytes', () => {
    expect(decode('{"ä": 1,\n  "b": nul}').problems[0]).toEqual({
      code: 'json.Syntax',
      severity: 'Error',
      message: '"n" where a value is expected',
      place: { line: 2, byte: 17 },
    });
    expect(decode('{"a": [1, 2').problems[0]!.message).toBe("the document ends where ',' or ']' is expected");
    expect(decode('{"a": 1} x').problems[0]!.message).toBe('"x" where the end of the document is expected');
    expect(decode('').problems[0]!.message).toBe('the document ends where a value is expected');
  });

  it.each([
    ['json.DuplicateKey', '{"a": 1, "\\u0061": 2}'],
    ['json.UnsafeNumber', '{"a": 9007199254740993}'],
    ['json.UnsafeNumber', '[0.12345678901234567890123]'],
    ['json.UnsafeNumber', '[1e400000000000000]'],
    ['json.Encoding', Buffer.from([0x22, 0x41, 0xff, 0x22])],
  ])('%s', (code, text) => expect(codes(text)).toEqual([code]));

  it('keeps silent where no digit is lost', () => {
    expect(codes('[9007199254740992, 0.10, 12345678901234567000, 1e3, -0, 123456789.123456]')).toEqual([]);
  });

  it('finds the same as a full inspection', () => {
    const key = fc.constantFrom('a', 'b', '__proto__', '1', 'ä', '\\u0061', ':', '{"');
    const number = fc.constantFrom(
      '1',
      '-0.5',
      '1e3',
      '123456789012345',
      '9007199254740993',
      '1e400',
      '0.1234567890123456789',
    );
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        number,
        key.map((text) => JSON.stringify(text)),
        fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
        fc
          .array(fc.tuple(key, tie('value')), { maxLength: 4 })
          .map(
            (members) => `{${members.map(([name, member]) => `"${name.replaceAll('"', '')}":${member}`).join(',')}}`,
          ),
      ),
    }));
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 4 }), (text, maxDepth) => {
        const { problems } = inspectJson(text, maxDepth, 0);
        expect(decode(text, { maxDepth }).problems).toEqual(problems);
      }),
      { numRuns: 2000 },
    );
  });

  it('names the byte that is not UTF-8', () => {
    expect(decode(Buffer.from([0x22, 0x41, 0xff, 0x22])).problems[0]!.place).toEqual({ byte: 2 });
  });

  it('caps bytes and depth', () => {
    expect(codes('[1,2,3]', { maxBytes: 6 })).toEqual(['json.TooLarge']);
    expect(codes('[[[1]]]', { maxDepth: 2 })).toEqual(['json.TooDeep']);
    expect(codes(`${'['.repeat(5_000_000)}`)).toEqual(['json.TooDeep']);
  });

  it('gives a value or problems for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeJson(Buffer.from(bytes));
        expect(decoded.value !== undefined || decoded.problems.length > 0).toBe(true);
      }),
    );
  });
});

describe('encodeJson', () => {
  it('refuses what JSON cannot hold', () => {
    expect(() => encodeJson(undefined)).toThrow(TypeError);
    expect(() => encodeJson({ a: 1n })).toThrow(TypeError);
  });
});
