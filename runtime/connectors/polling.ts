/** What polled mailboxes of files share, wherever they lie: which files are ready, in what order they are taken, what is told once. */
import type { RunningSource } from './connector.ts';
import { UnreachableError } from './failure.ts';

/** Bigger files are taken one at a time, so that a poll's memory is bounded. */
const SMALL_BYTES = 1_024 * 1_024;
/** Bigger ones are not held in memory, where their format can be cut. */
export const LARGE_BYTES = 4 * 1_024 * 1_024;
/** Bigger ones are not taken where they must be held in memory. */
export const MAX_FILE_BYTES = 100 * 1_024 * 1_024;

export interface FileSeen {
  name: string;
  size: number;
  /** Another one when it was written to. */
  fingerprint: string;
  /** It is complete for sure; else once it looks the same at two polls. */
  complete: boolean;
}

export interface Mailbox<T extends FileSeen> {
  /** Files that are wanted, in the order in which they are to be taken, and all names that are there. */
  look(report: Report): Promise<{ found: T[]; seen: ReadonlySet<string> }>;
  /** Resolves when it is accepted and put away. An UnreachableError ends the poll: it is no matter of this file. */
  take(file: T): Promise<void>;
  /** What to tell of a file that was not; undefined where there is nothing to say. */
  troubleWith(name: string, error: unknown): Error | undefined;
  /** Small files that are taken side by side. */
  concurrency: number;
  close?(): Promise<void>;
}

/** Tells of trouble with a file, by name. */
export type Report = (name: string, trouble: Error | undefined) => void;

export function pollMailbox<T extends FileSeen>(
  mailbox: Mailbox<T>,
  onTrouble: (error: Error) => void,
): Required<RunningSource> {
  let looks = new Map<string, string>();
  let running: Promise<void> | undefined;
  let stopped = false;
  const told = new Map<string, string>();
  /** The same trouble with the same file is told once, not at each poll. */
  const report: Report = (name, trouble) => {
    if (!trouble || told.get(name) === trouble.message) return;
    told.set(name, trouble.message);
    onTrouble(trouble);
  };

  const pollOnce = async (): Promise<void> => {
    const { found, seen } = await mailbox.look(report);
    const ready = found.filter((file) => file.complete || looks.get(file.name) === file.fingerprint);
    looks = new Map(found.map(({ name, fingerprint }) => [name, fingerprint]));
    for (const name of told.keys()) if (!seen.has(name)) told.delete(name);
    let lost: UnreachableError | undefined;
    const take = async (file: T): Promise<void> => {
      if (stopped || lost) return;
      try {
        await mailbox.take(file);
      } catch (error) {
        if (error instanceof UnreachableError) lost = error;
        else report(file.name, mailbox.troubleWith(file.name, error));
      }
    };
    await sideBySide(
      ready.filter(({ size }) => size <= SMALL_BYTES),
      mailbox.concurrency,
      take,
    );
    for (const file of ready.filter(({ size }) => size > SMALL_BYTES)) await take(file);
    if (lost) throw lost;
  };

  return {
    poll() {
      if (stopped) return Promise.resolve();
      running ??= pollOnce().finally(() => {
        running = undefined;
      });
      return running;
    },
    async stop() {
      stopped = true;
      // Why a poll failed was told to who asked for it.
      await running?.catch(() => {});
      await mailbox.close?.();
    },
  };
}

async function sideBySide<T>(items: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, lane));
}

/** It is not, or not any more, the file that was looked at: it is left for the next poll. */
export class Unsettled extends Error {
  override name = 'Unsettled';
}
