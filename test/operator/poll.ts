/** Waits for a condition with a deadline. The last failure is what the test shows. */
export async function until<T>(
  what: string,
  check: () => T | Promise<T>,
  deadlineMs = 40_000,
  everyMs = 50,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value) return value as NonNullable<T>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      const shown = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`not within ${deadlineMs} ms: ${what} (last: ${shown})`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
