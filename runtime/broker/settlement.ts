/**
 * The bookkeeping of acks on one channel. Delivery tags count from 1; acks that are contiguous from the first unsettled tag go out
 * as one `multiple`, those ahead of a slow delivery go out singly a little later, so that it does not hold their prefetch back.
 */
export interface AckWire {
  ack(tag: number, multiple: boolean): void;
  /** `requeue` false: to the dead-letter exchange. */
  reject(tag: number, requeue: boolean): void;
}

const ACKED = 1;
/** Settled and told to the broker. */
const TOLD = 2;

export class Settlement {
  readonly #wire: AckWire;
  readonly #batch: number;
  /** All tags up to here are settled. */
  #floor = 0;
  /** The last acked tag up to the floor of which the broker is not told; 0 if none. `multiple` must name an unsettled tag. */
  #last = 0;
  #contiguous = 0;
  /** Settled tags above the floor. */
  readonly #ahead = new Map<number, typeof ACKED | typeof TOLD>();
  #aheadUntold = 0;

  /** At most `batch` acks are held back: a quarter of the prefetch keeps the broker sending. */
  constructor(prefetch: number, wire: AckWire) {
    this.#wire = wire;
    this.#batch = Math.max(1, Math.floor(prefetch / 4));
  }

  /** Acks that the broker is not told of yet. */
  get unsent(): number {
    return this.#contiguous + this.#aheadUntold;
  }
  /** Of these, the ones that wait behind a slow delivery. */
  get stuck(): number {
    return this.#aheadUntold;
  }

  /** Each tag is settled once; the caller sees to it. */
  ack(tag: number): void {
    if (tag === this.#floor + 1) {
      this.#floor = tag;
      this.#last = tag;
      this.#contiguous++;
      if (this.#ahead.size > 0) this.#advance();
      if (this.#contiguous >= this.#batch) this.flush();
    } else {
      this.#ahead.set(tag, ACKED);
      if (++this.#aheadUntold >= this.#batch) this.flushAhead();
    }
  }

  reject(tag: number, requeue: boolean): void {
    if (tag === this.#floor + 1) {
      this.#floor = tag;
      if (this.#ahead.size > 0) this.#advance();
    } else this.#ahead.set(tag, TOLD);
    this.#wire.reject(tag, requeue);
  }

  #advance(): void {
    for (;;) {
      const next = this.#floor + 1;
      const state = this.#ahead.get(next);
      if (state === undefined) return;
      this.#ahead.delete(next);
      this.#floor = next;
      if (state === ACKED) {
        this.#aheadUntold--;
        this.#contiguous++;
        this.#last = next;
      }
    }
  }

  /** Tells the broker of the contiguous acks. */
  flush(): void {
    if (this.#contiguous === 0) return;
    this.#wire.ack(this.#last, this.#contiguous > 1);
    this.#contiguous = 0;
    this.#last = 0;
  }

  /** Tells the broker of the acks ahead of a slow delivery, one by one. */
  flushAhead(): void {
    if (this.#aheadUntold === 0) return;
    for (const [tag, state] of this.#ahead) {
      if (state === TOLD) continue;
      this.#wire.ack(tag, false);
      this.#ahead.set(tag, TOLD);
    }
    this.#aheadUntold = 0;
  }
}
