import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { render } from './render.ts';

const golden = (name: string): string => join(import.meta.dirname, '../../test/golden', name, 'in.yaml');

describe('crossdock render', () => {
  test('the same in YAML and in JSON, with names in the place of hashes', async () => {
    const yaml = await render(golden('partner-on-profile'), undefined, { output: 'yaml' });
    const json = await render(golden('partner-on-profile'), undefined, { output: 'json' });
    expect(parse(yaml.text)).toEqual(JSON.parse(json.text));
    expect(yaml.text).not.toMatch(/[0-9a-f]{32}/);
    expect(Object.keys(parse(yaml.text))).toEqual(
      expect.arrayContaining(['namespace', 'conditions', 'partners', 'mappings', 'topology']),
    );
  });
  test('--plan and --topology are parts of it', async () => {
    const of = async (options: object) =>
      Object.keys(parse((await render(golden('http-to-system'), undefined, { output: 'yaml', ...options })).text));
    expect(await of({ topology: true })).toEqual(['namespace', 'topology']);
    expect(await of({ plan: true })).not.toContain('topology');
    expect(await of({ plan: true })).not.toContain('conditions');
    expect(await of({ plan: true })).toContain('integrations');
  });
  test('one integration, with what it needs and nothing else', async () => {
    const { text, complaints } = await render(golden('events-and-reply'), 'posted', { output: 'yaml' });
    const shown = parse(text);
    expect(complaints).toEqual([]);
    expect(Object.keys(shown.integrations)).toEqual(['posted']);
    expect(Object.keys(shown.connectors)).toEqual(['files']);
    expect(Object.keys(shown.topology.queues)).toEqual(['posted:inbox', 'posted:out:archive']);
  });
  test('says what is broken and where, and shows the rest', async () => {
    const { text, complaints } = await render(golden('cascade'), undefined, { output: 'yaml' });
    expect(Object.keys(parse(text).integrations)).toEqual(['fine']);
    expect(complaints).toHaveLength(4);
    expect(complaints[0]).toMatch(
      /^in\.yaml:\d+:\d+ Error Integration\/order .*Mapping "order-to-850" is not accepted/,
    );
  });
  test('a name that is not there', async () => {
    const { text, complaints } = await render(golden('http-to-system'), 'ordr', { output: 'yaml' });
    expect(text).toBe('');
    expect(complaints).toEqual(['there is no Integration or Partner "ordr"; did you mean "order"?']);
  });
  test('queue arguments are for the version of the broker', async () => {
    const of = async (brokerVersion: string) =>
      parse((await render(golden('http-to-system'), undefined, { output: 'yaml', brokerVersion })).text).topology.queues
        .parked['x-delivery-limit'];
    expect([await of('3.10.8'), await of('4.0.5')]).toEqual([undefined, -1]);
  });
});
