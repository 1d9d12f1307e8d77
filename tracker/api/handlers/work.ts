/** What people do: about exceptions, letters, and by facts of their own. */
import { actOnExceptions } from '../../acts/exceptions.ts';
import { recordFact } from '../../acts/facts.ts';
import { discardLetters, parkLetters, previewLetters, replayLetters } from '../../letters/acts.ts';
import type { LetterGroup } from '../../letters/contract.ts';
import { readGroups, readLetters } from '../../letters/groups.ts';
import { ageOf } from '../../queries/integrations.ts';
import { cursorOf, keysOf, readCursor, type Scope, time } from '../../queries/scope.ts';
import { factOf } from '../../queries/transaction.ts';
import type { Call, Handlers } from '../call.ts';
import type { ActResult, DeadLetterGroup } from '../contract.ts';
import { ApiError, notFound } from '../problem.ts';

const groupOf = ({ example, firstAt, lastAt, ...group }: LetterGroup, now: number): DeadLetterGroup => ({
  ...group,
  firstAt: time(firstAt),
  lastAt: time(lastAt),
  message: example.message,
  example: example.document,
  impact: `${group.count} ${group.count === 1 ? 'document' : 'documents'}${
    group.partners.length > 0
      ? ` of ${group.partners.length === 1 ? group.partners[0] : `${group.partners.length} partners`}`
      : ''
  }, oldest ${ageOf(now - firstAt)}`,
});

async function theGroup({ database, namespace }: Scope, fingerprint: string): Promise<LetterGroup> {
  const [group] = await readGroups(database, namespace, { fingerprint });
  if (!group) throw notFound(`a group of letters ${fingerprint}`);
  return group;
}

type LetterActRoute = 'POST /dead-letters/{fingerprint}/discard' | 'POST /dead-letters/{fingerprint}/park';
async function actOnGroup(
  { api, scope, params, body, who }: Pick<Call<LetterActRoute>, 'api' | 'scope' | 'params' | 'body' | 'who'>,
  act: typeof discardLetters,
): Promise<ActResult> {
  const fingerprint = params.fingerprint!;
  const selection = { fingerprint, ...(body.documents && { documents: body.documents }) };
  await theGroup(scope, fingerprint);
  if (body.dryRun) {
    const found = await previewLetters(scope.database, scope.namespace, selection);
    return { selected: found.length, done: 0, failed: [], dryRun: true };
  }
  const office = api.options.office();
  if (!office) throw new ApiError(503, 'the broker of the namespace is not known yet', { retryAfterS: 5 });
  return act(office, selection, { by: who.user, reason: body.reason });
}

export const work: Pick<
  Handlers,
  | 'POST /transactions/{process}/{key}/facts'
  | 'POST /exceptions/acts'
  | 'GET /dead-letters'
  | 'GET /dead-letters/{fingerprint}'
  | 'POST /dead-letters/{fingerprint}/replay'
  | LetterActRoute
> = {
  async 'POST /transactions/{process}/{key}/facts'({ scope, params, body, who, now }) {
    const { process = '', key = '' } = params;
    const { milestone, at, lines, reason } = body;
    const fact = await recordFact(
      scope.database,
      scope.namespace,
      {
        process,
        key,
        milestone,
        by: who.user,
        reason,
        ...(at !== undefined && { at: Date.parse(at) }),
        ...(lines && { lines }),
      },
      now,
    );
    return factOf(fact);
  },
  async 'POST /exceptions/acts'({ scope, body, who, now }) {
    const { kind, exceptions, owner, text, until, resolution } = body;
    return actOnExceptions(
      scope.database,
      scope.namespace,
      exceptions,
      {
        kind,
        by: who.user,
        ...(owner !== undefined && { owner }),
        ...(text !== undefined && { text }),
        ...(until !== undefined && { until: Date.parse(until) }),
        ...(resolution !== undefined && { resolution }),
      },
      now,
    );
  },
  async 'GET /dead-letters'({ scope, query, now }) {
    const groups = await readGroups(scope.database, scope.namespace, query);
    return { items: groups.map((group) => groupOf(group, now)) };
  },
  async 'GET /dead-letters/{fingerprint}'({ scope, params, query, now }) {
    const { limit = 50, cursor } = query;
    const fingerprint = params.fingerprint!;
    const group = await theGroup(scope, fingerprint);
    const [at, document] = cursor === undefined ? [] : readCursor(cursor, ['number', 'string']);
    const found = await readLetters(
      scope.database,
      scope.namespace,
      { fingerprint },
      { limit: limit + 1, ...(at !== undefined && { after: { at: at as number, document: document as string } }) },
    );
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      group: groupOf(group, now),
      letters: page.map(({ document: id, type, source, destination, keys, at: when, attempt, message }) => ({
        document: id,
        type,
        source,
        destination,
        keys: keysOf(keys),
        at: time(when),
        attempt,
        message,
      })),
      ...(found.length > limit && last && { next: cursorOf([last.at, last.document]) }),
    };
  },
  async 'POST /dead-letters/{fingerprint}/replay'({ scope, params, body, who }) {
    const fingerprint = params.fingerprint!;
    const { reason, dryRun = false, documents } = body;
    await theGroup(scope, fingerprint);
    const selection = { fingerprint, ...(documents && { documents }) };
    const found = await previewLetters(scope.database, scope.namespace, selection);
    if (dryRun) return { selected: found.length, done: 0, failed: [], dryRun: true };
    const { name } = await replayLetters(scope.database, scope.namespace, selection, { by: who.user, reason });
    return { selected: found.length, done: 0, failed: [], replay: name };
  },
  'POST /dead-letters/{fingerprint}/discard': (call) => actOnGroup(call, discardLetters),
  'POST /dead-letters/{fingerprint}/park': (call) => actOnGroup(call, parkLetters),
};
