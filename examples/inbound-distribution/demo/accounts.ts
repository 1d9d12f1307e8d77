/** Reads what Crossdock says of its documents: the tracker's accounts and timelines. */
import type pg from 'pg';
import { readAccounts, readTimeline } from '../../../tracker/accounts.ts';
import { actOnExceptions } from '../../../tracker/acts/exceptions.ts';
import { readAllObjectives } from '../../../tracker/deadlines/read.ts';
import { openTrackerDatabase } from '../../../tracker/store.ts';
import { countTransactions, readExceptions, readReached } from '../../../tracker/transactions.ts';
import type { Business } from './business.ts';
import type { Decision } from './decide.ts';
import type { AccountRow } from './reconcile.ts';

export interface Accounts {
  read(): Promise<AccountRow[]>;
  /** What became of the orders. */
  business(): Promise<Business>;
  /** As a clerk does at the console. Throws where it is refused. */
  resolve(decision: Decision): Promise<void>;
  /** Everything that happened to the documents that carry a business key, a line each. */
  timeline(key: string): Promise<string>;
  close(): Promise<void>;
}

export async function openAccounts(url: string, namespace: string): Promise<Accounts> {
  const database: pg.Pool = await openTrackerDatabase(url);
  return {
    async read() {
      const rows = await readAccounts(database, namespace);
      return rows.flatMap(({ document, type, source, destination, state, errorClass, errorCode, keys, causation }) =>
        // A row without a state stands for those that it opened.
        state === null
          ? []
          : [
              {
                document,
                type,
                source,
                destination,
                state,
                keys,
                ...(errorClass && { errorClass }),
                ...(errorCode && { errorCode }),
                ...(causation && { causation }),
              },
            ],
      );
    },
    async business() {
      const [process] = await countTransactions(database, namespace, Date.now());
      return {
        milestones: process?.milestones.map(({ name }) => name) ?? [],
        transactions: await readReached(database, namespace),
        exceptions: await readExceptions(database, namespace),
        objectives: await readAllObjectives(database, namespace),
      };
    },
    async resolve({ resolution, ...ref }) {
      const request = { kind: 'Resolve', by: 'clerk', text: 'agreed with the supplier by phone', resolution } as const;
      const { failed } = await actOnExceptions(database, namespace, [ref], request);
      if (failed[0]) throw new Error(`${resolution} of ${ref.key}: ${failed[0].message}`);
    },
    async timeline(key) {
      const { documents, entries } = await readTimeline(database, namespace, key);
      const first = entries[0]?.at ?? 0;
      return entries
        .map(({ at, type, source, document, destination, outcome, attempt, error, detail }) => {
          const known = documents.find(({ id }) => id === document);
          const where = destination === '' ? `from ${source}` : `→ ${detail?.partner ?? destination}`;
          const tries = attempt > 1 ? ` (attempt ${attempt})` : '';
          const why = error ? `  ${error.class}/${error.code}: ${error.message.slice(0, 90)}` : '';
          return `  +${((at - first) / 1000).toFixed(2).padStart(6)} s  ${(known?.type ?? type).padEnd(24)} ${outcome.padEnd(10)} ${where}${tries}${why}`;
        })
        .join('\n');
    },
    close: () => database.end(),
  };
}
