import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutate, randomOf } from '../x12/testdata/mutate.ts';
import { decodeXml, type XmlOptions } from './decode.ts';
import { encodeXml } from './encode.ts';

const file = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url));
const invoice = file('invoice-ubl21.xml');
const order = file('order-request-cxml.xml');
const decode = (text: string, options: XmlOptions = {}) => decodeXml(Buffer.from(text), options);
const read = (text: string, options?: XmlOptions) => {
  const { value, problems } = decode(text, options);
  expect(problems).toEqual([]);
  return value;
};

describe('decodeXml', () => {
  it('UBL: names with their prefixes, attributes, repeated elements as arrays', () => {
    const { id, value, problems } = decodeXml(invoice);
    expect(problems).toEqual([]);
    expect(id).toBe('Invoice');
    expect(value).toMatchObject({
      Invoice: {
        '@xmlns': 'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2',
        'cbc:ID': 'INV-9001',
        'cbc:Note': 'Filter < 10 mm & Söhne',
        'cbc:DocumentCurrencyCode': { '@listID': 'ISO4217', '#text': 'EUR' },
        'cac:InvoiceLine': [
          { 'cbc:InvoicedQuantity': { '@unitCode': 'C62', '#text': '60' }, 'cac:Item': { 'cbc:Name': '' } },
          { 'cbc:ID': '2' },
        ],
      },
    });
  });

  it('cXML: the DTD is named and not read; text beside elements and scattered elements keep their order', () => {
    const { id, value, problems, doctype } = decodeXml(order);
    expect(problems).toEqual([]);
    expect([id, doctype]).toEqual(['cXML', 'cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd"']);
    const { OrderRequestHeader, ItemOut } = (value as { cXML: { Request: { OrderRequest: Record<string, object> } } })
      .cXML.Request.OrderRequest;
    expect(OrderRequestHeader).toMatchObject({
      Comments: [{ '#text': 'Dock 4 only' }, { '@xml:lang': 'de' }],
      '#order': ['Total', 'Comments', 'Extrinsic', 'Comments'],
    });
    expect(ItemOut).toMatchObject({
      ItemDetail: {
        Description: {
          '#text': ['Filter 10 mm ', ' fine'],
          ShortName: 'Filter',
          '#order': ['#text', 'ShortName', '#text'],
        },
      },
    });
  });

  it.each([
    ['invoice-ubl21.xml', invoice],
    ['order-request-cxml.xml', order],
  ])('encode(decode(%s)) is the file', (_, bytes) => {
    const { value, doctype } = decodeXml(bytes);
    const encoded = encodeXml(value, { indent: '  ', ...(doctype !== undefined && { doctype }) });
    expect(encoded.problems).toEqual([]);
    expect(encoded.bytes.toString()).toBe(bytes.toString());
  });

  it('gives names the prefixes that were asked for', () => {
    const namespaces = { '': 'urn:a', b: 'urn:b' };
    const want = { Order: { 'b:ID': '1', 'c:Other': { '@xmlns:c': 'urn:c', '@b:x': '2', '@y': '3' } } };
    const text =
      '<n:Order xmlns:n="urn:a"><ID xmlns="urn:b">1</ID><c:Other xmlns:c="urn:c" xmlns:q="urn:b" q:x="2" y="3"/></n:Order>';
    expect(read(text, { namespaces })).toEqual(want);
    const { bytes, problems } = encodeXml(want, { namespaces });
    expect(problems).toEqual([]);
    expect(read(bytes.toString(), { namespaces })).toEqual(want);
  });

  it.each<[string, unknown]>([
    ['<a/>', ''],
    ['<a></a>', ''],
    ['<a> </a>', ' '],
    ['<a> <b/> </a>', { b: '' }],
    ['<a>&lt;&gt;&amp;&quot;&apos;&#228;&#xe4;</a>', '<>&"\'ää'],
    ['<a><![CDATA[<x>&]]></a>', { '#cdata': '<x>&' }],
    ['<a><!-- c --><b>1</b></a>', { '#comment': ' c ', b: '1' }],
    ['<a x="&lt;1&#10;"/>', { '@x': '<1\n' }],
    ['<a>007</a>', '007'],
    ['<a>true</a>', 'true'],
    ['<a><toString/><valueOf>x</valueOf></a>', { toString: '', valueOf: 'x' }],
  ])('%s', (text, want) => expect(read(text)).toEqual({ a: want }));

  it('encodings', () => {
    const named = (encoding: string, bytes: number[]) =>
      decodeXml(
        Buffer.concat([
          Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><a>`),
          Buffer.from(bytes),
          Buffer.from('</a>'),
        ]),
      );
    expect(named('ISO-8859-1', [0xe4]).value).toEqual({ a: 'ä' });
    expect(named('windows-1252', [0x80]).value).toEqual({ a: '€' });
    expect(named('UTF-8', [0xe4]).problems).toMatchObject([{ code: 'xml.Encoding' }]);
    expect(named('KLINGON', [0x61]).problems).toMatchObject([{ code: 'xml.Encoding' }]);
    expect(decodeXml(Buffer.from('\ufeff<a>ä</a>', 'utf16le')).value).toEqual({ a: 'ä' });
    expect(decodeXml(Buffer.from('\ufeff<a>ä</a>')).value).toEqual({ a: 'ä' });
  });

  it.each([
    ['Syntax', ''],
    ['Syntax', 'text'],
    ['Syntax', '<a>'],
    ['Syntax', '<a><b></a></b>'],
    ['Syntax', '<a/><b/>'],
    ['Syntax', '<a x="1" x="2"/>'],
    ['Syntax', '<a x=1/>'],
    ['Reference', '<a>&nbsp;</a>'],
    ['Syntax', '<a>a & b</a>'],
    ['Syntax', '<a><__proto__/></a>'],
    ['Reference', '<a x="&constructor;"/>'],
    ['Reference', '<a>&#0;</a>'],
    ['Doctype', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ['Doctype', '<!DOCTYPE a SYSTEM "x" [<!ENTITY % p SYSTEM "file:///etc/passwd">]><a/>'],
    ['Doctype', '<!DOCTYPE a'],
    ['TooDeep', '<a>'.repeat(101) + '</a>'.repeat(101)],
    ['TooLarge', `<a>${'x'.repeat(2000)}</a>`],
  ])('xml.%s: %s', (code, text) => {
    const { value, problems } = decode(text, { maxBytes: 1000 });
    expect(value).toBeUndefined();
    expect(problems.map((problem) => problem.code)).toEqual([`xml.${code}`]);
  });

  it('says the line', () => expect(decode('<a>\n<b>\n</a>').problems[0]!.place.line).toBe(3));

  it('any bytes and damaged files give values or problems', () => {
    const random = randomOf(7);
    for (let run = 0; run < 500; run++) {
      const { value, problems } = decodeXml(mutate([invoice, order][random(2)]!, random));
      expect(value !== undefined || problems.length > 0).toBe(true);
      if (value) encodeXml(value);
    }
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        (bytes) => void decodeXml(Buffer.concat([Buffer.from('<a>'), bytes])),
      ),
    );
  });

  it.each([
    ['tags without end', '<a '.repeat(3e5)],
    ['references', `<a>${'&amp;'.repeat(3e5)}</a>`],
    ['open brackets', '<'.repeat(1e6)],
    ['comments', `<!--${'-'.repeat(1e6)}`],
    ['attributes', `<a ${Array.from({ length: 2e4 }, (_, i) => `x${i}="1"`).join(' ')}/>`],
    ['a doctype without end', `<!DOCTYPE ${'"'.repeat(1e5)}`],
    ['elements', `<a>${'<b/>'.repeat(2e5)}</a>`],
  ])('%s: bounded', (_, text) => {
    const { user, system } = process.cpuUsage();
    decode(text);
    const after = process.cpuUsage();
    expect((after.user + after.system - user - system) / 1000).toBeLessThan(5000);
  });
});

describe('encodeXml', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab <>&"\'äé\n€]'), maxLength: 8 });
  const name = fc.constantFrom('a', 'b', 'c:d', 'E-1');
  const { element } = fc.letrec<{ element: unknown }>((tie) => ({
    element: fc.oneof(
      text,
      fc
        .tuple(
          fc.dictionary(
            name.map((each) => `@${each}`),
            text,
            { maxKeys: 2 },
          ),
          fc.uniqueArray(fc.tuple(name, tie('element')), { minLength: 1, maxLength: 3, selector: ([each]) => each }),
        )
        .map(([attributes, children]) => ({ ...attributes, ...Object.fromEntries(children) })),
    ),
  }));
  it('decode(encode(document)) = document', () => {
    fc.assert(
      fc.property(element, (root) => {
        for (const encoding of ['UTF-8', 'ISO-8859-1'] as const) {
          const { bytes, problems } = encodeXml({ root }, { encoding });
          expect(problems).toEqual([]);
          expect(decodeXml(bytes)).toMatchObject({ problems: [], value: { root } });
        }
      }),
    );
  });
  it.each<[string, string, number]>([
    ['\n <?xml version="1.0"?><a/>', 'LeadingBlank', 1],
    ['<a/>\n\n\0xyz', 'TrailingBytes', 3],
    ['<a>\n<b/><?do it?></a>', 'ProcessingInstruction', 2],
    ['<a>\n<b x="&one;"/>\n\n<b>&one;</b></a>', 'Reference Reference', 2],
    ['\n<?xml version="1.0"?>\n<a></b>', 'Syntax', 3],
    ['<!-- -->\n<!DOCTYPE a [<!ENTITY x "y">]><a/>', 'Doctype', 2],
  ])('says where: %j', (text, codes, line) => {
    const { problems } = decodeXml(Buffer.from(text));
    const found = problems.filter(({ code }) => code !== 'xml.LeadingBlank' || codes === 'LeadingBlank');
    expect(found.map(({ code }) => code.slice(4)).join(' ')).toBe(codes);
    expect(found[0]!.place.line).toBe(line);
    if (found.length > 1) expect(found[1]!.place.line).toBe(4);
  });
  it.each<[unknown, string]>([
    [7, ''],
    [{ a: 1, b: 2 }, ''],
    [{ 'a b': 1 }, '/a b'],
    [{ a: { '@<': 1 } }, '/a/@<'],
    [{ a: { b: [1, [2]] } }, '/a/b/1'],
    [{ a: '\u0001' }, '/a'],
  ])('says what it cannot write: %j', (value, path) => {
    expect(encodeXml(value).problems.map(({ place }) => place.path)).toEqual([path]);
  });
  it('writes an order that was asked for, and what it leaves out behind', () => {
    const { bytes } = encodeXml({ a: { b: [1, 2], c: true, '#order': ['b', 'c', 'b', 'x'], d: null, e: 0.5 } });
    expect(bytes.toString().slice(38)).toBe('<a><b>1</b><c>true</c><b>2</b><e>0.5</e></a>');
  });
});
