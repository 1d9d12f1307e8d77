import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONDITIONS, isLegal, setCondition } from '../../crds/conditions.ts';
import { API_VERSION, KINDS, NAMES } from '../../crds/generated/schemas.ts';
import type { Condition, Integration, Kind, Partner, Resource, Status } from '../../crds/generated/types.ts';
import { readManifests } from '../../crds/generator/manifest.ts';
import { type Api, apiWithManifests, INVALID } from './api.ts';

const manifests = readManifests(new URL('../../crds/manifests/', import.meta.url));
const NOW = '2026-11-24T06:00:00Z';

let api: Api;
beforeAll(async () => {
  api = await apiWithManifests();
});
afterAll(() => api?.namespace.remove());

const kubectl = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await api.plane.kubectl(['--namespace', api.namespace.name, ...args]);
  expect(`${stderr} ${code}`).toBe(' 0');
  return stdout;
};
const integration: Integration = {
  apiVersion: API_VERSION,
  kind: 'Integration',
  metadata: { name: 'receipt' },
  spec: {
    source: { http: { path: '/receipts' }, documentTypeRef: { name: 'receipt-v1' } },
    destinations: [{ name: 'erp', system: { connectorRef: { name: 'erp' } } }],
  },
};
const partner: Partner = {
  apiVersion: API_VERSION,
  kind: 'Partner',
  metadata: { name: 'acme-supplies' },
  spec: {
    profileRef: { name: 'x12-mailbox' },
    identifiers: [{ scheme: 'X12', qualifier: 'ZZ', value: 'ACME' }],
    channel: { connectorRef: { name: 'acme-mailbox' } },
  },
};

async function createWithStatus(resource: Resource, status: Resource['status']): Promise<void> {
  expect(await api.create(resource)).toEqual({ accepted: true, message: '' });
  const path = `/apis/${API_VERSION}/namespaces/${api.namespace.name}/${NAMES[resource.kind].plural}/${resource.metadata.name}/status`;
  const answer = await api.plane.request('PATCH', `${path}?fieldValidation=Strict`, {
    body: { status },
    contentType: 'application/merge-patch+json',
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
}
const ready: Condition[] = setCondition(
  undefined,
  {
    type: 'Ready',
    status: 'False',
    reason: 'MappingTestsFailed',
    message: 'Test "one order" of Mapping receipt-to-erp.',
  },
  NOW,
  1,
);

test('every kind is established with its names, structural, and served', async () => {
  interface Crd {
    metadata: { name: string };
    status: { conditions: { type: string; status: string }[]; acceptedNames: { kind: string; shortNames: string[] } };
  }
  const { items } = JSON.parse(await kubectl('get', 'crd', '-o', 'json')) as { items: Crd[] };
  const ours = items.filter(({ metadata }) => metadata.name.endsWith('.crossdock.dev'));
  expect(ours.map(({ status }) => status.acceptedNames.kind).sort()).toEqual([...KINDS].sort());
  for (const { status } of ours) {
    const conditions = Object.fromEntries(status.conditions.map(({ type, status }) => [type, status]));
    expect(conditions).toEqual({ NamesAccepted: 'True', Established: 'True' });
    const kind = status.acceptedNames.kind as Kind;
    expect(status.acceptedNames.shortNames).toEqual(NAMES[kind].shortNames);
  }
});

test.for(manifests)('kubectl explain $plural tells what it is and what its fields are', async ({ plural, schema }) => {
  const flat = (text: string): string => text.replace(/\s+/g, ' ');
  const said = flat(await kubectl('explain', plural));
  expect(said).toContain(flat(schema.description as string));
  const spec = flat(await kubectl('explain', `${plural}.spec`));
  for (const { description } of Object.values(schema.properties?.spec?.properties ?? {}))
    expect(spec).toContain(flat(description as string).slice(0, 60));
});

test('deep fields are explained as well', async () => {
  expect(await kubectl('explain', 'intg.spec.destinations.outcomes.after')).toContain('retry ladder');
});

test('kubectl get shows what is stable', async () => {
  await createWithStatus(integration, {
    observedGeneration: 1,
    conditions: ready,
    summary: { state: 'Running', source: 'http /receipts', destinations: 'erp' },
    plan: { hash: '0123456789abcdef', generation: 1 },
  });
  await createWithStatus(partner, { conditions: ready, usage: 'Production', channel: 'acme-mailbox' });
  const table = async (kind: string): Promise<string[][]> =>
    (await kubectl('get', kind))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
  const [head, row] = await table('intg');
  expect(head).toEqual(['NAME', 'READY', 'REASON', 'STATE', 'SOURCE', 'DESTINATIONS', 'AGE']);
  expect(row?.slice(0, 6)).toEqual(['receipt', 'False', 'MappingTestsFailed', 'Running', 'http /receipts', 'erp']);
  const [partnerHead, partnerRow] = await table('ptn');
  expect(partnerHead).toEqual(['NAME', 'READY', 'REASON', 'USAGE', 'PROFILE', 'CHANNEL', 'AGE']);
  expect(partnerRow?.slice(1, 6)).toEqual(['False', 'MappingTestsFailed', 'Production', 'x12-mailbox', 'acme-mailbox']);
  const all = await kubectl('get', 'crossdock', '-o', 'name');
  expect(all.trim().split('\n')).toEqual(['integration.crossdock.dev/receipt', 'partner.crossdock.dev/acme-supplies']);
});

test('every kind has READY and REASON', () => {
  for (const { columns } of manifests) expect(columns.slice(0, 2).map(({ name }) => name)).toEqual(['Ready', 'Reason']);
});

test('the status takes every declared condition and reason, and its writes do not touch the spec', async () => {
  let list: Condition[] = [];
  for (const [type, { reasons }] of Object.entries(CONDITIONS))
    for (const [status, all] of Object.entries(reasons))
      for (const reason of Object.keys(all)) {
        const verdict = { type, status: status as Condition['status'], reason, message: 'x'.repeat(5000) };
        expect(isLegal(verdict)).toBe(true);
        list = setCondition(list, verdict, NOW, 1);
      }
  const hold: Resource = {
    apiVersion: API_VERSION,
    kind: 'Hold',
    metadata: { name: 'erp-down' },
    spec: { targetRef: { kind: 'Connector', name: 'erp' }, reason: 'maintenance', until: NOW },
  };
  await createWithStatus(hold, { conditions: list } satisfies Status);
  const stored = JSON.parse(await kubectl('get', 'hld', 'erp-down', '-o', 'json')) as Resource;
  expect(stored.spec).toEqual(hold.spec);
  expect(stored.metadata.generation).toBe(1);
  expect(stored.status?.conditions).toEqual(list);
});

test('kubectl reads YAML as the loader does: a YAML 1.1 key becomes another key', async () => {
  const { code, stderr } = await api.plane.kubectl([
    ...['create', '--dry-run=server', '--namespace', api.namespace.name],
    ...['-f', join(INVALID, 'yaml-1-1-key.yaml')],
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain('unknown field "spec.destinations[0].true"');
});
