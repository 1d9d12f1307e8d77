/** The body of a request, checked against its schema. */
import type { Asked } from './app.ts';
import { ApiError } from './problem.ts';
import type { RouteName } from './routes.ts';
import { checkBody, operationOf } from './validate.ts';

const MAX_BODY = 5 * 1024 * 1024;

export async function bodyOf(c: Asked, name: RouteName): Promise<unknown> {
  if (!operationOf(name).requestBody) return undefined;
  if (!/^application\/json\b/.test(c.req.header('content-type') ?? ''))
    throw new ApiError(415, 'the body must be application/json');
  if (Number(c.req.header('content-length') ?? 0) > MAX_BODY)
    throw new ApiError(413, `a body has at most ${MAX_BODY} bytes`);
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > MAX_BODY) throw new ApiError(413, `a body has at most ${MAX_BODY} bytes`);
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError(400, 'the body is no JSON');
  }
  checkBody(name, body);
  return body;
}
