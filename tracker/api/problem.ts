/** Refusals as RFC 9457 problems. */
import type { LoginWays, Problem, Violation } from './contract.ts';

export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly more: { violations?: Violation[]; login?: LoginWays; retryAfterS?: number };

  constructor(status: number, detail: string, more: ApiError['more'] = {}) {
    super(detail);
    this.status = status;
    this.more = more;
  }
}

export const notFound = (what: string): ApiError => new ApiError(404, `${what} is not here, or not yours to see`);

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Not logged in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  422: 'Not possible',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
};

export function problemResponse({ status, message, more }: ApiError, requestId: string): Response {
  const { retryAfterS, ...members } = more;
  const body: Problem = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail: message,
    requestId,
    ...members,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
    },
  });
}
