import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { DocumentError } from '../errors.ts';
import { SecretValue } from '../secrets.ts';
import { createLog } from './log.ts';

const CANARY = 'canary-9b1c';

function written(write: (log: ReturnType<typeof createLog>) => void): {
  text: string;
  lines: Record<string, unknown>[];
} {
  const stream = new PassThrough();
  const log = createLog('runtime', { stream });
  write(log);
  const text = String(stream.read() ?? '');
  return {
    text,
    lines: text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

it('writes JSON lines with name, level and time', () => {
  const { lines } = written((log) => log.info('started', { port: 8080, queues: ['a'] }));
  expect(lines).toEqual([
    {
      level: 'info',
      message: 'started',
      logger: 'runtime',
      port: 8080,
      queues: ['a'],
      timestamp: expect.stringMatching(/^20.*Z$/),
    },
  ]);
});

it('writes no secret: by type, by name, in a URL, in an error, in a cause', () => {
  const error = new DocumentError({
    class: 'DeliveryFailed',
    code: 'x',
    message: `cannot reach amqp://user:${CANARY}@host/vhost`,
    cause: new Error('inner', { cause: { password: CANARY, uri: `https://${CANARY}@h` } }),
  });
  const { text, lines } = written((log) => {
    log.info(`connected to amqps://user:${CANARY}@host`, {
      value: new SecretValue(CANARY),
      headers: { Authorization: `Bearer ${CANARY}`, 'X-API-Key': CANARY, 'set-cookie': CANARY },
      nested: [{ apiKey: CANARY, api_key: CANARY, clientSecret: CANARY, token: CANARY }],
      map: new Map([['password', CANARY]]),
      body: Buffer.from(CANARY),
      error,
    });
    log.error(error);
    log.error('failed', error);
  });
  expect(lines).toHaveLength(3);
  expect(text).not.toContain(CANARY);
  expect(lines[0]).toMatchObject({
    message: 'connected to amqps://[redacted]@host',
    error: { name: 'DocumentError', class: 'DeliveryFailed', cause: { message: 'inner' } },
  });
  expect(text).toContain('DeliveryFailed');
});

it('keeps what only looks like a secret, and survives what is circular or deep', () => {
  const circular: Record<string, unknown> = { secretRef: { name: 'erp' }, tokens: 3 };
  circular.self = circular;
  const { lines } = written((log) => log.info('x', { circular, big: 10n ** 20n, nothing: null }));
  expect(lines[0]).toMatchObject({
    circular: { secretRef: { name: 'erp' }, tokens: 3, self: '[circular]' },
    big: '100000000000000000000',
    nothing: null,
  });
});
