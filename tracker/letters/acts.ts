/** What people do about letters: replay them by a replay of their own, discard them for good, or park them until somebody looks. */
import type pg from 'pg';
import { accountsOfLetter } from '../../runtime/pipeline/letters.ts';
import { audit } from '../acts/audit.ts';
import { checkPerson } from '../acts/check.ts';
import { ActError, type ActReport, type Office, type Person } from '../acts/contract.ts';
import type { Replay } from '../replay/contract.ts';
import { startReplay } from '../replay/store.ts';
import { passOver } from './act.ts';
import type { LetterSelection } from './contract.ts';
import { LETTERS, letterParameters } from './groups.ts';

/** Nothing is removed but what is confirmed and journalled as discarded: who and why stays. */
export const discardLetters = (office: Office, selection: LetterSelection, person: Person): Promise<ActReport> =>
  actOnLetters(office, selection, person, 'Discarded');

/** To the parked, in a higher epoch: they are out of the dead letters, and can be replayed or discarded from there. */
export const parkLetters = (office: Office, selection: LetterSelection, person: Person): Promise<ActReport> =>
  actOnLetters(office, selection, person, 'Parked');

/** What discard and park would be about: `id destination` of at most 10,000. */
export async function previewLetters(
  database: pg.Pool,
  namespace: string,
  selection: LetterSelection,
): Promise<string[]> {
  return (await select(database, namespace, selection)).map(
    ({ document, destination }) => `${document} ${destination}`,
  );
}

/** A replay of the letters; `dryRun` says what would happen. */
export const replayLetters = (
  database: pg.Pool,
  namespace: string,
  { fingerprint, documents }: LetterSelection,
  { by, reason }: Person,
  { dryRun = false, ratePerSecond }: { dryRun?: boolean; ratePerSecond?: number } = {},
): Promise<Replay> =>
  startReplay(database, namespace, {
    reason,
    requestedBy: by,
    mode: dryRun ? 'DryRun' : 'Run',
    selector: {
      deadLetters: { ...(fingerprint !== undefined && { fingerprint }) },
      ...(documents && { documents: [...documents] }),
    },
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  });

const MAX_LETTERS = 10_000;

interface Selected {
  document: string;
  destination: string;
  state: 'DeadLettered' | 'Parked';
}
async function select(
  database: pg.Pool,
  namespace: string,
  { fingerprint, documents }: LetterSelection,
): Promise<Selected[]> {
  if (fingerprint === undefined && !documents?.length)
    throw new ActError('Invalid', 'which letters? Name a group or documents');
  const { rows } = await database.query<Selected>(
    `select a.document, a.destination, a.state ${LETTERS} and ($8::text[] is null or a.document = any($8)) limit $9`,
    [
      ...letterParameters(namespace, { ...(fingerprint !== undefined && { fingerprint }) }),
      documents ?? null,
      MAX_LETTERS,
    ],
  );
  return rows;
}

async function actOnLetters(
  office: Office,
  selection: LetterSelection,
  { by, reason }: Person,
  outcome: 'Discarded' | 'Parked',
): Promise<ActReport> {
  checkPerson({ by, reason });
  const { database, namespace } = office;
  const found = await select(database, namespace, selection);
  const report: ActReport = { selected: found.length, done: 0, failed: [] };
  const target = selection.fingerprint
    ? `DeadLetters/${selection.fingerprint}`
    : `Documents/${selection.documents!.slice(0, 20).join(',')}`;
  if (found.length === 0) throw new ActError('NotFound', 'no letter is meant by that');
  const courier = office.courier();
  for (const queue of ['dead-letters', 'parked'] as const) {
    const state = queue === 'parked' ? 'Parked' : 'DeadLettered';
    const wanted = new Set(found.filter((one) => one.state === state).map(keyOf));
    if (wanted.size === 0) continue;
    const seen = new Set<string>();
    const { failed } = await passOver(
      courier,
      { outcome, by, reason },
      {
        queue,
        selects: (letter) => accountsOfLetter(letter).some((account) => wanted.has(keyOf(account))),
        onDone: (letter, failure) => {
          for (const key of accountsOfLetter(letter).map(keyOf)) {
            if (!wanted.has(key) || seen.has(key)) continue;
            seen.add(key);
            if (failure === undefined) report.done += 1;
          }
        },
      },
    );
    for (const { letter, message } of failed) report.failed.push({ id: letter.document, message });
    for (const key of wanted)
      if (!seen.has(key)) report.failed.push({ id: key, message: `its letter is not in the queue ${queue} now` });
  }
  const detail = { selected: report.selected, done: report.done, failed: report.failed.length };
  await audit(database, namespace, {
    ...{ actor: by, act: `Letters${outcome}`, target, reason, detail },
    outcome: report.done === 0 ? 'Failed' : 'Done',
  });
  return report;
}

const keyOf = ({ document, destination }: { document: string; destination: string }) => `${document} ${destination}`;
