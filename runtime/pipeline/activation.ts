/** From a plan to what is in force: each root by itself, a broken one staying on its last good version. */
import { runMappingTests } from '../mapping/tests.ts';
import type { PartHash, Plan } from '../plan.ts';
import type { FailedTest, RootKey, RootKind } from '../state.ts';
import { subscribersOf } from '../subscribers.ts';
import type {
  CompiledIntegration,
  CompiledMapping,
  CompiledPartner,
  CompiledTable,
  Outcome,
  PlanCompiler,
} from './compiled.ts';
import type { InForce } from './environment.ts';
import { Holds } from './holds.ts';

type CompiledRoot = CompiledIntegration | CompiledPartner | CompiledTable;

/** A newer version of a root that was refused. */
export interface Refusal {
  hash: PartHash;
  generation: number;
  message: string;
  failedTests: FailedTest[];
}
export interface Activation {
  inForce: InForce;
  refusals: Map<RootKey, Refusal>;
}

export const NOTHING_IN_FORCE: InForce = {
  integrations: new Map(),
  partners: new Map(),
  tables: new Map(),
  organization: { identifiers: [] },
  holds: new Holds([]),
  subscribers: () => ({ integrations: [], queues: [] }),
};

export async function activate(compiler: PlanCompiler, plan: Plan, before: InForce): Promise<Activation> {
  const compiled = compiler.compile(plan);
  const refusals = new Map<RootKey, Refusal>();
  const tested = new Map<CompiledMapping, Promise<FailedTest[]>>();
  const testsOf = (mapping: CompiledMapping) => {
    const known = tested.get(mapping) ?? runMappingTests(mapping.plan, mapping.test);
    tested.set(mapping, known);
    return known;
  };
  const choose = async <T extends CompiledRoot>(
    kind: RootKind,
    outcomes: Map<string, Outcome<T>>,
    last: ReadonlyMap<string, T>,
    mappingsOf: (value: T) => CompiledMapping[],
  ) => {
    const chosen = new Map<string, T>();
    for (const [name, outcome] of outcomes) {
      const previous = last.get(name);
      const refusal = await refusalOf(outcome, previous, async (value) =>
        (await Promise.all(mappingsOf(value).map(testsOf))).flat(),
      );
      if (refusal) refusals.set(`${kind}/${name}`, refusal);
      if (!refusal && outcome.ok) chosen.set(name, outcome.value);
      else if (previous) chosen.set(name, previous);
    }
    return chosen;
  };
  const integrations = await choose('Integration', compiled.integrations, before.integrations, (integration) =>
    present([
      integration.source.mapping,
      ...[...integration.destinations.values()].flatMap((d) => [d.mapping, d.reply?.mapping]),
    ]),
  );
  const partners = await choose('Partner', compiled.partners, before.partners, (partner) =>
    present(partner.terms.map((terms) => terms.mapping)),
  );
  const tables = await choose('ReferenceTable', compiled.tables, before.tables, () => []);
  return {
    refusals,
    inForce: {
      integrations,
      partners,
      tables,
      organization: plan.index.organization,
      holds: new Holds(plan.index.holds),
      subscribers: subscribersOf(plan),
    },
  };
}

const present = <T>(values: (T | undefined)[]): T[] => values.filter((value) => value !== undefined);

async function refusalOf<T extends CompiledRoot>(
  outcome: Outcome<T>,
  previous: T | undefined,
  tests: (value: T) => Promise<FailedTest[]>,
): Promise<Refusal | undefined> {
  if (!outcome.ok)
    return { hash: outcome.hash, generation: outcome.generation, message: outcome.error.message, failedTests: [] };
  const { hash, generation } = outcome.value;
  if (previous?.hash === hash) return undefined;
  const failedTests = await tests(outcome.value);
  const first = failedTests[0];
  if (!first) return undefined;
  const more = failedTests.length > 1 ? ` (and ${failedTests.length - 1} more)` : '';
  const message = `Mapping ${first.mapping}, test "${first.test}": ${first.message}${more}`;
  return { hash, generation, message, failedTests };
}
