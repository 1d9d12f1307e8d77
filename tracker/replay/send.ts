/** Sends what waits of a replay, a turn at a time: as many as the rate allows in a second or so. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { accountsOfLetter, type Letter } from '../../runtime/pipeline/letters.ts';
import type { Office } from '../acts/contract.ts';
import { passOver } from '../letters/act.ts';
import { type ArchiveItem, readArchived, sendAgain } from './archive.ts';
import { DEFAULT_RATE } from './check.ts';
import type { SelectedItem } from './select.ts';
import type { StoredReplay } from './store.ts';

/** Of a turn. Longer turns for letters: each goes over the whole queue. */
const TURN_MS = 1_000;
const PASS_MS = 4_000;
/** Whether it was cancelled is looked at so often. */
const LOOK_MS = 500;
/** A letter that is not in its queue may be in somebody's hands: it is looked for so long. */
const MISSING_MS = 15_000;
/** Their contents are in memory. */
const MAX_TURN = 200;
/** In the air at once, from the archive. */
const WINDOW = 32;

type Item = ArchiveItem & {
  way: SelectedItem['way'];
  current: number | null;
  state: string | null;
  outcome: string | null;
};
interface Result {
  seq: number;
  outcome: 'Sent' | 'Refused' | 'Skipped';
  message: string;
}

export class Sender {
  readonly #office: Office;
  /** Since when letters of a replay are looked for in vain. */
  readonly #missing = new Map<string, number>();
  /** When the next of a replay may go. */
  readonly #next = new Map<string, number>();

  constructor(office: Office) {
    this.#office = office;
  }

  /** False: nothing waits any more. */
  async send(client: pg.ClientBase, replay: StoredReplay): Promise<boolean> {
    const { namespace } = this.#office;
    const { rows } = await client.query<Item>(
      `select i.seq, i.document, i.destination, i.way, i.epoch, a.epoch as current, a.state, a.outcome
       from replay_items i left join accounts a on a.namespace = i.namespace and a.document = i.document and a.destination = i.destination
       where i.namespace = $1 and i.replay = $2 and i.outcome = 'Waiting' order by i.seq limit 5000`,
      [namespace, replay.name],
    );
    if (rows.length === 0) {
      this.#next.delete(replay.name);
      return false;
    }
    const known = rows.flatMap((item) => settledBefore(item) ?? []);
    const open = rows.filter((item) => !known.some(({ seq }) => seq === item.seq));
    const letters = open.filter(({ way }) => way !== 'Archive');
    const archived = open.filter(({ way }) => way === 'Archive');
    const results = [
      ...known,
      ...(archived.length > 0 ? await this.#fromArchive(client, replay, archived) : []),
      ...(letters.length > 0 && archived.length === 0 ? await this.#fromLetters(replay, letters) : []),
    ];
    for (const { seq, outcome, message } of results)
      await client.query(
        'update replay_items set outcome = $4, message = $5 where namespace = $1 and replay = $2 and seq = $3',
        [namespace, replay.name, seq, outcome, message],
      );
    return true;
  }

  async #fromArchive(client: pg.ClientBase, replay: StoredReplay, items: readonly Item[]): Promise<Result[]> {
    const courier = this.#office.courier();
    const { interval, why } = how(replay);
    const some = items.slice(0, Math.min(MAX_TURN, Math.max(1, Math.floor(TURN_MS / interval))));
    const archived = await readArchived(client, this.#office.namespace, some);
    const results: Result[] = [];
    const flying = new Set<Promise<void>>();
    for (const { seq, document, destination } of some) {
      await this.#pace(replay, interval);
      const found = archived.get(`${document} ${destination}`);
      if (!found) {
        results.push({ seq, outcome: 'Refused', message: 'the archive does not have its content any more' });
        continue;
      }
      const flight = sendAgain(courier, found, destination, why)
        .then((refusal) => void results.push(resultOf(seq, refusal)))
        // Not confirmed: it waits on, and is sent again if nothing is heard of it.
        .catch((error: Error) => {
          this.#office.log.warn('not sent again yet', { document, destination, error: error.message });
        })
        .finally(() => flying.delete(flight));
      flying.add(flight);
      while (flying.size >= WINDOW) await Promise.race(flying);
    }
    await Promise.all(flying);
    return results;
  }

  async #fromLetters(replay: StoredReplay, items: readonly Item[]): Promise<Result[]> {
    const courier = this.#office.courier();
    const { interval, why } = how(replay);
    const queue = items[0]!.way as 'dead-letters' | 'parked';
    const wanted = new Map(
      items.filter(({ way }) => way === queue).map((item) => [`${item.document} ${item.destination}`, item]),
    );
    const itemsOf = (letter: Letter): Item[] =>
      accountsOfLetter(letter).flatMap(({ document, destination }) => wanted.get(`${document} ${destination}`) ?? []);
    const results: Result[] = [];
    const end = performance.now() + PASS_MS;
    let looked = performance.now();
    let cut = false;
    await passOver(
      courier,
      { outcome: 'Replayed', ...why },
      {
        queue,
        selects: (letter) => itemsOf(letter).length > 0,
        turn: async () => {
          await this.#pace(replay, interval);
          cut = performance.now() > end;
          if (!cut && performance.now() - looked > LOOK_MS) {
            looked = performance.now();
            cut = await this.#isCancelled(replay);
          }
          return cut;
        },
        onDone: (letter, failure) => {
          for (const { seq } of itemsOf(letter)) results.push(resultOf(seq, failure));
        },
      },
    );
    if (cut || results.length > 0) {
      this.#missing.delete(replay.name);
      return results;
    }
    return this.#notFound(replay, [...wanted.values()]);
  }

  async #pace({ name }: StoredReplay, interval: number): Promise<void> {
    const now = performance.now();
    const next = Math.max(this.#next.get(name) ?? now, now - interval);
    this.#next.set(name, next + interval);
    await delay(Math.max(0, next - now));
  }

  async #isCancelled({ name }: StoredReplay): Promise<boolean> {
    const { database, namespace } = this.#office;
    const { rowCount } = await database.query(
      'select from replays where namespace = $1 and name = $2 and not cancelled',
      [namespace, name],
    );
    return rowCount === 0;
  }

  async #notFound({ name }: StoredReplay, items: readonly Item[]): Promise<Result[]> {
    const now = performance.now();
    const since = this.#missing.get(name) ?? now;
    this.#missing.set(name, since);
    if (now - since < MISSING_MS) {
      await delay(500);
      return [];
    }
    this.#missing.delete(name);
    const message = `its letter is not in the queue ${items[0]!.way} any more`;
    return items.map(({ seq }) => ({ seq, outcome: 'Refused', message }));
  }
}

/** Sent before a crash, or no more as it was when it was selected. */
function settledBefore({ seq, epoch, current, state, outcome, way }: Item): Result | undefined {
  const was = current ?? -1;
  if (was === epoch) return { seq, outcome: 'Sent', message: '' };
  if (was > epoch) return { seq, outcome: 'Skipped', message: 'it was replayed otherwise meanwhile' };
  if (outcome === 'Discarded') return { seq, outcome: 'Skipped', message: 'its letter was discarded meanwhile' };
  if (way !== 'Archive' && state === 'Delivered')
    return { seq, outcome: 'Skipped', message: 'it was delivered meanwhile' };
  return undefined;
}

const resultOf = (seq: number, failure: string | undefined): Result =>
  failure === undefined ? { seq, outcome: 'Sent', message: '' } : { seq, outcome: 'Refused', message: failure };

function how({ name, requestedBy: by, reason, ratePerSecond = DEFAULT_RATE, approvals }: StoredReplay) {
  const detail = { replay: name, ...(approvals.length > 0 && { approvedBy: approvals.join(', ') }) };
  return { interval: 1_000 / ratePerSecond, why: { by, reason, detail } };
}
