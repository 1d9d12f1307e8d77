import { expect, it } from 'vitest';
import type { Kind, Resource } from '../crds/generated/types.ts';
import { rootsOf, why, whyText } from './why.ts';

const resource = (kind: Kind, name: string, spec: object, ...against: string[][]): Resource =>
  ({
    apiVersion: 'crossdock.dev/v1alpha1',
    kind,
    metadata: { name, namespace: 'shop' },
    spec,
    status: {
      conditions: [
        { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' },
        ...against.map(([type, status, reason, message]) => ({ type, status, reason, message })),
      ],
    },
  }) as unknown as Resource;
const broken = resource('Mapping', 'to-wms', {}, ['Accepted', 'False', 'InvalidExpression', 'spec.expression: }']);
const flow = (...against: string[][]): Resource =>
  resource(
    'Integration',
    'ship-notice',
    { destinations: [{ mappingRef: { name: 'to-wms' }, system: { connectorRef: { name: 'wms' } } }] },
    ...against,
  );
const wms = resource('Connector', 'wms', {});

it('leads from an Integration to the Mapping that is broken', () => {
  const link = why(
    [flow(['ResolvedRefs', 'False', 'RefInvalid', 'Mapping to-wms']), broken, wms],
    'Integration',
    'ship-notice',
    'shop',
  )!;
  expect(rootsOf(link).map(({ what }) => what)).toEqual(['Mapping/to-wms']);
  expect(whyText(link)).toMatchInlineSnapshot(`
    "Integration/ship-notice
      ResolvedRefs: RefInvalid: Mapping to-wms

        Mapping/to-wms
          Accepted: InvalidExpression: spec.expression: }

    Mend Mapping/to-wms: the rest follows.
    "
  `);
});

it('names what is missing, a Hold, the broker that nobody names, and the pod in a condition', () => {
  const of = (...resources: Resource[]) => {
    const link = why(resources, 'Integration', 'ship-notice', 'shop')!;
    return rootsOf(link).map(({ what, missing }) => (missing ? `no ${what}` : what));
  };
  expect(of(flow(['ResolvedRefs', 'False', 'RefNotFound', '']), wms)).toEqual(['no Mapping/to-wms']);
  const good = resource('Mapping', 'to-wms', {});
  const hold = resource('Hold', 'down', { reason: 'ERP is down', targetRef: { kind: 'Connector', name: '*' } });
  expect(of(flow(['Running', 'False', 'Held', 'Hold down']), good, wms, hold)).toEqual(['Hold/down']);
  const broker = resource('Broker', 'default', {}, ['Programmed', 'False', 'BrokerUnavailable', 'refused']);
  expect(of(flow(['Programmed', 'False', 'BrokerUnavailable', '']), good, wms, broker)).toEqual(['Broker/default']);
  const killed = flow(['Running', 'False', 'OOMKilled', 'pod r-1: killed']);
  expect(whyText(why([killed, good, wms], 'Integration', 'ship-notice', 'shop')!)).toContain('pod r-1: killed');
});

it('says so where nothing is wrong, ends on circles, and knows no stranger', () => {
  expect(
    whyText(why([flow(), resource('Mapping', 'to-wms', {}), wms], 'Integration', 'ship-notice', 'shop')!),
  ).toContain('nothing is against it');
  const circle = resource('Mapping', 'a', { mappingRef: { name: 'a' } }, ['Accepted', 'False', 'Cycle', 'a']);
  expect(rootsOf(why([circle], 'Mapping', 'a', 'shop')!)).toHaveLength(1);
  expect(why([], 'Mapping', 'a', 'shop')).toBeUndefined();
});
