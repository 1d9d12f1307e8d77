/** Random Worlds and edits of them, for property tests. */
import fc from 'fast-check';
import type { Kind, Resource } from '../../crds/generated/types.ts';
import type { World } from '../../operator/translate/translation.ts';

/** Few names, so that what is drawn meets: references hit, dangle, conflict and come back. */
const name = fc.constantFrom('a', 'b', 'c');
const ref = name.map((one) => ({ name: one }));
const expression = fc.constantFrom('number', '{"a": number}', '$reference("a", number).x', '$reference("b", x)', 'a +');
const secretKeyRef = fc.record({ name, key: fc.constantFrom('k', 'l') });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const identifier = fc.oneof(
  fc.record({ scheme: fc.constant('X12'), qualifier: fc.constant('ZZ'), value: fc.constantFrom('1', '2', '3', '4') }),
  fc.record({ scheme: fc.constant('System'), system: fc.constant('erp'), value: fc.constantFrom('1', '2', '3') }),
);
const terms = fc.record(
  {
    documentTypeRef: ref,
    direction: fc.constantFrom('Inbound', 'Outbound'),
    x12: fc.constant({ transaction: '850' }),
    edifact: fc.constant({ message: 'ORDERS' }),
    json: fc.constantFrom({}, { documentTypeRef: { name: 'b' } }),
    mappingRef: ref,
  },
  { requiredKeys: ['documentTypeRef'] },
);
const allowedNamespaces = maybe(
  fc.constantFrom({ from: 'All' }, { from: 'Same' }, { from: 'Selector', selector: { matchLabels: { team: 'x' } } }),
);
const destination = fc.oneof(
  fc.record({
    name,
    when: maybe(expression),
    mappingRef: maybe(ref),
    system: fc.record({ connectorRef: ref }),
    reply: maybe(fc.record({ documentTypeRef: ref })),
  }),
  fc.record({ name, partner: fc.constant({ identifier: { scheme: 'System', system: 'erp' }, expression: 'x' }) }),
);
const specs: { [K in Kind]: fc.Arbitrary<unknown> } = {
  Broker: fc.record({ connection: fc.record({ secretRef: ref }) }),
  Organization: fc.record({ identifiers: fc.array(identifier, { maxLength: 2 }) }),
  PartnerProfile: fc.record({ documents: fc.array(terms, { maxLength: 2 }), allowedNamespaces }),
  Partner: fc.record({
    profileRef: maybe(fc.oneof(ref, fc.constant({ name: 'a', namespace: 'shared' }))),
    identifiers: fc.array(identifier, { minLength: 1, maxLength: 2 }),
    documents: maybe(fc.array(terms, { maxLength: 2 })),
    credentials: maybe(fc.array(fc.record({ apiKey: fc.record({ secretKeyRef }) }), { maxLength: 1 })),
    channel: maybe(fc.record({ connectorRef: ref })),
  }),
  Connector: fc.oneof(
    fc.record({
      http: fc.record({
        url: fc.constantFrom('https://a.example.com', 'nope'),
        auth: maybe(fc.record({ bearer: fc.record({ secretKeyRef }) })),
      }),
    }),
    fc.record({ directory: fc.record({ inbound: maybe(fc.constant('/in')), outbound: maybe(fc.constant('/out')) }) }),
    fc.record({
      sftp: fc.record({
        host: fc.constant('a.example.com'),
        secretRef: ref,
        hostKeys: fc.constantFrom([], ['ssh-ed25519 AAAA']),
        inbound: maybe(fc.constant('/in')),
        outbound: maybe(fc.constant('/out')),
      }),
    }),
  ),
  DocumentType: fc.record({
    name: fc.constantFrom('x', 'y', 'z'),
    version: fc.constantFrom(1, 2),
    json: fc.oneof(
      fc.constant({ schema: { type: 'object' } }),
      fc.record({ configMapKeyRef: fc.record({ name, key: fc.constantFrom('k', 'l') }) }),
    ),
    keys: maybe(fc.array(fc.record({ name, expression }), { maxLength: 1 })),
    allowedNamespaces,
  }),
  ReferenceTable: fc.oneof(
    fc.record({
      key: fc.constant(['x']),
      inline: fc.record({ rows: fc.array(fc.record({ x: fc.nat(3) }), { maxLength: 2 }) }),
    }),
    fc.record({ key: fc.constant(['x']), file: fc.record({ path: fc.constantFrom('one.csv', 'two.csv') }) }),
  ),
  Mapping: fc.record({
    from: fc.oneof(fc.record({ documentTypeRef: ref }), fc.constant({ x12: { transaction: '850' } })),
    to: fc.record({ documentTypeRef: ref }),
    expression,
    allowedNamespaces,
  }),
  Integration: fc.record({
    source: fc.oneof(
      fc.record({
        http: fc.record({ path: fc.constantFrom('/a', '/b', '/b/') }),
        documentTypeRef: ref,
        mappingRef: maybe(ref),
      }),
      fc.record({ connector: fc.record({ connectorRef: ref }), documentTypeRef: ref }),
      fc.record({ partners: fc.record({ documentTypeRefs: fc.array(ref, { minLength: 1, maxLength: 2 }) }) }),
      fc.record({ events: fc.record({ documentTypeRefs: fc.array(ref, { minLength: 1, maxLength: 2 }) }) }),
    ),
    destinations: fc.array(destination, { minLength: 1, maxLength: 2 }),
    state: maybe(fc.constantFrom('Running', 'Stopped')),
    ordering: maybe(fc.constantFrom({ keyExpression: 'number' }, { keyExpression: 'a +' })),
    runtimePoolRef: maybe(ref),
  }),
  BusinessProcess: fc.record({
    keyName: name,
    documents: fc.array(
      fc.record(
        {
          documentTypeRef: ref,
          role: fc.constantFrom('Order', 'Fact', 'Return'),
          against: ref,
          lines: fc.constant('/lines'),
          key: fc.constant(['number', 'line']),
          quantity: fc.constant('quantity'),
        },
        { requiredKeys: ['documentTypeRef'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
    milestones: fc.array(
      fc.record(
        {
          name,
          documentTypeRef: ref,
          delivered: fc.record({ integrationRef: ref, destination: name }),
          match: name,
          scope: fc.constantFrom('Order', 'Line'),
          after: fc.array(name, { maxLength: 1 }),
        },
        { requiredKeys: ['name'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    matches: maybe(fc.array(fc.record({ name, compare: fc.record({ ordered: fc.record({ documentTypeRef: ref }) }) }))),
    unitsRef: maybe(ref),
  }),
  RuntimePool: fc.record({
    replicas: maybe(fc.integer({ min: 0, max: 3 })),
    autoscaling: maybe(fc.record({ minReplicas: fc.integer({ min: 1, max: 5 }), maxReplicas: fc.constant(3) })),
  }),
  SLAPolicy: fc.record({
    businessProcessRef: ref,
    partnerSelector: maybe(fc.constant({ matchLabels: { team: 'x' } })),
    objectives: fc.array(
      fc.oneof(
        fc.record({
          name: fc.constant('In'),
          from: name,
          to: name,
          within: fc.constant('1h'),
          clock: fc.constant('WorkingTime'),
        }),
        fc.record({
          name: fc.constant('Be'),
          to: name,
          before: fc.record({ documentTypeRef: ref, field: fc.constant('/at') }),
        }),
      ),
      { minLength: 1, maxLength: 2 },
    ),
    notify: maybe(fc.array(fc.record({ connectorRef: ref }), { maxLength: 1 })),
  }),
  Replay: fc.record({
    reason: fc.constant('why'),
    requestedBy: fc.constant('kim'),
    selector: fc.oneof(
      fc.record({ integration: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ partner: fc.constantFrom('a', 'b', 'c'), deadLetters: fc.constant({}) }),
      fc.record({ mappingVersion: fc.record({ name: fc.constantFrom('a', 'b', 'c') }) }),
    ),
  }),
  Hold: fc.record({
    targetRef: fc.record({ kind: fc.constantFrom('Partner', 'Integration'), name }),
    reason: fc.constant('x'),
  }),
};
export const resource: fc.Arbitrary<Resource> = fc
  .constantFrom(...(Object.keys(specs) as Kind[]))
  .chain((kind) =>
    fc.record({
      apiVersion: fc.constant('crossdock.dev/v1alpha1'),
      kind: fc.constant(kind),
      metadata: fc.record({
        name,
        generation: fc.constantFrom(1, 2),
        namespace: fc.constantFrom(undefined, undefined, 'shared'),
      }),
      spec: specs[kind],
    }),
  )
  // As YAML and the API give it: no fields that are there without a value.
  .map((one) => JSON.parse(JSON.stringify(one)) as Resource);

export type Edit = (world: World) => World;
export const keyOf = ({ kind, metadata }: Resource): string => `${kind}/${metadata.namespace}/${metadata.name}`;
const replaced = (world: World, one: Resource): World => ({
  ...world,
  resources: [...world.resources.filter((other) => keyOf(other) !== keyOf(one)), one],
});
const of = (kind: Kind, name: string, spec: unknown, namespace?: string): Resource =>
  ({
    apiVersion: 'crossdock.dev/v1alpha1',
    kind,
    metadata: { name, ...(namespace && { namespace }) },
    spec,
  }) as unknown as Resource;
const system = { connectorRef: { name: 'd' } };
/** Reads a type from partners or from our own systems: the directions of JSON terms hang on it. */
const reader = (way: 'partners' | 'events'): Resource =>
  of('Integration', 'reader', {
    source: { [way]: { documentTypeRefs: [{ name: 'd' }] } },
    destinations: [{ name: 'x', system }],
  });
const replying = (name: string, type: string, reply: string): Resource =>
  of('Integration', name, {
    source: { events: { documentTypeRefs: [{ name: type }] } },
    destinations: [{ name: 'x', system, reply: { documentTypeRef: { name: reply } } }],
  });
/** Hangs on all resources at once or on other namespaces; random edits, whose names are a, b and c, do not replace it. */
const steady: Resource[] = [
  ...['d', 'e'].map((name) =>
    of('DocumentType', name, { name: `type-${name}`, version: 1, json: { schema: { type: 'object' } } }),
  ),
  of('Connector', 'd', { http: { url: 'https://d.example.com' } }),
  of('Partner', 'json', {
    identifiers: [{ scheme: 'GLN', value: '1' }],
    documents: [{ documentTypeRef: { name: 'd' }, json: {} }],
  }),
  of('Partner', 'guest', {
    identifiers: [{ scheme: 'GLN', value: '2' }],
    profileRef: { name: 'guests', namespace: 'shared' },
  }),
  of(
    'PartnerProfile',
    'guests',
    { allowedNamespaces: { from: 'Selector', selector: { matchLabels: { team: 'x' } } } },
    'shared',
  ),
  of('Integration', 'dangling', {
    source: { http: { path: '/dangling' }, documentTypeRef: { name: 'aa' } },
    destinations: [{ name: 'x', system: { connectorRef: { name: 'bb' } } }],
  }),
  reader('partners'),
  replying('echo', 'd', 'e'),
  replying('answer', 'e', 'a'),
];
/** The second reader changes directions of a partner; the second answer closes a circle with `echo`. */
const turns = [reader('partners'), reader('events'), replying('answer', 'e', 'a'), replying('answer', 'e', 'd')];

export const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(...turns).map(
      (one): Edit =>
        (world) =>
          replaced(world, one),
    ),
  },
  {
    weight: 8,
    arbitrary: resource.map(
      (one): Edit =>
        (world) =>
          replaced(world, one),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.nat().map(
      (n): Edit =>
        (world) => ({ ...world, resources: world.resources.filter((_, i) => i !== n % (world.resources.length || 1)) }),
    ),
  },
  // A reload: everything is parsed anew, nothing is different.
  { weight: 1, arbitrary: fc.constant<Edit>((world) => structuredClone(world)) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        name,
        keys: fc.subarray(['k', 'l', 'uri', 'managementUri']),
        use: fc.option(fc.record({ hosts: fc.subarray(['*', 'erp.example.com']) })),
      })
      .map(
        ({ name: secret, keys, use }): Edit =>
          (world) => ({
            ...world,
            secrets: { ...world.secrets, [secret]: { keys, version: '1', ...(use && { use }) } },
          }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ name, text: fc.constantFrom('{"type": "object"}', '{', '{"type": "string"}') }).map(
      (one): Edit =>
        (world) => ({ ...world, configMaps: { ...world.configMaps, [one.name]: { k: one.text } } }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x\n1\n', 'x\n1\n1\n').map(
      (text): Edit =>
        (world) => ({ ...world, files: { 'one.csv': text } }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 2).map(
      (n): Edit =>
        (world) => ({ ...world, generations: { 'a:inbox': n }, draining: { 'a:inbox': [1] } }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x', 'y').map(
      (team): Edit =>
        (world) => ({ ...world, namespaceLabels: { default: { team } } }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('3.10.8', '4.0.5').map(
      (brokerVersion): Edit =>
        (world) => ({ ...world, brokerVersion }),
    ),
  },
);
export const start: World = {
  namespace: 'default',
  resources: [],
  secrets: { a: { keys: ['k'], version: '1', use: { hosts: ['*'] } } },
  configMaps: {},
};

/** A World in which all is well, for the edits to spoil and mend. */
export const sound: Resource[] = JSON.parse(
  JSON.stringify([
    ...steady,
    {
      kind: 'Organization',
      metadata: { name: 'a' },
      spec: { identifiers: [{ scheme: 'X12', qualifier: 'ZZ', value: '0' }] },
    },
    ...['a', 'b', 'c'].flatMap((one, i) => [
      {
        kind: 'DocumentType',
        metadata: { name: one },
        spec: { name: `type-${one}`, version: 1, json: { schema: { type: 'object' } } },
      },
      { kind: 'Connector', metadata: { name: one }, spec: { directory: { inbound: `/in/${one}`, outbound: '/out' } } },
      { kind: 'ReferenceTable', metadata: { name: one }, spec: { key: ['x'], inline: { rows: [{ x: one }] } } },
      {
        kind: 'Mapping',
        metadata: { name: one },
        spec: {
          from: { documentTypeRef: { name: one } },
          to: { x12: { transaction: '850' } },
          expression: `$reference("${one}", number)`,
        },
      },
      {
        kind: 'Partner',
        metadata: { name: one },
        spec: {
          profileRef: { name: i === 0 ? 'a' : 'b' },
          identifiers: [{ scheme: 'X12', qualifier: 'ZZ', value: `${i + 1}` }],
          channel: { connectorRef: { name: one } },
        },
      },
      {
        kind: 'Integration',
        metadata: { name: one },
        spec: {
          source: { events: { documentTypeRefs: [{ name: one }] } },
          destinations: [
            { name: 'a', partner: { identifier: { scheme: 'X12' }, expression: 'x' } },
            { name: 'b', system: { connectorRef: { name: one } } },
          ],
        },
      },
      {
        kind: 'PartnerProfile',
        metadata: { name: one },
        spec: {
          documents: [{ documentTypeRef: { name: one }, x12: { transaction: '850' }, mappingRef: { name: one } }],
        },
      },
    ]),
  ]),
);
export const byKey = (resources: readonly Resource[]): Resource[] => [
  ...new Map(resources.map((one) => [keyOf(one), one])).values(),
];
