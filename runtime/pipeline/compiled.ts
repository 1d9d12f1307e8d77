/**
 * A plan made ready to run: expressions compiled, schemas validated, tables indexed. Parts are content-addressed, so what an edit
 * did not touch is not compiled again.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { compileExpression } from '../mapping/compile.ts';
import { withRows } from '../mapping/lookups.ts';
import type { Expression, Table } from '../mapping/mapping.ts';
import { shapeBySchema } from '../mapping/shape.ts';
import { tableOf } from '../mapping/tables.ts';
import {
  type ConnectorPlan,
  type DestinationPlan,
  type DocumentTypePlan,
  type IntegrationPlan,
  type MappingPlan,
  mailboxOf,
  type Part,
  type PartHash,
  type PartnerPlan,
  type Plan,
  type RulePlan,
  type TablePlan,
  type TermsPlan,
} from '../plan.ts';
import type { Folding } from '../tables/fold.ts';
import { LiveTable } from '../tables/live.ts';
import type { CompiledOutcome } from './judge.ts';

export interface CompiledType {
  plan: DocumentTypePlan;
  validate: ValidateFunction;
  keys: { name: string; expression: Expression }[];
  revision?: { key: Expression; sequence?: Expression; action?: Expression };
  rules: { plan: RulePlan; when: Expression; message: Expression }[];
  tables: Record<string, Table>;
}
export interface CompiledMapping {
  plan: MappingPlan;
  hash: PartHash;
  /**
   * To a canonical document, its keys in canonical order. Binding `$partner` is the Partner's resource name. Result shaped by the target's
   * schema. Inside `withRows` only.
   */
  run(input: unknown, bindings: Record<string, unknown>): unknown;
  /** As `run`, with keys as the mapping writes them, and anywhere: a promise where rows must be fetched. */
  apply(input: unknown, bindings: Record<string, unknown>): unknown;
  /** As `run`, with live tables empty: what its tests expect must not depend on what is in them. */
  test(input: unknown, bindings: Record<string, unknown>): Promise<unknown>;
}
export interface CompiledDestination {
  plan: DestinationPlan;
  when?: Expression;
  mapping?: CompiledMapping;
  /** The value that the shipment's target takes from the canonical document. */
  path?: Expression;
  fileName?: Expression;
  routingKey?: Expression;
  partner?: Expression;
  connector?: ConnectorPlan;
  outcomes: CompiledOutcome[];
  reply?: { type: CompiledType; mapping?: CompiledMapping };
}
export interface CompiledIntegration {
  plan: IntegrationPlan;
  hash: PartHash;
  generation: number;
  source: { connector?: ConnectorPlan; type?: CompiledType; mapping?: CompiledMapping };
  /** Types that come in, by event type. */
  types: ReadonlyMap<string, CompiledType>;
  /** For the expressions of the destinations. */
  tables: Record<string, Table>;
  /** Of the key that keeps an order. */
  orderKey?: Expression;
  destinations: Map<string, CompiledDestination>;
}
/** A live table. */
export interface CompiledTable extends Folding {
  hash: PartHash;
  generation: number;
  seed?: ConnectorPlan;
}
export interface CompiledTerms {
  plan: TermsPlan;
  type: CompiledType;
  wireType?: CompiledType;
  mapping?: CompiledMapping;
}
export interface CompiledPartner {
  plan: PartnerPlan;
  hash: PartHash;
  generation: number;
  inbound?: ConnectorPlan;
  outbound?: ConnectorPlan;
  /** Of the outbound channel, over the canonical document; without one the format names the file. */
  fileName?: Expression;
  terms: CompiledTerms[];
}

/** A root's compiled form or why there is none. A failed root leaves the caller's last good one in force. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: Error; hash: PartHash; generation: number };

export class PlanCompiler {
  /** Live tables as the runtime has them; without one, as in the CLI, they are empty. */
  readonly #live: ((plan: TablePlan) => Table) | undefined;
  constructor(live?: (plan: TablePlan) => Table) {
    this.#live = live;
  }
  /** By hash; an entry lives as long as a plan that was compiled last names it. */
  #types = new Map<PartHash, CompiledType>();
  #mappings = new Map<PartHash, CompiledMapping>();
  #tables = new Map<PartHash, Table>();

  get hasTables(): boolean {
    return this.#tables.size > 0;
  }
  /** Tables of this name that stand still, in every version that a plan in force names. */
  *standing(name: string): Iterable<Table> {
    for (const table of this.#tables.values()) if (table.name === name && !(table instanceof LiveTable)) yield table;
  }

  compile(plan: Plan): {
    integrations: Map<string, Outcome<CompiledIntegration>>;
    partners: Map<string, Outcome<CompiledPartner>>;
    tables: Map<string, Outcome<CompiledTable>>;
  } {
    const used = new Set(Object.keys(plan.parts));
    for (const cache of [this.#types, this.#mappings, this.#tables])
      for (const hash of cache.keys()) if (!used.has(hash)) cache.delete(hash);
    const each = <T>(
      roots: Record<string, { hash: PartHash; generation: number }>,
      make: (hash: PartHash, generation: number) => T,
    ) =>
      new Map<string, Outcome<T>>(
        Object.entries(roots).map(([name, { hash, generation }]) => {
          try {
            return [name, { ok: true, value: make(hash, generation) }];
          } catch (error) {
            return [name, { ok: false, error: error as Error, hash, generation }];
          }
        }),
      );
    const parts = new Parts(plan.parts);
    return {
      integrations: each(plan.index.integrations, (hash, generation) => this.#integration(parts, hash, generation)),
      partners: each(plan.index.partners, (hash, generation) => this.#partner(parts, hash, generation)),
      tables: each(plan.index.tables ?? {}, (hash, generation) => this.#table(parts, hash, generation)),
    };
  }

  #integration(parts: Parts, hash: PartHash, generation: number): CompiledIntegration {
    const plan = parts.get(hash, 'integration');
    const { source } = plan;
    const { documentTypes } = source.partners ??
      source.events ?? {
        documentTypes: source.documentType ? [source.documentType] : [],
      };
    return {
      plan,
      hash,
      generation,
      types: new Map(documentTypes.map((type) => this.#type(parts, type)).map((type) => [type.plan.type, type])),
      source: {
        ...(source.connector && { connector: parts.get(source.connector, 'connector') }),
        ...(source.documentType && { type: this.#type(parts, source.documentType) }),
        ...(source.mapping && { mapping: this.#mapping(parts, source.mapping) }),
      },
      tables: this.#tablesOf(parts, plan.tables ?? {}),
      ...(plan.ordering && {
        orderKey: compileExpression(plan.ordering.keyExpression, `Integration ${plan.name}, ordering.keyExpression`),
      }),
      destinations: new Map(plan.destinations.map((d) => [d.name, this.#destination(parts, plan.name, d)])),
    };
  }

  #destination(parts: Parts, integration: string, plan: DestinationPlan): CompiledDestination {
    const compile = (source: string, what: string) =>
      compileExpression(source, `Integration ${integration}, destination ${plan.name}, ${what}`);
    const { system } = plan;
    const path = system?.http?.pathExpression;
    const connector = system && parts.get(system.connector, 'connector');
    const fileName =
      (system?.directory ?? system?.sftp)?.fileNameExpression ??
      (connector && mailboxOf(connector)?.fileNameExpression);
    const routingKey = system?.amqp?.routingKeyExpression;
    return {
      plan,
      ...(plan.when && { when: compile(plan.when, 'when') }),
      ...(plan.mapping && { mapping: this.#mapping(parts, plan.mapping) }),
      ...(path && { path: compile(path, 'pathExpression') }),
      ...(fileName && { fileName: compile(fileName, 'fileNameExpression') }),
      ...(routingKey && { routingKey: compile(routingKey, 'routingKeyExpression') }),
      ...(plan.partner && { partner: compile(plan.partner.expression, 'partner') }),
      ...(connector && { connector }),
      outcomes: plan.outcomes.map((outcome) => ({
        plan: outcome,
        when: compile(outcome.when, 'outcomes'),
        ...(outcome.releaseWhen && { releaseKey: compile(outcome.releaseWhen.keyExpression, 'releaseWhen') }),
      })),
      ...(plan.reply && {
        reply: {
          type: this.#type(parts, plan.reply.documentType),
          ...(plan.reply.mapping && { mapping: this.#mapping(parts, plan.reply.mapping) }),
        },
      }),
    };
  }

  #partner(parts: Parts, hash: PartHash, generation: number): CompiledPartner {
    const plan = parts.get(hash, 'partner');
    const outbound = plan.outbound === undefined ? undefined : parts.get(plan.outbound, 'connector');
    const fileName = outbound && mailboxOf(outbound)?.fileNameExpression;
    return {
      plan,
      hash,
      generation,
      ...(plan.inbound && { inbound: parts.get(plan.inbound, 'connector') }),
      ...(outbound && { outbound }),
      ...(fileName && { fileName: compileExpression(fileName, `Connector ${outbound?.name}, fileNameExpression`) }),
      terms: plan.terms.map((terms) => ({
        plan: terms,
        type: this.#type(parts, terms.documentType),
        ...wireTypeOf(terms, (hash) => this.#type(parts, hash)),
        ...(terms.mapping && { mapping: this.#mapping(parts, terms.mapping) }),
      })),
    };
  }

  #type(parts: Parts, hash: PartHash): CompiledType {
    return cached(this.#types, hash, () => {
      const plan = parts.get(hash, 'documentType');
      const compile = (source: string, what: string) => compileExpression(source, `DocumentType ${plan.name}, ${what}`);
      const { revision } = plan;
      return {
        plan,
        validate: schemaValidator(plan.schema),
        keys: plan.keys.map(({ name, expression }) => ({ name, expression: compile(expression, `key ${name}`) })),
        ...(revision && {
          revision: {
            key: compile(revision.keyExpression, 'revision.keyExpression'),
            ...(revision.sequenceExpression && {
              sequence: compile(revision.sequenceExpression, 'revision.sequenceExpression'),
            }),
            ...(revision.actionExpression && {
              action: compile(revision.actionExpression, 'revision.actionExpression'),
            }),
          },
        }),
        rules: plan.rules.map((rule) => ({
          plan: rule,
          when: compile(rule.when, `rule ${rule.name}`),
          message: compile(rule.messageExpression, `rule ${rule.name}, messageExpression`),
        })),
        tables: this.#tablesOf(parts, plan.tables ?? {}),
      };
    });
  }

  #mapping(parts: Parts, hash: PartHash): CompiledMapping {
    return cached(this.#mappings, hash, () => {
      const plan = parts.get(hash, 'mapping');
      const expression = compileExpression(plan.expression, `Mapping ${plan.name}`);
      const tables = this.#tablesOf(parts, plan.tables);
      const standing = Object.fromEntries(
        Object.entries(plan.tables).map(([name, table]) => {
          const part = parts.get(table, 'table');
          return [name, part.live ? tableOf(part) : tables[name]!];
        }),
      );
      const evaluate = (input: unknown, bindings: Record<string, unknown>, sorted: boolean) =>
        shapeBySchema(expression.evaluate(input, { tables, bindings }), plan.targetSchema, { sorted });
      return {
        plan,
        hash,
        run: (input, bindings) => evaluate(input, bindings, true),
        apply: (input, bindings) => withRows(() => evaluate(input, bindings, false)),
        test: async (input, bindings) =>
          shapeBySchema(
            await withRows(() => expression.evaluate(input, { tables: standing, bindings })),
            plan.targetSchema,
          ),
      };
    });
  }

  #table(parts: Parts, hash: PartHash, generation: number): CompiledTable {
    const plan = parts.get(hash, 'table');
    const { events = [], tables = {}, seed } = plan.live ?? {};
    return {
      plan,
      hash,
      generation,
      events: events.map((event, i) => ({
        plan: event,
        key: compileExpression(event.keyExpression, `ReferenceTable ${plan.name}, spec.events[${i}].keyExpression`),
        row: compileExpression(event.expression, `ReferenceTable ${plan.name}, spec.events[${i}].expression`),
      })),
      tables: this.#tablesOf(parts, tables),
      ...(seed && { seed: parts.get(seed.connector, 'connector') }),
    };
  }

  #tablesOf(parts: Parts, tables: Record<string, PartHash>): Record<string, Table> {
    const made = (plan: TablePlan) => (plan.live && this.#live ? this.#live(plan) : tableOf(plan));
    const table = (hash: PartHash) => cached(this.#tables, hash, () => made(parts.get(hash, 'table')));
    return Object.fromEntries(Object.entries(tables).map(([name, hash]) => [name, table(hash)]));
  }
}

function wireTypeOf({ csv, fixed, xml, json }: TermsPlan, typeOf: (hash: PartHash) => CompiledType) {
  const hash = (csv ?? fixed ?? xml ?? json)?.wireType;
  return hash === undefined ? {} : { wireType: typeOf(hash) };
}

const cached = <T>(cache: Map<PartHash, T>, hash: PartHash, make: () => T): T => {
  const known = cache.get(hash);
  if (known) return known;
  const made = make();
  cache.set(hash, made);
  return made;
};

/** Parts by hash, checked to be what the reference says. */
class Parts {
  readonly #parts: Record<PartHash, Part>;
  constructor(parts: Record<PartHash, Part>) {
    this.#parts = parts;
  }
  get<K extends Part['part']>(hash: PartHash, kind: K): Extract<Part, { part: K }> {
    const part = this.#parts[hash];
    if (part?.part !== kind)
      throw new Error(`the plan names part ${hash} as ${kind}, but it holds ${part?.part ?? 'nothing'}`);
    return part as Extract<Part, { part: K }>;
  }
}

/** Validators share one ajv per schema so that two types may both say `$id: line`. */
function schemaValidator(schema: Record<string, unknown>): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: false, messages: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}
