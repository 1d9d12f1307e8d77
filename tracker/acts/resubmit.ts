/**
 * A document that a person edited, taken in as a new one. Its id is derived from the edited document and its content: the same edit, asked for
 * again or by two at once, is sent once. (Killed between the broker's confirm and the commit it may be sent again, under the same id.)
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { canonicalJson, deriveId, sha256Hex } from '../../runtime/canonical.ts';
import type { Violation } from '../../runtime/errors.ts';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { type Resubmission, resubmissionMessage } from '../../runtime/pipeline/resubmission.ts';
import { inTransaction } from '../../runtime/store/transaction.ts';
import { discardLetters } from '../letters/acts.ts';
import { LETTERS, letterParameters } from '../letters/groups.ts';
import { audit } from './audit.ts';
import { checkPerson } from './check.ts';
import { ActError, type ActReport, type Office, type Person } from './contract.ts';

/** What is wrong with the edited document. */
export class RefusedEdit extends Error {
  override name = 'RefusedEdit';
  readonly violations: readonly Violation[];
  constructor(message: string, violations: readonly Violation[] = []) {
    super(message);
    this.violations = violations;
  }
}

export interface Edit extends Person {
  /** Of the document that was edited; it was accepted once. */
  document: string;
  body: unknown;
}

const ANSWER_MS = 20_000;
const LOOK_MS = 50;
const MAX_REASON = 512;

/**
 * Resolves when the new document is accepted; then the letters of the edited one are discarded. `failed` names letters that could not be.
 * Throws RefusedEdit with what the document type says, ActError Unavailable where no answer came in time: ask again for the same.
 */
export async function resubmit(
  office: Office,
  { document, body, by, reason }: Edit,
  answerMs = ANSWER_MS,
): Promise<ActReport & { document: string }> {
  checkPerson({ by, reason });
  const text = canonicalJson(body);
  const id = deriveId(document, sha256Hex(text));
  const about = await readEdited(office, document);
  if (about.hash === sha256Hex(text))
    throw new ActError('Invalid', 'nothing is changed in it: to deliver it once more, resend or replay it');
  const epoch = await sendOnce(office, { ...about, id, edited: document, by, reason, body: Buffer.from(text) });
  const answer = await answerTo(office, id, epoch, answerMs);
  if (!answer)
    throw new ActError(
      'Unavailable',
      'the document is on its way, and no runtime has answered yet: ask again for the same',
    );
  if (answer.outcome === 'Rejected') throw new RefusedEdit(answer.error!.message, answer.error!.violations);
  return { ...(await settle(office, document, id, { by, reason })), document: id };
}

type Edited = Pick<Resubmission, 'type' | 'origin' | 'source' | 'causation'> & { hash: string | null };

/** An edit of an edit is caused by what came first, which holds the claim of the revision. */
async function readEdited({ database, namespace }: Office, document: string): Promise<Edited> {
  const { rows } = await database.query<Edited>(
    `select d.type, d.origin, d.source, coalesce(r.original, d.id) as causation, (select p.hash from payloads p
       where p.namespace = $1 and p.document = d.id and p.destination = '' order by p.epoch desc limit 1) as hash
     from documents d left join resubmissions r on r.namespace = $1 and r.id = d.id where d.namespace = $1 and d.id = $2`,
    [namespace, document],
  );
  const [found] = rows;
  if (!found) throw new ActError('NotFound', `document ${document} is not known`);
  return found;
}

/** Answers the epoch in which it is sent: a higher one where it was refused before, as the type may have changed since. */
function sendOnce(
  { database, namespace, courier }: Office,
  edit: Edited & Omit<Resubmission, 'epoch' | 'receivedAt'>,
): Promise<number> {
  const { hash: _hash, ...resubmission } = edit;
  const { id, causation } = resubmission;
  return inTransaction(database, async (client) => {
    await lock(client, namespace, id);
    const { rows } = await client.query<{ epoch: number; refused: boolean }>(
      `select r.epoch, exists (select from entries e where e.namespace = $1 and e.document = $2 and e.destination = ''
         and e.epoch = r.epoch and e.outcome = 'Rejected') as refused
       from resubmissions r where r.namespace = $1 and r.id = $2`,
      [namespace, id],
    );
    const [sent] = rows;
    if (sent && !sent.refused) return sent.epoch;
    const epoch = sent ? sent.epoch + 1 : 0;
    const receivedAt = Date.now();
    await client.query(
      `insert into resubmissions (namespace, id, original, epoch, sent_at) values ($1, $2, $3, $4, $5)
       on conflict (namespace, id) do update set epoch = excluded.epoch, sent_at = excluded.sent_at`,
      [namespace, id, causation, epoch, receivedAt],
    );
    await courier().broker.publish(resubmissionMessage({ ...resubmission, epoch, receivedAt }));
    return epoch;
  });
}

async function answerTo(
  { database, namespace }: Office,
  id: string,
  epoch: number,
  answerMs: number,
): Promise<JournalEntry | undefined> {
  for (const end = Date.now() + answerMs; Date.now() < end; await delay(LOOK_MS)) {
    const { rows } = await database.query<{ body: JournalEntry }>(
      `select body from entries where namespace = $1 and document = $2 and destination = '' and epoch = $3
         and outcome in ('Accepted', 'Rejected') limit 1`,
      [namespace, id, epoch],
    );
    if (rows[0]) return rows[0].body;
  }
  return undefined;
}

/** Once: whoever asks for the same meanwhile waits, and finds it done. */
function settle(office: Office, document: string, id: string, { by, reason }: Person): Promise<ActReport> {
  const { database, namespace } = office;
  return inTransaction(database, async (client) => {
    await lock(client, namespace, id);
    const { rowCount } = await client.query(
      'select from resubmissions where namespace = $1 and id = $2 and settled_at is null',
      [namespace, id],
    );
    const report: ActReport = { selected: 1, done: 1, failed: [] };
    if (!rowCount) return report;
    const { rowCount: letters } = await client.query(`select ${LETTERS} and a.document = $8 limit 1`, [
      ...letterParameters(namespace, {}),
      document,
    ]);
    if (letters) {
      const why = `resubmitted as ${id}: ${reason}`.slice(0, MAX_REASON);
      const { failed } = await discardLetters(office, { documents: [document] }, { by, reason: why });
      report.failed.push(...failed);
    }
    // What is left can be tried again.
    if (report.failed.length === 0)
      await client.query('update resubmissions set settled_at = $3 where namespace = $1 and id = $2', [
        namespace,
        id,
        Date.now(),
      ]);
    const detail = { as: id, ...(report.failed.length > 0 && { lettersLeft: report.failed.length }) };
    const target = `Document/${document}`;
    await audit(client, namespace, { actor: by, act: 'Resubmitted', target, outcome: 'Done', reason, detail });
    return report;
  });
}

const lock = (client: pg.ClientBase, namespace: string, id: string) =>
  client.query('select pg_advisory_xact_lock(hashtext($1))', [`crossdock resubmission ${namespace} ${id}`]);
