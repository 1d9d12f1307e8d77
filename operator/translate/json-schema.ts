/** Finds what is wrong with a JSON Schema by compiling it: unknown keywords and formats, dangling references, patterns that could run away. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';

export interface SchemaFault {
  /** To be put behind the field of the schema: `.properties.lines`. */
  field: string;
  message: string;
  remedy: string;
}

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const MAX_BYTES = 256 * 1024;

/** Draft 2020-12. Keywords beginning with `x-` are free. */
export function schemaFault(schema: unknown): SchemaFault | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return { field: '', message: 'a JSON Schema is expected', remedy: 'write an object, e.g. {type: object}' };
  const seen = walk(schema);
  if (seen.fault) return seen.fault;
  const options = { strict: true, strictRequired: false, strictTypes: false, allErrors: false, logger: false } as const;
  const draft = (schema as { $schema?: unknown }).$schema;
  if (draft !== undefined && !String(draft).startsWith(DRAFT))
    return { field: '.$schema', message: `draft ${draft} is not supported`, remedy: `write ${DRAFT}, or leave it out` };
  const ajv = new Ajv2020(options);
  addFormats.default(ajv);
  for (const keyword of seen.extensions) ajv.addKeyword(keyword);
  try {
    if (!ajv.validateSchema(schema)) {
      const [error] = ajv.errors ?? [];
      const at = (error?.instancePath ?? '').split('/').slice(1).map(unescapeStep);
      return {
        field: at.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join(''),
        message: `not a JSON Schema: ${error?.message ?? 'invalid'}`,
        remedy: 'correct the keyword there',
      };
    }
    ajv.compile(schema);
    return undefined;
  } catch (error) {
    const message = error instanceof RangeError ? 'nested too deeply' : (error as Error).message;
    return { field: '', message, remedy: 'correct the schema; unknown keywords and formats are refused, x-… are free' };
  }
}

const unescapeStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

interface Walked {
  extensions: Set<string>;
  fault?: SchemaFault;
}

/** Without recursion. Everything that looks like a pattern must run in linear time. */
function walk(schema: object): Walked {
  const extensions = new Set<string>();
  const stack: { node: unknown; path: string; map: boolean }[] = [{ node: schema, path: '', map: false }];
  let size = 0;
  while (stack.length > 0) {
    const { node, path, map } = stack.pop()!;
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      const at = Array.isArray(node) ? `${path}[${key}]` : `${path}.${key}`;
      size += key.length + (typeof value === 'string' ? value.length : 4);
      if (size > MAX_BYTES)
        return {
          extensions,
          fault: { field: '', message: `larger than ${MAX_BYTES} bytes`, remedy: 'split the type' },
        };
      if (!map && key.startsWith('x-')) {
        extensions.add(key);
        continue;
      }
      const pattern = !map && key === 'pattern' && typeof value === 'string' ? value : undefined;
      const patterns = !map && key === 'patternProperties' && typeof value === 'object' ? Object.keys(value ?? {}) : [];
      for (const text of pattern === undefined ? patterns : [pattern]) {
        try {
          RE2JS.compile(RE2JS.translateRegExp(text));
        } catch (error) {
          return {
            extensions,
            fault: {
              field: at,
              message: `pattern ${JSON.stringify(text)}: ${(error as Error).message}`,
              remedy: 'look-around and back-references do not exist here; rewrite it without them',
            },
          };
        }
      }
      // Members of these are names that users choose, not keywords; members of those are values.
      if (['const', 'enum', 'default', 'examples'].includes(key) && !map) continue;
      const names = [
        'properties',
        'patternProperties',
        '$defs',
        'definitions',
        'dependentSchemas',
        'dependentRequired',
      ];
      stack.push({ node: value, path: at, map: !map && names.includes(key) });
    }
  }
  return { extensions };
}
