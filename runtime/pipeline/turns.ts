/** In what order and how many at a time. */

/** Work with one key is done one after another, in the order in which it was brought; keys are side by side. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** `work` does not reject. */
  take(key: string, work: () => Promise<void>): Promise<void> {
    const before = this.#last.get(key);
    const turn = before ? before.then(work) : work();
    this.#last.set(key, turn);
    return turn.finally(() => {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    });
  }
}

/** So many at a time, in the order of asking; who gives up while it waits is passed over. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** Undefined, and nothing was done, if the signal is aborted before a slot is free. */
  async run<T>(limit: number, signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    while (this.#taken >= limit && !signal.aborted) await this.#turn(signal);
    if (signal.aborted) {
      // The turn that came with the end is the next one's.
      this.#waiting.shift()?.();
      return undefined;
    }
    this.#taken += 1;
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      this.#waiting.shift()?.();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        const place = this.#waiting.indexOf(end);
        if (place >= 0) this.#waiting.splice(place, 1);
        end();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(end);
    });
  }
}
