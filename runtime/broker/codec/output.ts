/**
 * What goes out on a connection: frames of all channels are written into one buffer during a turn of the event loop, and go to the
 * socket at its end at once. Buffers are used again when the socket is done with them.
 */
import type { Duplex } from 'node:stream';

const ARENA_BYTES = 256 * 1024;
/** Written within the turn when so much has gathered. */
const TURN_BYTES = 256 * 1024;
/** Longer bodies are not copied, but handed to the socket as they are. */
export const MAX_COPY_BYTES = 32 * 1024;
const MAX_FREE = 4;

/** `writing` counts what the socket still holds of it; `retired`: nothing more is written into it. */
interface Arena {
  readonly bytes: Buffer;
  writing: number;
  retired: boolean;
}
const arena = (size: number): Arena => ({ bytes: Buffer.allocUnsafeSlow(size), writing: 0, retired: false });

export class Output {
  readonly #socket: Duplex;
  #arena = arena(ARENA_BYTES);
  readonly #free: Arena[] = [];
  /** Where the part begins that is not in `#chunks` yet. */
  #from = 0;
  /** Where the next byte goes, after `reserve`. */
  at = 0;
  #chunks: { bytes: Buffer; of: Arena | undefined }[] = [];
  #gathered = 0;
  #scheduled = false;
  #hooks: (() => void)[] = [];
  /** Whether anything was written since it was asked last. */
  #wrote = false;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Room for so many bytes, from `at` of the buffer that it gives. Until `commit`, nothing of it goes out. */
  reserve(size: number): Buffer {
    if (this.at + size > this.#arena.bytes.length) {
      this.#seal();
      this.#arena.retired = true;
      this.#arena = (size <= ARENA_BYTES ? this.#free.pop() : undefined) ?? arena(Math.max(size, ARENA_BYTES));
      this.#arena.retired = false;
      this.#from = 0;
      this.at = 0;
    }
    return this.#arena.bytes;
  }

  /** What was written up to `end` goes out with the turn. */
  commit(end: number): void {
    this.at = end;
    if (this.#gathered + end - this.#from >= TURN_BYTES) this.#drain();
    else this.#schedule();
  }

  /** Sends bytes as they are; they must not change any more. */
  append(bytes: Buffer): void {
    this.#seal();
    this.#chunks.push({ bytes, of: undefined });
    this.#gathered += bytes.length;
    this.#schedule();
  }

  /** Calls `hook` once, before the turn's frames are sent, so that it can add its own. */
  beforeFlush(hook: () => void): void {
    this.#hooks.push(hook);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.flush);
  }

  readonly flush = (): void => {
    this.#scheduled = false;
    if (this.#hooks.length > 0) {
      const hooks = this.#hooks;
      this.#hooks = [];
      for (const hook of hooks) hook();
    }
    this.#drain();
  };

  /** For the heartbeat. */
  wroteSinceAsked(): boolean {
    const wrote = this.#wrote;
    this.#wrote = false;
    return wrote;
  }

  #seal(): void {
    if (this.at === this.#from) return;
    this.#chunks.push({ bytes: this.#arena.bytes.subarray(this.#from, this.at), of: this.#arena });
    this.#gathered += this.at - this.#from;
    this.#from = this.at;
  }

  #drain(): void {
    this.#seal();
    if (this.#chunks.length === 0) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#gathered = 0;
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    this.#wrote = true;
    if (chunks.length > 1) socket.cork();
    for (const { bytes, of } of chunks) {
      if (of) of.writing++;
      socket.write(bytes, of && (() => this.#written(of)));
    }
    if (chunks.length > 1) socket.uncork();
  }

  #written(of: Arena): void {
    of.writing--;
    if (of.writing > 0 || of.bytes.length !== ARENA_BYTES) return;
    if (of === this.#arena) {
      // Nothing of it is with the socket: it can begin anew, unless a frame is in it already.
      if (this.at === this.#from) {
        this.#from = 0;
        this.at = 0;
      }
    } else if (of.retired && this.#free.length < MAX_FREE) this.#free.push(of);
  }
}
