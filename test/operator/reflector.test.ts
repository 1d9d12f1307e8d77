/** The reflector before a real API server, with faults in between (pitfalls 1 to 7, 9, 11). */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Change, Reflector, type ReflectorTiming } from '../../operator/kube/reflector.ts';
import { CONFIG_MAPS, type ConfigMap } from '../../operator/kube/types.ts';
import { type ControlPlane, sharedControlPlane, type TestNamespace } from '../support/control-plane.ts';
import { type Fault, type FaultProxy, faultProxy } from './fault-proxy.ts';
import { until } from './poll.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await sharedControlPlane();
});

const FAST: Partial<ReflectorTiming> = { backoffMs: 30, backoffMaxMs: 400, healthyMs: 300, graceMs: 500 };
let namespace: TestNamespace;
let proxy: FaultProxy;
let changes: Change<ConfigMap>[];
let restarts: string[];
let reflector: Reflector<ConfigMap>;
const selector = () => ({ namespace: namespace.name, labelSelector: 'seen=yes' });

beforeEach(async () => {
  namespace = await plane.testNamespace();
  proxy = await faultProxy(plane);
  changes = [];
  restarts = [];
});
afterEach(async () => {
  await reflector?.stop();
  await proxy[Symbol.asyncDispose]();
  await namespace.remove();
});
afterAll(() => {});

const reflect = (timing: Partial<ReflectorTiming> = {}, onChange?: (change: Change<ConfigMap>) => void) => {
  reflector = new Reflector<ConfigMap>({
    client: proxy.client({ deadlineMs: 1_000 }),
    type: CONFIG_MAPS,
    selector: selector(),
    onChange: onChange ?? ((change) => void changes.push(change)),
    onRestart: (_plural, why) => void restarts.push(why),
    timing: { ...FAST, ...timing },
  });
  return reflector;
};
const where = () => `/api/v1/namespaces/${namespace.name}/configmaps`;
const put = (name: string, value = '1') =>
  plane.request('POST', where(), { body: { metadata: { name, labels: { seen: 'yes' } }, data: { value } } });
const remove = (name: string) => plane.request('DELETE', `${where()}/${name}`);
const names = () =>
  reflector
    .all()
    .map(({ metadata }) => metadata.name)
    .sort();
const holds = (...expected: string[]) =>
  until(`the cache holds ${expected}`, () => names().join() === expected.sort().join());
const watches = () => proxy.seen.filter(({ watch }) => watch);
const onWatch = (fault: Fault) => (seen: { watch: boolean }) => (seen.watch ? fault : undefined);
const onList = (fault: Fault) => (seen: { watch: boolean }) => (seen.watch ? undefined : fault);

test('lists, then watches with bookmarks and a timeout, from the version of the list', async () => {
  await put('a');
  await reflect().start();
  expect(reflector.synced).toBe(true);
  await until('a watch', () => watches().length === 1);
  const { query } = watches()[0]!;
  expect(query.get('allowWatchBookmarks')).toBe('true');
  expect(Number(query.get('timeoutSeconds'))).toBeGreaterThan(0);
  expect(Number(query.get('resourceVersion'))).toBeGreaterThan(0);
  await put('b');
  await holds('a', 'b');
  await plane.request('PATCH', `${where()}/a`, {
    body: { data: { value: '2' } },
    contentType: 'application/merge-patch+json',
  });
  await until('a changed', () => reflector.get(namespace.name, 'a')?.data?.value === '2');
  await remove('b');
  await holds('a');
  expect(changes.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
    'Added a',
    'Added b',
    'Modified a',
    'Deleted b',
  ]);
});

test('a watch that goes silent is found dead and made anew (1)', async () => {
  proxy.fault = onWatch('black-hole');
  await reflect({ watchMs: 1_000, graceMs: 200 }).start();
  await put('unseen');
  await until('the watch was given up', () => watches().length >= 2, 6_000);
  expect(restarts).toContain('Unavailable');
  await holds('unseen');
});

test.each<[string, Fault]>([
  ['reset before the answer', 'reset'],
  ['reset after the head', 'reset-after-head'],
  ['hang', 'hang'],
  ['403', { answer: 403 }],
  ['429', { answer: 429 }],
  ['500', { answer: 500 }],
  ['410', { answer: 410 }],
  ['a line that is no JSON event', { lines: ['?'] }],
])('a watch that fails by %s does not end it (2)', async (_name, fault) => {
  await reflect({ watchMs: 1_000 }).start();
  proxy.fault = onWatch(fault);
  proxy.resetAll();
  const before = watches().length;
  await until('two more attempts', () => watches().length >= before + 2);
  await put('during');
  proxy.fault = () => undefined;
  proxy.resetAll();
  await holds('during');
  await put('after');
  await holds('during', 'after');
});

test.each<[string, Fault]>([
  ['reset', 'reset'],
  ['hang', 'hang'],
  ['403', { answer: 403 }],
  ['429', { answer: 429, headers: { 'retry-after': '0' } }],
  ['500', { answer: 500 }],
])('a list that fails by %s is tried again, and it is not synced before (3)', async (_name, fault) => {
  await put('a');
  proxy.fault = onList(fault);
  const started = reflect().start();
  await until('two lists', () => proxy.seen.length >= 2);
  expect(reflector.synced).toBe(false);
  proxy.fault = () => undefined;
  proxy.resetAll();
  await started;
  expect(names()).toEqual(['a']);
});

test('429 is waited out as long as the server says', async () => {
  proxy.fault = onList({ answer: 429, headers: { 'retry-after': '1' } });
  const started = reflect().start();
  await until('the first list', () => proxy.seen.length === 1);
  const at = performance.now();
  await until('the second', () => proxy.seen.length === 2);
  expect(performance.now() - at).toBeGreaterThan(800);
  proxy.fault = () => undefined;
  await started;
});

test('a server that closes each watch at once is not asked in a hot loop (4)', async () => {
  proxy.fault = onWatch('close');
  await reflect({ backoffMs: 100, backoffMaxMs: 30_000 }).start();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const asked = watches().length;
  expect(asked).toBeGreaterThanOrEqual(3);
  expect(asked).toBeLessThanOrEqual(6);
  expect(restarts).toContain('ClosedEarly');
});

test.each([
  ['410 Expired', { code: 410, reason: 'Expired' }],
  ['500', { code: 500, reason: 'InternalError' }],
  ['429', { code: 429, reason: 'TooManyRequests' }],
  ['none', {}],
])('an ERROR event %s makes it list again (5)', async (_name, object) => {
  await reflect().start();
  let injected = false;
  proxy.fault = ({ watch }) => {
    if (!watch || injected) return undefined;
    injected = true;
    return { lines: [{ type: 'ERROR', object: { kind: 'Status', ...object } }] };
  };
  const lists = () => proxy.seen.filter(({ watch }) => !watch).length;
  const before = lists();
  proxy.resetAll();
  await until('another list', () => injected && lists() > before);
  await put('after');
  await holds('after');
});

test('deleted and recreated during a gap is a deletion and an addition, not an update (6)', async () => {
  await put('a', 'old');
  await reflect().start();
  const old = reflector.get(namespace.name, 'a')!.metadata.uid;
  proxy.fault = () => 'reset';
  proxy.resetAll();
  await remove('a');
  await put('a', 'new');
  proxy.fault = () => undefined;
  await until('the new one', () => reflector.get(namespace.name, 'a')?.data?.value === 'new');
  expect(changes.map(({ type, object }) => [type, object.metadata.uid === old])).toEqual([
    ['Added', true],
    ['Deleted', true],
    ['Added', false],
  ]);
});

test('a handler that throws changes nothing (7)', async () => {
  await reflect({}, () => {
    throw new Error('handler');
  }).start();
  await put('a');
  await holds('a');
  await put('b');
  await holds('a', 'b');
  expect(restarts).toContain('HandlerThrew');
});

test('what the watch never delivers, the next full list shows (11)', async () => {
  await put('goes');
  // Every watch is open and silent: 100 % of the events are dropped.
  proxy.fault = onWatch('black-hole');
  await reflect({ relistMs: 1_500, watchMs: 60_000, graceMs: 60_000 }).start();
  await until('a watch', () => watches().length === 1);
  await remove('goes');
  await put('comes');
  await holds('comes');
  expect(changes.map(({ type, object }) => `${type} ${object.metadata.name}`).sort()).toEqual([
    'Added comes',
    'Added goes',
    'Deleted goes',
  ]);
});

test('hundreds of reconnects do not collect connections (9)', async () => {
  proxy.fault = onWatch('close');
  await reflect({ backoffMs: 1, backoffMaxMs: 2 }).start();
  await until('300 watches', () => watches().length >= 300, 20_000);
  expect(proxy.connections().open).toBeLessThanOrEqual(3);
});

test('a quiet watch ends by its own timeout and goes on without another list', async () => {
  await reflect({ watchMs: 1_000, healthyMs: 300 }).start();
  await until('three watches', () => watches().length >= 3, 10_000);
  expect(proxy.seen.filter(({ watch }) => !watch)).toHaveLength(1);
  await put('a');
  await holds('a');
});
