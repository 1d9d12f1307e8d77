/** Seeded damage to files, as transports, editors and bugs do it: for the fuzz tests of every EDI format. */

/** xorshift32: the same seed gives the same damage. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const INTERESTING = [
  '',
  '~',
  '*',
  '>',
  '\n',
  '\r\n',
  '\0',
  '\u00ff',
  "'",
  '+',
  ':',
  '?',
  'ISA',
  'IEA',
  'GS*',
  'ST*856*1',
  'SE*1*1',
  'HL*1*1*S',
  'UNB+',
  '9'.repeat(20),
  '-1',
  '1E9',
];

export function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  let out = bytes;
  for (let round = 1 + random(4); round > 0; round--) {
    const at = random(out.length + 1);
    const to = Math.min(out.length, at + 1 + random(random(10) === 0 ? 400 : 12));
    const pick = Buffer.from(INTERESTING[random(INTERESTING.length)]!, 'latin1');
    switch (random(7)) {
      case 0: // Some bytes are lost.
        out = Buffer.concat([out.subarray(0, at), out.subarray(to)]);
        break;
      case 1: // A piece comes twice.
        out = Buffer.concat([out.subarray(0, to), out.subarray(at)]);
        break;
      case 2: // Cut off.
        out = out.subarray(0, at);
        break;
      case 3: // A byte flips.
        out = Buffer.from(out);
        if (at < out.length) out[at] = random(256);
        break;
      case 4: // A piece moves to the end.
        out = Buffer.concat([out.subarray(0, at), out.subarray(to), out.subarray(at, to)]);
        break;
      case 5: // One character is another everywhere.
        out = Buffer.from(out.map((byte) => (byte === out[at] ? (pick[0] ?? 0) : byte)));
        break;
      default:
        out = Buffer.concat([out.subarray(0, at), pick, out.subarray(random(2) ? at : to)]);
    }
  }
  return out;
}
