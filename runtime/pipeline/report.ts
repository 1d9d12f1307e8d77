import type { BlockedKey, RootKey, RootState, RuntimeState } from '../state.ts';
import type { Activation } from './activation.ts';

export type LastError = NonNullable<RootState['lastError']>;

/** What a runtime tells of each root: the version in force, its health, and a newer version that was refused. */
export function rootStates(
  { inForce, refusals }: Activation,
  broken: ReadonlyMap<string, string>,
  failing: ReadonlyMap<string, string>,
  troubles: ReadonlyMap<string, LastError>,
  blocked: ReadonlyMap<string, BlockedKey>,
): RuntimeState['roots'] {
  const roots: RuntimeState['roots'] = {};
  const refused = (key: RootKey): Partial<RootState> => {
    const refusal = refusals.get(key);
    if (!refusal) return {};
    const { hash, generation, message, failedTests } = refusal;
    return { rejected: { hash, generation, message }, ...(failedTests.length > 0 && { failedTests }) };
  };
  const add = (key: RootKey, hash: string, generation: number, state: RootState['state']) => {
    const fails = broken.get(key);
    const message = fails ?? failing.get(key);
    const lastError = troubles.get(key);
    roots[key] = {
      hash,
      generation,
      state: fails ? 'Failed' : state,
      health: message || refusals.has(key) ? 'Degraded' : 'Healthy',
      ...(message && { message }),
      ...(lastError && { lastError }),
      ...refused(key),
    };
  };
  for (const { plan, hash, generation } of inForce.integrations.values()) {
    const key: RootKey = `Integration/${plan.name}`;
    add(key, hash, generation, plan.state);
    const waits = blocked.get(plan.name);
    if (waits) roots[key]!.blocked = waits;
  }
  for (const { plan, hash, generation } of inForce.partners.values())
    add(`Partner/${plan.name}`, hash, generation, 'Running');
  for (const { plan, hash, generation } of inForce.tables.values())
    add(`ReferenceTable/${plan.name}`, hash, generation, 'Running');
  // A first version that was refused has nothing in force, and still must be told of.
  for (const [key, { message }] of refusals)
    roots[key] ??= { hash: '', generation: 0, state: 'Failed', health: 'Degraded', message, ...refused(key) };
  return roots;
}
