import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linksOf } from './links.ts';

const ERP = {
  connector: 'erp',
  name: 'ERP',
  keyName: 'purchaseOrder',
  url: 'https://erp.example.com/po/{value}?tab=1',
};
const urls = (url: string, value: string) =>
  linksOf([{ ...ERP, url }], [{ name: 'purchaseOrder', value }]).map((link) => link.url);

test('a key is filled in where its name fits, encoded; of several each by its value', () => {
  const keys = [
    { name: 'purchaseOrder', value: 'PO/1 & 2' },
    { name: 'shipment', value: 'S-1' },
  ];
  expect(linksOf([ERP], keys)).toEqual([{ name: 'ERP', url: 'https://erp.example.com/po/PO%2F1%20%26%202?tab=1' }]);
  const two = [...keys, { name: 'purchaseOrder', value: 'PO-2' }];
  expect(linksOf([ERP], two).map(({ name }) => name)).toEqual(['ERP: PO/1 & 2', 'ERP: PO-2']);
  expect(linksOf(undefined, keys)).toEqual([]);
});

test.each(['.', '..', '\ud800'])('%j, which no address can hold, is no link', (value) => {
  expect(urls(ERP.url, value)).toEqual([]);
});

test.each(['javascript:alert("{value}")', 'data:text/html,{value}', 'https://{value}.example.com/', 'ftp://x/{value}'])(
  'a template that was not checked leads nowhere: %s',
  (url) => {
    expect(urls(url, 'evil')).toEqual([]);
  },
);

test('no value leads to another place, or writes more than a step of the path', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      for (const url of urls('https://erp.example.com/po/{value}', value)) {
        const { origin, pathname, search, hash } = new URL(url);
        expect({ origin, search, hash }).toEqual({ origin: 'https://erp.example.com', search: '', hash: '' });
        expect(pathname.split('/')).toHaveLength(3);
      }
    }),
  );
});
