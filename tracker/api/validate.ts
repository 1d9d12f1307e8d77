/** Checks requests against the schemas of the OpenAPI document: the same that clients read. */
import { Ajv2020 as Ajv, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Violation } from './contract.ts';
import openapi from './generated/openapi.json' with { type: 'json' };
import { ApiError } from './problem.ts';
import type { RouteName } from './routes.ts';

interface Operation {
  /** Schema of all query parameters together. */
  'x-query'?: string;
  parameters?: { name?: string; in?: string }[];
  requestBody?: { content: { 'application/json': { schema: { $ref: string } } } };
}

const strict = make(false);
/** Query parameters are text: "50" is a number, "true" a boolean. */
const lenient = make(true);
function make(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  ajv.addSchema({ $id: 'api', components: { schemas: openapi.components.schemas } });
  return ajv;
}

/** Of a named schema of the document, for tests too. */
export const validatorOf = (name: string, ajv: Ajv = strict): ValidateFunction =>
  ajv.getSchema(`api#/components/schemas/${name}`)!;

export const operationOf = (route: RouteName): Operation => {
  const [method = '', path = ''] = route.split(' ');
  return (openapi.paths as unknown as Record<string, Record<string, Operation>>)[path]![method.toLowerCase()]!;
};

/** The query with numbers and booleans in it. Throws ApiError 400. */
export function checkQuery(route: RouteName, query: Record<string, string>): object {
  const schema = operationOf(route)['x-query'];
  const known = new Set(
    (operationOf(route).parameters ?? []).flatMap(({ name, in: where }) => (where === 'query' ? [name] : [])),
  );
  const unknown = Object.keys(query).filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new ApiError(400, `unknown query parameter: ${unknown.join(', ')}`, {
      violations: unknown.map((name) => ({
        pointer: `?${name}`,
        message: `not one of ${[...known].join(', ') || 'none'}`,
      })),
    });
  if (schema === undefined) return query;
  const value = { ...query };
  fail(validatorOf(schema, lenient), value, (error) => `?${error.instancePath.slice(1)}`, 'the query');
  return value;
}

/** Throws ApiError 400. */
export function checkBody(route: RouteName, value: unknown): void {
  const schema = operationOf(route).requestBody?.content['application/json'].schema.$ref.split('/').at(-1);
  if (schema) fail(validatorOf(schema), value, ({ instancePath }) => instancePath, 'the body');
}

function fail(validate: ValidateFunction, value: unknown, pointer: (error: ErrorObject) => string, what: string): void {
  if (validate(value)) return;
  const violations: Violation[] = (validate.errors ?? []).slice(0, 20).map((error) => ({
    pointer: pointer(error),
    message: [error.message, (error.params as { additionalProperty?: string }).additionalProperty]
      .filter(Boolean)
      .join(': '),
  }));
  throw new ApiError(400, `${what} does not fit: ${violations[0]?.pointer || 'it'} ${violations[0]?.message}`, {
    violations,
  });
}
