/**
 * Holds a sink to its connector's limits: at most `concurrency` requests at a time, started at most `ratePerSecond` a second.
 * Waiting is in order and does not count against a request's own deadline. A request whose signal aborts while it waits was
 * not sent.
 */
import { DocumentError } from '../errors.ts';
import type { ConnectorPlan } from '../plan.ts';
import type { Sink, SinkRequest } from './connector.ts';

export function limited(sink: Sink, plan: Pick<ConnectorPlan, 'name' | 'concurrency' | 'ratePerSecond'>): Sink {
  const spacingMs = plan.ratePerSecond ? 1_000 / plan.ratePerSecond : 0;
  const waiting: Waiter[] = [];
  let running = 0;
  let nextStart = 0;
  let scheduled = false;

  const start = (): void => {
    while (waiting.length > 0 && running < plan.concurrency) {
      const now = performance.now();
      if (nextStart > now) {
        if (!scheduled) setTimeout(resume, nextStart - now);
        scheduled = true;
        return;
      }
      // A tenth of a second of credit, so that timers that fire late do not lower the rate.
      nextStart = Math.max(nextStart, now - 100) + spacingMs;
      running += 1;
      waiting.shift()!.go();
    }
  };
  const resume = (): void => {
    scheduled = false;
    start();
  };
  const slot = (request: SinkRequest): Promise<void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(notSent(plan.name));
      };
      const waiter: Waiter = {
        go: () => {
          request.signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      if (request.signal.aborted) return reject(notSent(plan.name));
      request.signal.addEventListener('abort', onAbort, { once: true });
      waiting.push(waiter);
      start();
    });

  return {
    async send(request) {
      await slot(request);
      try {
        return await sink.send(request);
      } finally {
        running -= 1;
        start();
      }
    },
    close: () => sink.close(),
  };
}

interface Waiter {
  go(): void;
}

const notSent = (connector: string): DocumentError =>
  new DocumentError({
    class: 'DeliveryFailed',
    code: 'delivery.interrupted',
    message: `stopped while waiting for a slot of connector "${connector}"; nothing was sent`,
    retryable: true,
  });
