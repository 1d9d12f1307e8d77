import { describe, expect, it } from 'vitest';
import { schemaFor } from './index.ts';
import { parseElements, parseSegments, parseTransaction, splitTransactions } from './notation.ts';
import type { LoopDef } from './schema.ts';

const VERSIONS = ['002040', '003010', '003060', '004010', '004030', '005010', '006040', '008010'];

describe('tables', () => {
  it.each(VERSIONS)('%s compiles whole', (version) => {
    const ids = schemaFor(version)
      .transactions()
      .map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        '850',
        '855',
        '856',
        '810',
        '860',
        '865',
        '861',
        '846',
        '180',
        '940',
        '943',
        '944',
        '945',
        '214',
        '997',
        '999',
      ]),
    );
  });

  it('every segment of a transaction has a name, every element a sane length', () => {
    const schema = schemaFor('004010');
    const visit = (loop: LoopDef): void => {
      for (const use of loop.uses) {
        expect(use.segment.name, use.id).not.toBe('');
        for (const element of use.segment.elements) {
          if (element.type !== 'composite') expect(element.min, element.key).toBeLessThanOrEqual(element.max);
        }
        for (const { positions, text } of use.segment.conditions)
          expect(Math.max(...positions), `${use.id} ${text}`).toBeLessThanOrEqual(use.segment.elements.length);
        if (use.loop) visit(use.loop);
      }
    };
    for (const { root } of schema.transactions()) visit(root);
  });

  it('versions differ as data', () => {
    expect(schemaFor('003040').element('373')).toMatchObject({ max: 6 });
    expect(schemaFor('004010').element('373')).toMatchObject({ max: 8 });
    expect(schemaFor('004010').segment('ST')!.elements).toHaveLength(2);
    expect(schemaFor('005010X231A1').segment('ST')!.elements).toHaveLength(3);
    expect(schemaFor('00501').element('127')).toMatchObject({ max: 50 });
    expect(schemaFor('no version').element('127')).toMatchObject({ max: 30 });
  });

  it('versions between two bounds share one schema', () => {
    expect(schemaFor('004010')).toBe(schemaFor('004011'));
    expect(schemaFor('007020')).toBe(schemaFor('008030'));
    expect(schemaFor('004010')).not.toBe(schemaFor('005010'));
  });

  it.each([
    ['944', '003060', ['W07']],
    ['944', '004010', ['W07']],
    ['944', '005010', ['LX', 'W07']],
    ['945', '003040', ['W12']],
    ['945', '004010', ['LX', 'W12']],
    ['940', '003060', ['W01']],
    ['940', '006040', ['LX', 'W01']],
  ])('the items of a %s of %s stand in %j', (id, version, path) => {
    let loop = schemaFor(version).transaction(id)!.root;
    for (const each of path) loop = loop.byKey.get(`${each}Loop`)!.loop!;
    expect(loop.byKey.has('G69')).toBe(true);
  });
});

describe('notation', () => {
  const elements = parseElements('1 AN 1/5 One\n2 N2 1/9 Two\n@005000 1 AN 1/9 One\nC1 1! 2 | P0102 | Both', '004010');
  const segments = parseSegments('AA 1! (2 1)x2 C1 | R0203 | First\nBB | | Second', elements, '004010');
  it('elements and segments', () => {
    expect(elements.get('1')).toMatchObject({ type: 'AN', min: 1, max: 5 });
    expect(elements.get('2')).toMatchObject({ type: 'N', decimals: 2 });
    expect(segments.get('AA')!.elements.map(({ key, reference, required }) => [key, reference, required])).toEqual([
      ['AA01', '1', true],
      ['AA02', '2', false],
      ['AA03', '1', false],
      ['AA04', '2', false],
      ['AA05', '1', false],
      ['AA06', 'C1', false],
    ]);
    expect(segments.get('AA')!.elements[5]!.components.map(({ key }) => key)).toEqual(['AA0601', 'AA0602']);
    expect(segments.get('BB')).toMatchObject({ name: 'Second', elements: [] });
  });
  it('transactions', () => {
    const [[id, source]] = [...splitTransactions('\n=== 999 FA Test\nAA! BB:2,004000=3 { AA* } AA@005000')] as [
      [string, { functionalId: string; name: string; body: string }],
    ];
    const { root } = parseTransaction(id, source, '004010', (name) => segments.get(name)!);
    expect(root.uses.map(({ key, max, required }) => [key, max, required])).toEqual([
      ['AA', 1, true],
      ['BBLoop', 3, false],
    ]);
    expect(root.uses[1]!.loop!.uses.map(({ key, max }) => [key, max])).toEqual([
      ['BB', 1],
      ['AA', Number.POSITIVE_INFINITY],
    ]);
  });
  it.each([
    ['an unknown element', () => parseSegments('AA 7 | | x', elements, '004010')],
    ['a wrong condition', () => parseSegments('AA 1 | X01 | x', elements, '004010')],
    ['a missing name', () => parseSegments('AA 1 |', elements, '004010')],
    [
      'a loop that is not closed',
      () =>
        parseTransaction('1', { functionalId: 'XX', name: '', body: 'AA { BB' }, '004010', (id) => segments.get(id)!),
    ],
    [
      'a brace too many',
      () => parseTransaction('1', { functionalId: 'XX', name: '', body: 'AA }' }, '004010', (id) => segments.get(id)!),
    ],
    [
      'a key that stands twice',
      () =>
        parseTransaction('1', { functionalId: 'XX', name: '', body: 'AA BB AA' }, '004010', (id) => segments.get(id)!),
    ],
  ])('refuses %s', (_, parse) => expect(parse).toThrow(/^schema: /));
});
