/**
 * Replays, discards or parks letters. A letter is removed only when what becomes of it is confirmed and journalled: killed in between,
 * it is still there, and acting on it again does the same thing under the same ids.
 */
import { UnroutableError } from '../../runtime/broker/broker.ts';
import { actOn, type Letter, parkedOf, replayOf } from '../../runtime/pipeline/letters.ts';
import type { Courier } from '../acts/contract.ts';
import { LetterBox, QUEUES, type QueueName, type Taken } from './box.ts';

export interface LetterAct {
  outcome: 'Replayed' | 'Discarded' | 'Parked';
  by: string;
  reason: string;
  /** Of the journal's entries: the Replay that it belongs to. */
  detail?: Record<string, string>;
}
export interface LetterReport {
  done: Letter[];
  failed: { letter: Letter; message: string }[];
  left: number;
}
export interface Pass {
  queue: QueueName;
  selects(letter: Letter): boolean;
  /** Waits until the next may go; true ends the pass. */
  turn?(): Promise<boolean>;
  /** When a letter is done or failed, before the next turn is given. */
  onDone?(letter: Letter, failure: string | undefined): void;
}

/** In the air at once; each needs a confirm of the broker and one of the journal. */
const WINDOW = 64;

/** One pass over what lies in the queue now. */
export async function passOver(courier: Courier, what: LetterAct, pass: Pass): Promise<LetterReport> {
  const { queue, selects, turn, onDone } = pass;
  const box = await LetterBox.open(courier.access, queue);
  const report: LetterReport = { done: [], failed: [], left: 0 };
  const acted = new Map<string, Promise<string | undefined>>();
  const flying = new Set<Promise<unknown>>();
  const oneFor = async (taken: Taken): Promise<string | undefined> => {
    const failure = await actOnOne(courier, taken, queue, what);
    if (failure === undefined) report.done.push(taken.letter);
    else report.failed.push({ letter: taken.letter, message: failure });
    onDone?.(taken.letter, failure);
    return failure;
  };
  try {
    for await (const taken of box.letters()) {
      const { letter } = taken;
      if (!selects(letter)) {
        report.left += 1;
        continue;
      }
      // A copy, made when a stage was killed between letter and ack: what was done for the first was done for it.
      const first = acted.get(letter.id);
      if (!first && (await turn?.())) break;
      const one = first ?? oneFor(taken);
      acted.set(letter.id, one);
      const flight = one
        .then((failure) => failure === undefined && taken.ack())
        .catch((error: Error) =>
          report.failed.push({
            letter,
            message: `${what.outcome.toLowerCase()}, but still in ${queue}: ${error.message}`,
          }),
        )
        .finally(() => flying.delete(flight));
      flying.add(flight);
      while (flying.size >= WINDOW) await Promise.race(flying);
    }
    await Promise.all(flying);
  } finally {
    await box.close();
  }
  return report;
}

/** Why it failed; undefined: it is done, and the letter may go. */
async function actOnOne(
  { broker, journal }: Courier,
  { letter, message }: Taken,
  queue: QueueName,
  what: LetterAct,
): Promise<string | undefined> {
  try {
    if (what.outcome === 'Parked') {
      if (queue === QUEUES.parked) return 'it is parked already';
      if (letter.stage === 'unknown') return 'The message does not say where it came from: discard it';
      await broker.publish(parkedOf(message, letter));
    }
    if (what.outcome === 'Replayed') {
      if (letter.stage === 'unknown') return 'The message does not say where it came from: discard it';
      await broker.publish(replayOf(message, letter));
    }
    const at = Date.now();
    await Promise.all(actOn(letter, { ...what, at }).map((entry) => journal.write(entry)));
    return undefined;
  } catch (error) {
    return error instanceof UnroutableError
      ? `no queue takes ${letter.returnTo}: bring its Integration back, or discard the letter`
      : (error as Error).message;
  }
}
