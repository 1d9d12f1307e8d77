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

/** Knows what a schema looks like; compiles none, so that no verdict leaves anything behind for the next. */
const meta = new Ajv2020({ logger: false });

/** Without the meta schema, whose compilation takes longer than all the rest. */
function compiler(extensions: Iterable<string>): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTypes: false,
    logger: false,
    meta: false,
    validateSchema: false,
    // Compiled for its faults only.
    code: { optimize: false },
  });
  addFormats.default(ajv);
  for (const keyword of extensions) ajv.addKeyword(keyword);
  return ajv;
}

/** Draft 2020-12. Keywords beginning with `x-` are free. */
export function schemaFault(schema: unknown): SchemaFault | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return { field: '', message: 'a JSON Schema is expected', remedy: 'write an object, e.g. {type: object}' };
  const bytes = sizeOf(schema);
  if (bytes === undefined || bytes > MAX_BYTES)
    return bytes === undefined
      ? { field: '', message: 'nested too deeply', remedy: 'use $defs and $ref' }
      : { field: '', message: `${bytes} bytes, more than ${MAX_BYTES}`, remedy: 'split the document type' };
  const seen = walk(schema);
  if (seen.fault) return seen.fault;
  const draft = (schema as { $schema?: unknown }).$schema;
  if (draft !== undefined && !String(draft).startsWith(DRAFT))
    return { field: '.$schema', message: `draft ${draft} is not supported`, remedy: `write ${DRAFT}, or leave it out` };
  try {
    if (!meta.validateSchema(schema)) {
      const [error] = meta.errors ?? [];
      const at = (error?.instancePath ?? '').split('/').slice(1).map(unescapeStep);
      return {
        field: at.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join(''),
        message: `not a JSON Schema: ${error?.message ?? 'invalid'}`,
        remedy: 'correct the keyword there',
      };
    }
    compiler(seen.extensions).compile(schema);
    return undefined;
  } catch (error) {
    const message =
      error instanceof RangeError ? 'nested too deeply' : (error as Error).message.replace(' ignored in schema', '');
    return { field: '', message, remedy: 'correct the schema; unknown keywords and formats are refused, x-… are free' };
  }
}

function sizeOf(schema: unknown): number | undefined {
  try {
    return JSON.stringify(schema).length;
  } catch {
    return undefined;
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
  while (stack.length > 0) {
    const { node, path, map } = stack.pop()!;
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node)) {
      const at = Array.isArray(node) ? `${path}[${key}]` : `${path}.${key}`;
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
