import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isLegal } from '../../crds/conditions.ts';
import { translateNamespace } from '../../operator/translate/translate.ts';
import type { World } from '../../operator/translate/translation.ts';
import { DEAD_LETTERS, JOURNAL, LOST, PARKED, PAYLOADS } from '../../runtime/names.ts';
import { subscribersOf } from '../../runtime/subscribers.ts';
import { CANARY, caseNames, outputOf, outputPath, readCase } from './cases.ts';
import { deepFreeze } from './freeze.ts';

const cases = caseNames().map(readCase);

/** The other way round, in every list and map whose order means nothing. */
const reversed = (world: World): World => ({
  ...world,
  resources: [...world.resources].reverse(),
  secrets: turn(world.secrets),
  configMaps: turn(world.configMaps),
});
const turn = <T>(record: Record<string, T>): Record<string, T> => Object.fromEntries(Object.entries(record).reverse());

describe.each(cases.map((one) => [one.name, one] as const))('%s', (name, one) => {
  const { world } = one;
  deepFreeze(world);
  const translation = translateNamespace(world);

  test('is translated as out.yaml says', () => {
    expect(outputOf(one), 'node test/golden/update.ts writes it anew').toBe(readFileSync(outputPath(name), 'utf8'));
  });
  test('does not depend on the order of its input, and is the same twice', () => {
    expect(JSON.stringify(translateNamespace(reversed(world)))).toBe(JSON.stringify(translation));
  });
  test('every resource has a translation with legal conditions; a false one has a finding with its field', () => {
    const own = world.resources.filter(({ metadata }) => (metadata.namespace ?? world.namespace) === world.namespace);
    expect(translation.translations.map((each) => `${each.kind}/${each.name}`).sort()).toEqual(
      own.map((each) => `${each.kind}/${each.metadata.name}`).sort(),
    );
    for (const { kind, conditions, findings, plan, topology } of translation.translations) {
      for (const verdict of conditions) expect(verdict, JSON.stringify(verdict)).toSatisfy(isLegal);
      const bad = conditions.filter(({ type, status }) => status === (type === 'Conflicted' ? 'True' : 'False'));
      const errors = findings.filter(({ severity }) => severity === 'Error');
      expect(errors.length > 0).toBe(bad.length > 0);
      for (const verdict of bad)
        expect(
          errors.some(
            ({ field, remedy }) => verdict.message.startsWith(`${field}: `) && verdict.message.includes(remedy),
          ),
        ).toBe(true);
      const live = topology !== undefined && kind === 'ReferenceTable';
      const root = kind === 'Integration' || kind === 'Partner' || live;
      expect(plan !== undefined).toBe(root && bad.length === 0);
      expect(topology !== undefined).toBe(plan !== undefined);
    }
  });
  test('shows no secret', () => {
    expect(JSON.stringify(translation)).not.toContain(CANARY);
  });
  test('is complete: every part that is named is there, and every part is named', () => {
    const { index, parts } = translation;
    const text = JSON.stringify([
      Object.values(index.integrations),
      Object.values(index.partners),
      Object.values(parts),
    ]);
    const named = new Set(text.match(/(?<=")[0-9a-f]{32}(?=")/g));
    expect([...named].sort()).toEqual(Object.keys(parts).sort());
  });
  test('every queue dead-letters, but those that are an end or expendable', () => {
    const ends = [DEAD_LETTERS, PARKED, LOST, JOURNAL, PAYLOADS];
    for (const queue of translation.topology.queues)
      if (!ends.includes(queue.name) && !queue.name.endsWith(':poll'))
        expect(queue.arguments, queue.name).toHaveProperty('x-dead-letter-exchange');
    const exchanges = new Set(translation.topology.exchanges.map((exchange) => exchange.name));
    const queues = new Set(translation.topology.queues.map((queue) => queue.name));
    for (const { source, destination } of translation.topology.bindings)
      expect([source, exchanges.has(source), destination, queues.has(destination)]).toEqual([
        source,
        true,
        destination,
        true,
      ]);
  });
  test('bindings and subscribers agree', () => {
    const subscribers = subscribersOf(translation);
    const { topology, parts, index } = translation;
    const types = Object.values(parts).flatMap((part) => (part.part === 'documentType' ? [part.type] : []));
    const sources = [
      ...Object.keys(index.partners).map((source) => ['partner', source] as const),
      ...Object.keys(index.integrations).map((source) => ['system', source] as const),
    ];
    for (const type of types)
      for (const [origin, source] of sources) {
        const key = `${type}.${origin}.${source}`;
        const bound = topology.bindings
          // Live tables read along, and have no account.
          .filter(({ destination }) => !destination.includes(':rows'))
          .filter((binding) => binding.source === 'documents' && matches(binding.routingKey, key))
          .map((binding) => binding.destination.replace(/:inbox.*/, ''));
        expect(subscribers(type, origin, source).integrations, key).toEqual([...new Set(bound)].sort());
      }
  });
});

/** As a topic exchange does it, for patterns with `*` only. */
const matches = (pattern: string, key: string): boolean => {
  const [words, given] = [pattern.split('.'), key.split('.')];
  return words.length === given.length && words.every((word, i) => word === '*' || word === given[i]);
};
