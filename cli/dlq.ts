/** Letters (dead, parked, lost) by the command line, on the broker alone. */
import { connectBroker } from '../runtime/broker/amqp.ts';
import { openJournal } from '../runtime/journal/writer.ts';
import { accountsOfLetter, type Letter } from '../runtime/pipeline/letters.ts';
import { type LetterAct, type LetterReport, passOver } from '../tracker/letters/act.ts';
import { QUEUES, type QueueName } from '../tracker/letters/box.ts';
import { fingerprintOf } from '../tracker/letters/groups.ts';

export interface Selection {
  /** Ids of letters or of documents; their beginnings will do. */
  ids?: readonly string[];
  class?: string;
  code?: string;
  integration?: string;
  /** Fingerprint of a group, as `dlq groups` shows it. */
  group?: string;
  all?: boolean;
}

export const selects = (
  { ids = [], class: errorClass, code, integration, group, all }: Selection,
  letter: Letter,
  queue: QueueName = QUEUES.dead,
): boolean => {
  if (ids.length > 0 && !ids.some((id) => letter.id.startsWith(id) || letter.document.startsWith(id))) return false;
  if (errorClass !== undefined && letter.class !== errorClass) return false;
  if (code !== undefined && letter.code !== code) return false;
  if (integration !== undefined && letter.integration !== integration) return false;
  if (group !== undefined && groupOf(letter, queue) !== group) return false;
  return all === true || ids.length > 0 || [errorClass, code, integration, group].some((given) => given !== undefined);
};

/** Of a file that failed in several ways, the group of its first failure. */
function groupOf(letter: Letter, queue: QueueName): string | undefined {
  const [account] = accountsOfLetter(letter);
  const state = queue === QUEUES.parked ? 'Parked' : 'DeadLettered';
  return account && fingerprintOf(state, letter.class, letter.code, account.destination);
}

const CONNECT_DEADLINE_MS = 15_000;
const quiet = { info() {}, warn() {}, error() {} };

/** Acts on the selected letters; what that means when it is killed is said in tracker/letters/act.ts. */
export async function act(
  uri: string,
  queue: QueueName,
  namespace: string,
  selection: Selection,
  what: LetterAct,
): Promise<LetterReport> {
  const signal = AbortSignal.timeout(CONNECT_DEADLINE_MS);
  const broker = await connectBroker({ uri, name: 'crossdock dlq', log: quiet, signal });
  const journal = openJournal(broker, { namespace, log: quiet });
  try {
    return await passOver({ access: { uri }, broker, journal }, what, {
      queue,
      selects: (letter) => selects(selection, letter, queue),
    });
  } finally {
    await journal.close();
    await broker.close();
  }
}
