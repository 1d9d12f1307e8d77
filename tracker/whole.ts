/** A tracker of one namespace as a whole: both streams and the business processes over them. */
import { PAYLOAD_STREAM } from './payloads.ts';
import type { TrackerPlan } from './plan.ts';
import { Processes } from './process/processes.ts';
import { follow, startTracker, type TrackerOptions } from './tracker.ts';

export interface WholeTracker {
  /** Why accounts, payloads or transactions are not up to date now. */
  readonly trouble: string | undefined;
  /** Of the streams, noticed by this process. */
  readonly gaps: number;
  readonly setAside: number;
  readonly behind: number;
  /** Of the journal. */
  readonly lagMs: number;
  /** Fenced: another tracker took over, and this one stopped. */
  readonly ended: Promise<'Stopped' | 'Fenced'>;
  use(plan: TrackerPlan): void;
  stop(): Promise<void>;
}

export function startWholeTracker(options: TrackerOptions): WholeTracker {
  const journal = startTracker(options);
  const payloads = follow(options, PAYLOAD_STREAM);
  const processes = new Processes(options);
  const stop = async () => {
    await Promise.all([journal.stop(), payloads.stop(), processes.stop()]);
  };
  const ended = Promise.race([journal.ended, payloads.ended]).then(async (how) => {
    await stop();
    return how;
  });
  return {
    get trouble() {
      return journal.trouble ?? payloads.trouble ?? processes.trouble;
    },
    get gaps() {
      return journal.gaps + payloads.gaps;
    },
    get setAside() {
      return journal.setAside + payloads.setAside;
    },
    get behind() {
      return journal.behind + payloads.behind;
    },
    get lagMs() {
      return journal.lagMs;
    },
    ended,
    use: (plan) => processes.use(plan),
    stop,
  };
}
