import { expect, onTestFinished, test, vi } from 'vitest';
import { Failing } from './failing.ts';

function failing() {
  vi.useFakeTimers();
  const changes: string[][] = [];
  const made: Failing = new Failing({ onChange: () => void changes.push([...made.messages.keys()]) });
  onTestFinished(() => {
    made.stop();
    vi.useRealTimers();
  });
  return { made, changes };
}

test('what fails is told once, and no more when it has worked for a while', async () => {
  const { made, changes } = failing();
  made.failed('Integration/order', 'the ERP answered 503');
  made.failed('Integration/order', 'the ERP answered 503');
  expect(changes).toEqual([['Integration/order']]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([...made.messages.values()], 'nothing was tried since').toEqual(['the ERP answered 503']);
  made.worked('Integration/order');
  made.worked('Integration/other');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(changes).toEqual([['Integration/order'], []]);
});

test('what works now and then is failing', async () => {
  const { made, changes } = failing();
  for (let n = 0; n < 60; n++) {
    made.failed('Integration/order', 'timeout');
    await vi.advanceTimersByTimeAsync(500);
    made.worked('Integration/order');
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(changes).toEqual([['Integration/order']]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(changes).toHaveLength(2);
});

test('what is not tried any more is forgotten', async () => {
  const { made, changes } = failing();
  made.failed('Partner/acme', 'PostgreSQL is away');
  await vi.advanceTimersByTimeAsync(21 * 60_000);
  expect(changes).toEqual([['Partner/acme'], []]);
});
