import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import colors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { decodeEdifact } from '../runtime/formats/edifact/decode.ts';
import { decodeX12 } from '../runtime/formats/x12/decode.ts';
import { type InspectionJson, inspectX12, treeOf } from './edi.ts';
import { type Convertible, fromEdifact, fromX12, write } from './edi-convert.ts';

const file = (name: string) => join(import.meta.dirname, '../runtime/formats/x12/testdata', name);
function crossdock(args: string[], input?: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', join(import.meta.dirname, 'main.ts'), 'edi', ...args],
    { input, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}
const notice = readFileSync(file('notice-856.edi'), 'utf8');
const broken = notice.replace('SN1*1*60', 'SN1*1*6x').replace('LIN*1', 'ZZ*1~LIN*1').replace('IEA*1', 'IEA*2');

describe('crossdock edi inspect', () => {
  it('names segments and elements, children deeper than their parents', () => {
    const { status, stdout, stderr } = crossdock(['inspect', file('notice-856.edi')]);
    expect(status).toBe(0);
    expect(stderr).toBe('1 interchanges, 1 transactions: no problems\n');
    expect(stdout).toContain(
      'interchange 000001107 01:081940553 → ZZ:EXDIST Production 00401\n  group SH 1107 004010, 1 transactions\n    856 1107001 Ship Notice/Manifest\n',
    );
    expect(stdout).toContain(
      '\n          PRF Purchase Order Reference\n            PRF01 PO-1001  Purchase Order Number\n',
    );
    expect(stdout).toContain('\n              MAN02 00008194055300000011  Marks and Numbers\n');
    expect(stdout).toContain('\n                SN102 60  Number of Units Shipped\n');
    expect(stdout).toContain('\n      CTT Transaction Totals\n');
  });

  it('writes JSON', () => {
    const { status, stdout } = crossdock(['inspect', '-o', 'json', '-'], broken);
    const inspection = JSON.parse(stdout) as InspectionJson;
    expect(status).toBe(1);
    expect(inspection.format).toBe('X12');
    const [interchange] = inspection.interchanges;
    expect(interchange).toMatchObject({
      control: '000001107',
      groups: [{ functionalId: 'SH', control: '1107' }],
      transactions: [{ id: '856', control: '1107001' }],
    });
    expect(Object.keys(inspection)).toEqual(['format', 'interchanges', 'problems']);
    expect(Object.keys(interchange!)).toEqual(['control', 'groups', 'transactions']);
    const { segments, ...transaction } = interchange!.transactions[0]!;
    expect(transaction).toEqual({ id: '856', control: '1107001' });
    expect(segments.map(({ id }) => id).slice(0, 3)).toEqual(['ST', 'BSN', 'DTM']);
    expect(segments.at(-1)).toMatchObject({ id: 'SE', name: 'Transaction Set Trailer', elements: ['33', '1107001'] });
    const message = expect.any(String);
    expect(inspection.problems).toEqual([
      { code: 'x12.UnknownSegment', line: 1, segment: 24, element: null, message },
      { code: 'x12.InvalidNumber', line: 1, segment: 26, element: 2, message },
      { code: 'x12.SE01', line: 1, segment: 36, element: 1, message },
      { code: 'x12.IEA01', line: 1, segment: 38, element: 1, message },
    ]);
  });

  it('shows problems where they are, and nothing that moves a terminal', () => {
    const decoded = decodeX12(Buffer.from(broken.replace('Acme', 'Ac\u001b[31mme')), { keepSegments: true });
    const lines = treeOf(inspectX12(decoded), colors.createColors(false));
    expect(lines[lines.findIndex((line) => line.includes('SN106 EA')) + 1]).toBe(
      `${' '.repeat(16)}! SN102 Number of Units Shipped is no decimal number`,
    );
    expect(lines.join('\n')).not.toContain('\u001b');
  });

  it('shows EDIFACT with segments in words', () => {
    const edifact = join(import.meta.dirname, '../runtime/formats/edifact/testdata/orders-d96a.edi');
    const { status, stdout } = crossdock(['inspect', edifact]);
    expect(status).toBe(0);
    expect(stdout).toContain('interchange 412 14:4012345000009 → 14:4098765000005 Test UNOC:3\n');
    expect(stdout).toContain('  no group 2 transactions\n    ORDERS 1 Purchase Order Message\n');
    expect(stdout).toContain(
      '      DTM Date, Time or Period\n        DTM0101 137  Date/time/period qualifier\n        DTM0102 20261120  Date/time/period\n',
    );
    expect(stdout).toContain("          NAD0401 O'Brien & Sons  Party name\n");
  });

  it('shows XML as a tree of elements', () => {
    const xml = join(import.meta.dirname, '../runtime/formats/xml/testdata/invoice-ubl21.xml');
    const { status, stdout } = crossdock(['inspect', xml]);
    expect(status).toBe(0);
    expect(stdout).toContain('\n  cac:InvoiceLine\n    cbc:ID 1\n    cbc:InvoicedQuantity @unitCode C62  60\n');
    const json = crossdock(['inspect', '-o', 'json', xml]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      format: 'XML',
      interchanges: [{ control: '', transactions: [{ id: 'Invoice', control: '' }] }],
      problems: [],
    });
    expect(crossdock(['validate', '-'], '<a><b></a>')).toMatchObject({ status: 2 });
  });

  it('a file of another kind, one that is not there and a flag that is none are unreadable', () => {
    expect(crossdock(['inspect', '-'], '%PDF-1.7')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is not X12'),
    });
    expect(crossdock(['inspect', '/nowhere/x.edi'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('/nowhere/x.edi cannot be read'),
    });
    expect(crossdock(['inspect', '-o', 'xml', '-'], notice).status).toBe(2);
  });
});

describe('crossdock edi validate', () => {
  it('passes with warnings, and says them', () => {
    const { status, stdout } = crossdock(
      ['validate', '--envelope-errors', 'Warn', '-'],
      notice.replace('SE*33', 'SE*32').replace('LIN*1', 'ZZ*1~LIN*1'),
    );
    expect({ status, lines: stdout.split('\n') }).toEqual({
      status: 0,
      lines: [
        '-:1: segment 24 ZZ warning "ZZ" is no segment that is known x12.UnknownSegment',
        '-:1: segment 36 SE01 warning SE01 says "32" segments, counted 34 x12.SE01',
        '1 interchanges, 1 transactions: 0 errors, 2 warnings',
        '',
      ],
    });
  });
  it('fails with errors', () => {
    const { status, stdout } = crossdock(['validate', '-o', 'json', '-'], broken);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'X12', errors: 3, warnings: 1 });
  });
});

describe('crossdock edi convert', () => {
  const testdata = join(import.meta.dirname, '../runtime/formats');
  it.each([
    ['x12', 'x12/testdata/notice-856.edi'],
    ['edifact', 'edifact/testdata/desadv-d96a.edi'],
    ['xml', 'xml/testdata/order-request-cxml.xml'],
  ])('%s to JSON and back', (format, path) => {
    const bytes = readFileSync(join(testdata, path));
    const json = crossdock(['convert', join(testdata, path), '--to', 'json']);
    expect(json).toMatchObject({ status: 0, stderr: '' });
    const back = spawnSync(
      process.execPath,
      ['--no-warnings', join(import.meta.dirname, 'main.ts'), 'edi', 'convert', '--to', format, '-'],
      { input: json.stdout },
    );
    expect(back.stderr.toString()).toBe('');
    expect(back.stdout.toString('latin1')).toBe(bytes.toString('latin1'));
  });

  it.each([
    [
      'X12 of a partner with elements, groups and conventions of its own',
      [
        'ISA*03*SW417     *01*SECRET    *ZZ*UP             *ZZ*COMPANY        *261214*1400*X*00403*398161180*1*I*>~',
        'GS*OW*UP*COMPANY*20261211*093012*17*T*004010~ST*940*0001~W05*N*1~N1*WH*Unlimited~LX*1~W01*1*CA~SE*6*0001~GE*1*17~',
        'GS*OW*UP*OTHER*20261214*1400*21*X*004030~ST*940*0001~W05*N*2~N1*WH*Unlimited~LX*1~W01*1*CA~SE*6*0001~GE*1*21~',
        'GS*IM*UP*OTHER*20261214*1400*0022*X*004030~ST*210*0002*004030X1~B3**1*2*PP~SE*3*0002~GE*1*0022~IEA*3*398161180~',
      ].join(''),
    ],
    [
      'EDIFACT with groups and more in its UNB',
      [
        "UNB+IATB:3+5400110000009:14:DEPT+5013546107732:14+010502:1237+27+PASS:AA+ORDERS+A+1+EANCOM'",
        "UNG+ORDERS+5400110000009:14+5013546107732:14+010502:1237+1+UN+D:96A:EAN008'",
        "UNH+1+ORDERS:D:96A:UN:EAN008+ACCESS'BGM+220+1'DTM+137:20010502:102'UNS+S'UNT+5+1'UNE+1+1'",
        "UNG+PRICAT+5400110000009:14+5013546107732:14+010502:1237+2+UN+D:96A'",
        "UNH+2+PRICAT:D:96A:UN++1:C'BGM+9+1'UNT+3+2'UNE+1+2'UNZ+2+27'",
      ].join(''),
    ],
  ])('%s comes back as it was', (_, text) => {
    const converted = text.startsWith('ISA')
      ? fromX12(decodeX12(Buffer.from(text)))
      : fromEdifact(decodeEdifact(Buffer.from(text)));
    const back = write(JSON.parse(JSON.stringify(converted)) as Convertible);
    expect(back.problems.filter(({ severity }) => severity === 'Error')).toEqual([]);
    expect(back.bytes.toString().replaceAll('\n', '')).toBe(text);
  });

  it('says what it cannot do', () => {
    expect(crossdock(['convert', '--to', 'edifact', '-'], notice)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is X12: what it means in edifact is for a Mapping to say'),
    });
    expect(crossdock(['convert', '--to', 'x12', '-'], '{"format": "X12"}')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('not of the form'),
    });
    expect(crossdock(['convert', '--to', 'json', '-'], broken)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('error SN102'),
    });
  });
});
