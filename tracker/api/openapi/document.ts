/** The OpenAPI 3.1 document of contract.ts with contract/ and routes.ts. Pure; sorted, so that the same input gives the same text. */
import { ROUTES, type RouteName } from '../routes.ts';
import { BASE } from './base.ts';
import { type Declared, declaredIn, type Schema, type SourceText } from './schemas.ts';

/** Endpoints that are no JSON and so not in `Endpoints`. */
const OTHERS = {
  '/events': {
    get: operation('events', 'Session', 'What changed, as server-sent events; continues after Last-Event-ID', {
      200: {
        description: 'Events `changed` (Changed) and `reset`',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
    }),
  },
  '/openapi.json': {
    get: {
      ...operation('openapi', 'Session', 'This document', {
        200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
      }),
      security: [],
    },
  },
  '/auth/login': {
    get: {
      ...operation('login', 'Session', 'Sends the browser to the OpenID provider (code flow with PKCE)', {
        302: { description: 'To the provider' },
      }),
      security: [],
      parameters: [
        {
          name: 'return',
          in: 'query',
          description: 'Path of this console to come back to',
          schema: { type: 'string', maxLength: 2000 },
        },
      ],
    },
  },
  '/auth/callback': {
    get: {
      ...operation('callback', 'Session', 'Where the OpenID provider sends the browser back to', {
        302: { description: 'Logged in' },
      }),
      security: [],
      parameters: ['code', 'state', 'error', 'error_description', 'iss'].map((name) => ({
        name,
        in: 'query',
        schema: { type: 'string' },
      })),
    },
  },
} as const;

function operation(operationId: string, tag: string, summary: string, responses: object) {
  return {
    operationId,
    tags: [tag],
    summary,
    responses: { ...responses, default: { $ref: '#/components/responses/Problem' } },
  };
}

export const operationIdOf = (name: string): string => {
  const [method = '', path = ''] = name.split(' ');
  const words = path.split(/[/{}-]+/).filter(Boolean);
  return [method.toLowerCase(), ...words.map((word) => word[0]!.toUpperCase() + word.slice(1))].join('');
};

export function openApiOf(contract: readonly SourceText[], version: string): Schema {
  const declared = declaredIn(contract);
  const names = Object.keys(ROUTES) as RouteName[];
  for (const name of Object.keys(declared.endpoints))
    if (!names.includes(name as RouteName)) throw new Error(`${name} is in Endpoints and not in ROUTES`);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const name of names) {
    const [method = '', path = ''] = name.split(' ');
    paths[path] ??= {};
    paths[path][method.toLowerCase()] = pathItem(name, declared);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Crossdock tracker',
      version,
      summary: 'Business transactions, documents, exceptions and what may be done about them',
      description:
        'Errors are RFC 9457 problems. Every request but GET carries `X-CSRF-Token` (of `GET /me`), unless it is authorised by a bearer token. ' +
        'Lists are paged by `cursor`. A partner sees its own only.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: BASE }],
    security: [{ session: [] }, { bearer: [] }],
    tags: [...new Set(names.map((name) => ROUTES[name].tag))].map((name) => ({ name })),
    paths: { ...paths, ...OTHERS },
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'crossdock-session', description: 'HttpOnly, SameSite=Lax' },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An ID token of the configured OpenID provider',
        },
      },
      parameters: {
        Csrf: {
          name: 'X-CSRF-Token',
          in: 'header',
          description: '`csrf` of GET /me; not with a bearer token',
          schema: { type: 'string' },
        },
      },
      responses: {
        Problem: { description: 'RFC 9457', content: { 'application/problem+json': { schema: ref('Problem') } } },
      },
      schemas: declared.schemas,
    },
  };
}

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

function pathItem(name: RouteName, { endpoints, schemas }: Declared): Schema {
  const route = ROUTES[name];
  const [method = '', path = ''] = name.split(' ');
  const { query, body, answer } = endpoints[name] ?? {};
  if (!endpoints[name]) throw new Error(`${name} is in ROUTES and not in Endpoints`);
  const { properties = {}, required = [] } = (query ? schemas[query] : {}) as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, param]) => ({
      name: param,
      in: 'path',
      required: true,
      schema: { type: 'string', minLength: 1, maxLength: 500 },
    })),
    ...Object.entries(properties).map(([param, { description, ...schema }]) => ({
      name: param,
      in: 'query',
      required: required.includes(param),
      ...(description !== undefined && { description }),
      schema,
    })),
    ...(method === 'GET' || route.roles === 'Anyone' ? [] : [{ $ref: '#/components/parameters/Csrf' }]),
  ];
  const status = route.status ?? 200;
  const content = {
    'application/json': { schema: ref(answer ?? '') },
    ...(route.csv && { 'text/csv': { schema: { type: 'string' } } }),
    ...(answer === 'PayloadText' && { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }),
  };
  const rights = [
    route.roles === 'Anyone' ? 'Anyone.' : `Roles: ${route.roles.join(', ')}.`,
    ...(route.payloads ? ['Needs the right to read payloads.'] : []),
    ...(route.act ? [`Audited as \`${route.act}\`.`] : []),
  ];
  return {
    operationId: operationIdOf(name),
    tags: [route.tag],
    summary: route.summary,
    description: rights.join(' '),
    ...(route.roles === 'Anyone' && { security: [] }),
    ...(query && { 'x-query': query }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: ref(body) } } } }),
    responses: {
      [status]: status === 204 ? { description: 'Done' } : { description: 'Success', content },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}
