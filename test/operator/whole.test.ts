/** The whole way: example resources → topology, plan, conditions, as a person with kubectl sees it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operator } from '../../operator/operator.ts';
import { until } from './poll.ts';
import { type Stage, type StandIn, stage } from './stage.ts';

let at: Stage;
let runtime: StandIn;
let operator: Operator;
beforeAll(async () => {
  at = await stage();
  runtime = await at.runtime();
  operator = at.operate({ runtimes: [{ namespace: at.namespace, url: runtime.url }] });
  await at.applyExample();
});
afterAll(() => at[Symbol.asyncDispose]());

test('every resource of the example becomes Ready, and kubectl wait sees it', async () => {
  const { code, stdout, stderr } = await at.plane.kubectl([
    '-n',
    at.namespace,
    'wait',
    '--for=condition=Ready',
    '--timeout=40s',
    ...[
      'brokers',
      'organizations',
      'partnerprofiles',
      'partners',
      'connectors',
      'documenttypes',
      'referencetables',
      'mappings',
      'integrations',
    ]
      .map((kind) => `${kind}.crossdock.dev`)
      .join(',')
      .split(' '),
    '--all',
  ]);
  expect(code, `${stdout}${stderr}\n${at.logged.slice(-5).join('\n')}`).toBe(0);
});
