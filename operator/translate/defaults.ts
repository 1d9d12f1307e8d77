/**
 * Every default of the API, in one place: plans have them filled in, `crossdock render` shows them, the schemas write none (a
 * value that the server writes shows up as a difference in GitOps tools).
 */

/**
 * Delivery to a destination: after the first attempt eight more, doubling from a second: 1s 2s 4s … (rounded up to the steps of the
 * retry ladder), about twenty minutes in all. 15 s is what a sender may be kept waiting.
 */
export const DELIVERY = {
  retry: 8,
  backoffPolicy: 'Exponential',
  backoffDelay: '1s',
  backoffMax: '5m',
  timeout: '15s',
} as const;

/** A connector: enough concurrency to hide latency, little enough not to harm a small system. */
export const CONNECTOR = { concurrency: 8, timeout: '10s' } as const;

/** Every file, looked for every two seconds; what was taken goes to a sub folder beside it. */
export const DIRECTORY = { pattern: '*', pollInterval: '2s', archive: '.archive' } as const;

/** What most partners of distribution businesses in North America speak; broken counts are told, not refused. */
export const X12 = {
  version: '004010',
  envelopeErrors: 'Warn',
  delimiters: { element: '*', segment: '~', component: '>', repetition: '^' },
} as const;

/** What most retailers of Europe speak (EANCOM 1997). */
export const EDIFACT = { directory: 'D.96A', syntax: 'UNOC:3', envelopeErrors: 'Warn' } as const;

/** Nothing is sent back that nobody asked for. */
export const ACKNOWLEDGMENTS = { send: 'None', interchange: 'None' } as const;

export const HTTP_METHOD = 'POST';
export const API_KEY_HEADER = 'X-API-Key';
export const HMAC_HEADER = 'X-Crossdock-Signature';

/** Rules refuse unless they say that they only warn. */
export const RULE_SEVERITY = 'Reject';
/** Identifiers and terms are for real documents unless they say that they are for tests. */
export const USAGE = 'Production';
export const INTEGRATION_STATE = 'Running';
export const HOLD_DIRECTION = 'Both';

/** Paths of the runtime's HTTP server that no integration may take. */
export const RESERVED_PATHS: readonly string[] = ['/documents', '/healthz', '/metrics', '/readyz', '/state', '/tables'];

/** A live table: senders come back within minutes or not at all; a partner's page may look a few times a second. */
export const LIVE_TABLE = { reserveFor: '15m', whenStale: 'Refuse', ratePerSecond: 20 } as const;

/** A ConfigMap holds 1 MiB in all. */
export const MAX_PART_BYTES = 1_000_000;

/** Of BusinessProcess. */
export const PROCESS = { role: 'Fact', scope: 'Order', completeBy: 'Document', severity: 'Warning' } as const;
export const RESOLUTION_RESULT = 'Settled';

/** Of SLAPolicy. An Alertmanager forgets an alert that is not told again. */
export const SLA = {
  clock: 'Elapsed',
  calendar: 'Partner',
  severity: 'Warning',
  events: ['Breach', 'Recovery'],
  alertmanagerPath: '/api/v2/alerts',
  alertmanagerRepeat: '5m',
  leastRepeatMs: 10_000,
  longestMs: 5 * 365 * 86_400_000,
} as const;

/** As a directory, but others pay for a look. */
export const SFTP = { ...DIRECTORY, port: 22, pollInterval: '30s' } as const;

/** A mail connector. */
export const MAIL = { tls: 'StartTLS', port: 587, implicitPort: 465 } as const;
