/**
 * Whose work is begun next: deficit round robin over the time of this thread (as fq_codel has it for packets), so that neither many
 * documents nor costly ones of one integration hold up another's. Who had nothing waiting comes before those that always have. What a
 * document does until it waits for something is done, and counted as its own, before the next is begun; after a slice of time the event
 * loop sees to its sockets and timers first.
 */

/** Between two looks at sockets and timers. A document that takes longer is not interrupted. */
const SLICE_MS = 2;
/** Where no other flow has had anything of late: what is written at the end of a turn is cheaper the more it is. */
const SLICE_ALONE_MS = 10;
/** Cheap documents are begun several at a time: to look at the clock, and to let the rest be done, costs as well. */
const TOGETHER_MS = 1;
const MOST_TOGETHER = 16;
/** What each may use in a round: several documents, so that rounds are few. */
const QUANTUM_MS = 1;
/**
 * Documents under way at a time, of all flows together, where there are several: all wait for the same broker, so what one has there
 * is what the others wait for. A flow that is alone has what its prefetch allows.
 */
const WINDOW = 128;
/** However many flows there are. */
const LEAST = 8;
/** One that began nothing for so long is not counted. */
const ACTIVE_MS = 1_000;
const LOOK_MS = 100;
/** Of work at a stretch: it is felt by the others. */
const LONG_MS = 4;

/** First in, first out, without moving the rest at each. */
class Line {
  #begin: (() => void)[] = [];
  #at = 0;

  get length(): number {
    return this.#begin.length - this.#at;
  }
  push(begin: () => void): void {
    this.#begin.push(begin);
  }
  shift(): (() => void) | undefined {
    const begin = this.#begin[this.#at++];
    if (this.#at >= this.#begin.length) {
      this.#begin = [];
      this.#at = 0;
    }
    return begin;
  }
}

class Flow {
  /** Of documents that are well on their way: they come before new ones, which would only wait further on. */
  readonly further = new Line();
  readonly fresh = new Line();
  /** Whether it has a place in the round. */
  listed = false;
  /** ms that it may still use in this round; below zero, what it used of the rounds to come. */
  credit = QUANTUM_MS;
  /** Documents that were begun by `run` and are not done. */
  underWay = 0;
  lastAt = 0;
  /** ms of one, about: of the last ones. */
  cost = TOGETHER_MS;
  /** Nothing of it is begun before, while there are others. */
  restUntil = 0;
}

export class Fair {
  readonly #now: () => number;
  readonly #flows = new Map<string, Flow>();
  /** Had nothing waiting before: first in first. */
  readonly #new: Flow[] = [];
  readonly #round: Flow[] = [];
  #running = false;
  #sliceEnd = 0;
  /** Whose work was begun last, and when. */
  #last: Flow | undefined;
  #since = 0;
  #begun = 0;
  readonly #resting: Flow[] = [];
  #waking: NodeJS.Timeout | undefined;
  /** Of the window, what one flow may have under way. */
  #share = Number.POSITIVE_INFINITY;
  #sharedAt = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Resolves when it is the flow's turn, before its new documents: what follows at once is its. */
  turn(name: string): Promise<void> {
    const flow = this.#flow(name);
    return new Promise((resolve) => {
      flow.further.push(resolve);
      this.#list(flow);
    });
  }

  /** All of a document's work, which is over soon. Begun in turn; as long as others have documents too, a flow has its share under way. */
  run(name: string, work: () => Promise<void>): Promise<void> {
    const flow = this.#flow(name);
    return new Promise((resolve, reject) => {
      const over = () => {
        flow.underWay -= 1;
        if (!flow.listed) this.#list(flow);
      };
      flow.fresh.push(() => {
        work().then(
          () => {
            over();
            resolve();
          },
          (error) => {
            over();
            reject(error);
          },
        );
      });
      if (!flow.listed || !this.#running) this.#list(flow);
    });
  }

  #flow(name: string): Flow {
    let flow = this.#flows.get(name);
    if (!flow) {
      flow = new Flow();
      this.#flows.set(name, flow);
    }
    return flow;
  }

  /** What may be begun of it. */
  #line(flow: Flow): Line | undefined {
    if (flow.further.length > 0) return flow.further;
    return flow.fresh.length > 0 && flow.underWay < this.#share ? flow.fresh : undefined;
  }

  #list(flow: Flow): void {
    if (!flow.listed && this.#line(flow)) {
      flow.listed = true;
      this.#new.push(flow);
    }
    if (flow.listed) this.#start();
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    process.nextTick(this.#slice);
  }

  readonly #slice = (): void => {
    const now = this.#now();
    this.#sliceEnd = now + (this.#share === Number.POSITIVE_INFINITY ? SLICE_ALONE_MS : SLICE_MS);
    if (now - this.#sharedAt > LOOK_MS) this.#divide(now);
    if (this.#resting.length > 0)
      for (const flow of this.#resting.splice(0)) (flow.restUntil > now ? this.#resting : this.#round).push(flow);
    this.#next();
  };

  /** Between those that began something of late. */
  #divide(now: number): void {
    this.#sharedAt = now;
    let active = 0;
    for (const [name, flow] of this.#flows) {
      if (now - flow.lastAt < ACTIVE_MS) active += 1;
      else if (!flow.listed && flow.underWay === 0 && !this.#line(flow)) this.#flows.delete(name);
    }
    this.#share = active < 2 ? Number.POSITIVE_INFINITY : Math.max(LEAST, Math.floor(WINDOW / active));
    for (const flow of this.#flows.values()) this.#list(flow);
  }

  readonly #next = (): void => {
    const now = this.#now();
    const last = this.#last;
    if (last) {
      const took = now - this.#since;
      last.credit -= took;
      last.cost += (took / this.#begun - last.cost) / 4;
      // One that takes long stops the loop for all: as much of the time is free of it.
      if (took > LONG_MS && this.#share !== Number.POSITIVE_INFINITY) last.restUntil = now + took;
      this.#last = undefined;
    }
    const flow = this.#choose(now);
    if (!flow) {
      this.#running = false;
      this.#wake(now);
    } else if (now >= this.#sliceEnd) {
      setImmediate(this.#slice);
    } else {
      flow.lastAt = now;
      this.#last = flow;
      this.#since = now;
      this.#begun = 0;
      const most = Math.min(MOST_TOGETHER, Math.floor(TOGETHER_MS / flow.cost));
      const line = this.#line(flow)!;
      do {
        if (line === flow.fresh) flow.underWay += 1;
        line.shift()!();
      } while (++this.#begun < most && this.#line(flow) === line);
      // Behind all that it has ready to be done.
      queueMicrotask(this.#soon);
    }
  };

  readonly #soon = (): void => {
    process.nextTick(this.#next);
  };

  /** When the first of those that rest may go on. */
  #wake(now: number): void {
    clearTimeout(this.#waking);
    if (this.#resting.length === 0) return;
    const next = Math.min(...this.#resting.map(({ restUntil }) => restUntil));
    this.#waking = setTimeout(() => this.#start(), Math.max(1, next - now));
  }

  #choose(now: number): Flow | undefined {
    for (;;) {
      const list = this.#new.length > 0 ? this.#new : this.#round;
      const [flow] = list;
      if (!flow) return undefined;
      const waits = this.#line(flow) !== undefined;
      if (flow.credit > 0 && waits && flow.restUntil <= now) return flow;
      list.shift();
      if (waits && flow.restUntil > now) {
        this.#resting.push(flow);
        continue;
      }
      // Who has nothing more stays for a round, so that it is not new at each document.
      if (waits || (list === this.#new && this.#round.length > 0)) {
        if (flow.credit <= 0) flow.credit += QUANTUM_MS;
        this.#round.push(flow);
      } else flow.listed = false;
    }
  }
}
