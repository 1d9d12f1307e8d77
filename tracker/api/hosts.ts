/** Whose requests are answered, and what browsers are told. */

/** A name that a stranger's DNS may point here is refused: only the public name, loopback and addresses are ours. */
export function hostProblem(host: string | undefined, publicUrl: string | undefined): string | undefined {
  const name = hostname(host ?? '');
  if (name === undefined) return 'the request names no host';
  if (publicUrl !== undefined) {
    if (name === new URL(publicUrl).hostname || isLoopbackName(name)) return undefined;
    return `${name} is not the name of this server: it is ${new URL(publicUrl).hostname}`;
  }
  return isLoopbackName(name)
    ? undefined
    : `${name} is not localhost: set the public URL of this server to be reached by another name`;
}

function hostname(host: string): string | undefined {
  try {
    return host === '' ? undefined : new URL(`http://${host}`).hostname;
  } catch {
    return undefined;
  }
}
const isLoopbackName = (name: string): boolean =>
  name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
export const isLoopback = (address: string): boolean =>
  address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export function securityHeaders(headers: Headers, isApi: boolean, requestId: string): void {
  headers.set('x-request-id', requestId);
  headers.set('x-content-type-options', 'nosniff');
  headers.set('referrer-policy', 'same-origin');
  headers.set('content-security-policy', isApi ? "default-src 'none'; frame-ancestors 'none'" : POLICY);
  headers.set('x-frame-options', 'DENY');
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-resource-policy', 'same-origin');
  if (isApi) headers.set('cache-control', 'no-store');
}
