/**
 * What cannot be delivered now, or waits for PostgreSQL, by root: told for as long as it lasts, so that a status can say why documents
 * wait. One document's own faults are none of it. Changes are told seldom: a system that answers every second request is failing.
 */
export interface FailingOptions {
  /** Called when what fails changes. */
  onChange(): void;
  now?: () => number;
}

interface Trouble {
  message: string;
  failedAt: number;
  workedAt: number;
}

/** After a success, without a failure for so long, it works again. */
const SETTLED_MS = 15_000;
/** Nothing was tried for longer than the longest usual pause between attempts: nothing is known any more. */
const FORGOTTEN_MS = 20 * 60_000;
const LOOK_MS = 5_000;

export class Failing {
  readonly #options: FailingOptions;
  readonly #now: () => number;
  readonly #troubles = new Map<string, Trouble>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FailingOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Why, by root. */
  get messages(): ReadonlyMap<string, string> {
    return new Map([...this.#troubles].map(([root, { message }]) => [root, message]));
  }

  failed(root: string, message: string): void {
    const known = this.#troubles.get(root);
    if (known) {
      known.failedAt = this.#now();
      return;
    }
    this.#troubles.set(root, { message, failedAt: this.#now(), workedAt: 0 });
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    this.#options.onChange();
  }

  worked(root: string): void {
    if (this.#troubles.size === 0) return;
    const known = this.#troubles.get(root);
    if (known) known.workedAt = this.#now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = this.#now();
    const before = this.#troubles.size;
    for (const [root, { failedAt, workedAt }] of this.#troubles)
      if ((workedAt > failedAt && now - failedAt > SETTLED_MS) || now - failedAt > FORGOTTEN_MS)
        this.#troubles.delete(root);
    if (this.#troubles.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    if (this.#troubles.size !== before) this.#options.onChange();
  }
}
