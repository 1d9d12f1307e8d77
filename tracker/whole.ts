/** A tracker of one namespace as a whole: both streams, the business processes over them, their deadlines, and who is told. */
import { folderSecrets } from '../runtime/secrets.ts';
import { AcknowledgmentWatch } from './acknowledgments/watch.ts';
import type { Office } from './acts/contract.ts';
import { openOffice } from './acts/office.ts';
import { Deadlines } from './deadlines/deadlines.ts';
import { Notifier } from './deadlines/notifier.ts';
import { ToldUntil } from './deadlines/told.ts';
import { PAYLOAD_STREAM } from './payloads.ts';
import type { TrackerPlan } from './plan.ts';
import { Processes } from './process/processes.ts';
import { Replays } from './replay/replays.ts';
import { Resolutions } from './resolutions/resolutions.ts';
import { Retention } from './retention.ts';
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
  /** The plan that all rows are of, or are being made of. */
  readonly inForce: TrackerPlan | undefined;
  /** By SLAPolicy: why somebody who is to be told does not take it. */
  readonly failing: ReadonlyMap<string, string>;
  /** Fenced: another tracker took over, and this one stopped. */
  readonly ended: Promise<'Stopped' | 'Fenced'>;
  /** For acts of people. */
  readonly office: Office;
  use(plan: TrackerPlan): void;
  stop(): Promise<void>;
}

export function startWholeTracker(options: TrackerOptions): WholeTracker {
  const journal = startTracker(options);
  const payloads = follow(options, PAYLOAD_STREAM);
  const streams = [new ToldUntil(journal), new ToldUntil(payloads)];
  const toldUntil = () => Math.min(...streams.map((stream) => stream.until(Date.now())));
  const processes = new Processes({ ...options, toldUntil });
  const deadlines = new Deadlines({ ...options, toldUntil });
  const acknowledgments = new AcknowledgmentWatch({ ...options, toldUntil });
  const notifier = new Notifier({ secrets: folderSecrets(), ...options });
  const office = openOffice(options);
  const replays = new Replays(office);
  const resolutions = new Resolutions(office);
  const retention = new Retention(options);
  const stop = async () => {
    await Promise.all([
      journal.stop(),
      payloads.stop(),
      processes.stop(),
      acknowledgments.stop(),
      deadlines.stop(),
      notifier.stop(),
      replays.stop(),
      resolutions.stop(),
      retention.stop(),
    ]);
    await office.close();
  };
  const ended = Promise.race([journal.ended, payloads.ended]).then(async (how) => {
    await stop();
    return how;
  });
  return {
    office,
    get trouble() {
      return (
        journal.trouble ??
        payloads.trouble ??
        processes.trouble ??
        deadlines.trouble ??
        notifier.trouble ??
        resolutions.trouble
      );
    },
    get inForce() {
      return processes.inForce;
    },
    get failing() {
      return notifier.failing;
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
    use(plan) {
      processes.use(plan);
      deadlines.use(plan);
      notifier.use(plan);
      replays.use(plan.replays ?? []);
      retention.use(plan);
    },
    stop,
  };
}
