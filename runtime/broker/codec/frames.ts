/** AMQP 0.9.1 frames out of a stream of chunks that break anywhere. Frames are handed out where they lie; only broken ones are copied. */
export const METHOD = 1;
export const HEADER = 2;
export const BODY = 3;
export const HEARTBEAT = 8;
export const FRAME_END = 0xce;
/** Of type, channel and size; with the end byte, what a frame has besides its payload. */
export const FRAME_HEAD = 7;
export const FRAME_OVERHEAD = FRAME_HEAD + 1;

/** The payload is `bytes` from `start` to `end`. */
export type OnFrame = (type: number, channel: number, bytes: Buffer, start: number, end: number) => void;

export class FrameReader {
  readonly #onFrame: OnFrame;
  /** Of a payload, as it was negotiated. */
  maxSize: number;
  /** A frame's beginning, `#bytes` long. It can go on when it is `#needed` long. */
  #parts: Buffer[] = [];
  #bytes = 0;
  #needed = FRAME_HEAD;

  constructor(maxSize: number, onFrame: OnFrame) {
    this.maxSize = maxSize;
    this.#onFrame = onFrame;
  }

  /** Throws for what is no frame; the stream is of no use then. */
  push(chunk: Buffer): void {
    let at = 0;
    while (this.#bytes > 0) {
      const take = Math.min(this.#needed - this.#bytes, chunk.length - at);
      this.#parts.push(chunk.subarray(at, at + take));
      this.#bytes += take;
      at += take;
      if (this.#bytes < this.#needed) return;
      const whole = Buffer.concat(this.#parts, this.#bytes);
      if (this.#needed === FRAME_HEAD) {
        this.#parts = [whole];
        this.#needed = FRAME_OVERHEAD + this.#sizeAt(whole, 0);
      } else {
        this.#parts = [];
        this.#bytes = 0;
        this.#needed = FRAME_HEAD;
        this.#frame(whole, 0, whole.length - 1);
      }
    }
    while (chunk.length - at >= FRAME_HEAD) {
      const end = at + FRAME_HEAD + this.#sizeAt(chunk, at);
      if (end >= chunk.length) {
        this.#needed = end - at + 1;
        break;
      }
      this.#frame(chunk, at, end);
      at = end + 1;
    }
    if (at < chunk.length) {
      this.#parts.push(chunk.subarray(at));
      this.#bytes = chunk.length - at;
    }
  }

  #sizeAt(bytes: Buffer, at: number): number {
    const size = bytes.readUInt32BE(at + 3);
    if (size > this.maxSize)
      throw new Error(`The peer sent a frame of ${size} bytes; at most ${this.maxSize} were agreed on`);
    return size;
  }

  #frame(bytes: Buffer, start: number, end: number): void {
    if (bytes[end] !== FRAME_END) throw new Error('The peer sent what is no AMQP frame');
    this.#onFrame(bytes[start]!, bytes.readUInt16BE(start + 1), bytes, start + FRAME_HEAD, end);
  }
}
