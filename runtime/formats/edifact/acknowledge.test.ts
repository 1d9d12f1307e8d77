import { describe, expect, it } from 'vitest';
import { CONTRL, isAnswered, readSyntaxAcknowledgment, syntaxAcknowledgment } from './acknowledge.ts';
import { decodeEdifact } from './decode.ts';
import { encodeEdifact } from './encode.ts';
import { allCodes, decodeText, wrap } from './testdata/build.ts';

const received = (text: string) => decodeText(text).interchanges[0]!;
const good = ['BGM+220+1', 'DTM+137:20261120:102', 'UNS+S'];
/** The segments of the CONTRL that answers, after it went over the wire. */
function answer(text: string) {
  const { bytes, problems } = encodeEdifact(
    {
      sender: { qualifier: '', value: 'B' },
      receiver: { qualifier: '', value: 'A' },
      usage: 'Production',
      syntax: 'UNOC:3',
      control: '1',
      at: new Date(0),
    },
    [{ type: CONTRL, value: syntaxAcknowledgment(received(text)) }],
  );
  expect(problems).toEqual([]);
  const decoded = decodeEdifact(bytes);
  expect(allCodes(decoded)).toEqual([]);
  const { value } = decoded.interchanges[0]!.groups[0]!.transactions[0]!;
  return { segments: bytes.toString().split("'").slice(2, -3), read: readSyntaxAcknowledgment(value) };
}

describe('CONTRL', () => {
  it('accepts, also what only warns', () => {
    const want = { segments: ['UCI+7+A+B+7'], read: { control: '7', status: 'Accepted', messages: [], errors: [] } };
    expect(answer(wrap('ORDERS:D:96A:UN:EAN008', good))).toEqual(want);
    expect(answer(wrap('ORDERS:D:96A:UN:EAN008', [...good, 'ZZZ+1']))).toEqual(want);
  });

  it('rejects a message by name, with the segments and elements in error', () => {
    const { segments, read } = answer(
      wrap('ORDERS:D:96A:UN:EAN008', ['BGM+220+1', 'DTM+:20260230:102', 'LIN+1', 'QTY+21:x', 'UNS+S', 'LIN+2']),
    );
    expect(segments).toEqual([
      'UCI+7+A+B+7',
      'UCM+1+ORDERS:D:96A:UN:EAN008+4',
      'UCS+3',
      'UCD+13+1:1',
      'UCD+12+1:2',
      'UCS+5',
      'UCD+37+1:2',
      'UCS+7+15',
    ]);
    expect(read).toEqual({
      control: '7',
      status: 'Accepted',
      messages: [
        {
          control: '1',
          id: 'ORDERS',
          status: 'Rejected',
          errors: [
            'segment 3, element 1, component 1: missing',
            'segment 3, element 1, component 2: invalid value',
            'segment 5, element 1, component 2: invalid type of characters',
            'segment 7: not supported here',
          ],
        },
      ],
      errors: [],
    });
  });

  it('rejects for a count of segments, and the whole interchange for its own', () => {
    const text = wrap('ORDERS:D:96A:UN', good);
    expect(answer(text.replace('UNT+5', 'UNT+6')).segments).toEqual(['UCI+7+A+B+7', 'UCM+1+ORDERS:D:96A:UN+4+29']);
    expect(answer(text.replace('UNZ+1+7', 'UNZ+1+8'))).toEqual({
      segments: ['UCI+7+A+B+4+28'],
      read: { control: '7', status: 'Rejected', messages: [], errors: ['references do not match'] },
    });
  });

  it('is not answered itself', () => {
    expect(isAnswered(received(wrap(CONTRL, ['UCI+7+A+B+7'])))).toBe(false);
    expect(isAnswered(received(wrap('ORDERS:D:96A:UN', good)))).toBe(true);
  });

  it('reads groups, and what is received only', () => {
    const text = wrap(CONTRL, ['UCI+7+A+B+8', 'UCF+5+A+B+4', 'UCM+1+ORDERS:D:96A:UN+4', 'UCS+2+13']);
    expect(allCodes(decodeText(text))).toEqual([]);
    expect(readSyntaxAcknowledgment(received(text).groups[0]!.transactions[0]!.value)).toMatchObject({
      status: 'Received',
      messages: [{ control: '1', status: 'Rejected', errors: ['segment 2: missing'] }],
    });
    expect(readSyntaxAcknowledgment({})).toBeUndefined();
  });
});
