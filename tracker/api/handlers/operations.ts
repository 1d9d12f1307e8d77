/** Integrations, holds, replays, and the audit. */
import { audit, readAudit } from '../../acts/audit.ts';
import { connectorsOf, flowsOf, holdOf, integrationsOf, named } from '../../queries/integrations.ts';
import { countRates, countStages } from '../../queries/overview.ts';
import { cursorOf, optionalTime, readCursor, type Scope, time } from '../../queries/scope.ts';
import type { Replay, ReplaySelector } from '../../replay/contract.ts';
import { approveReplay, cancelReplay, readReplayItems, readReplays, startReplay } from '../../replay/store.ts';
import type { Handlers } from '../call.ts';
import type { ReplayRow, ReplaySelector as Selector } from '../contract.ts';
import { notFound } from '../problem.ts';
import { knownOf } from './business.ts';

function selectorOf({
  class: errorClass,
  code,
  fingerprint,
  mapping,
  since,
  until,
  ...same
}: Selector): ReplaySelector {
  const letters = errorClass !== undefined || code !== undefined || fingerprint !== undefined;
  const [name, hash] = mapping?.split('@') ?? [];
  return {
    ...same,
    ...(letters && {
      deadLetters: {
        ...(errorClass !== undefined && { class: errorClass }),
        ...(code !== undefined && { code }),
        ...(fingerprint !== undefined && { fingerprint }),
      },
    }),
    ...(name && { mapping: { name, ...(hash && { hash }) } }),
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(until !== undefined && { until: Date.parse(until) }),
  };
}
function selectorText({ deadLetters, mapping, since, until, ...same }: ReplaySelector): Selector {
  const { class: errorClass, code, fingerprint } = deadLetters ?? {};
  return {
    ...same,
    ...(errorClass !== undefined && { class: errorClass }),
    ...(code !== undefined && { code }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(mapping && { mapping: mapping.hash ? `${mapping.name}@${mapping.hash}` : mapping.name }),
    ...optionalTime('since', since),
    ...optionalTime('until', until),
  };
}

async function replayRow({ database, namespace }: Scope, replay: Replay, outcomes: boolean): Promise<ReplayRow> {
  const {
    name,
    reason,
    requestedBy,
    mode,
    state,
    message,
    selector,
    ratePerSecond,
    selected,
    done,
    failed,
    approvals,
  } = replay;
  const items = outcomes ? await readReplayItems(database, namespace, name, { limit: 200 }) : [];
  return {
    name,
    reason,
    by: requestedBy,
    mode,
    state,
    ...(message && { message }),
    selector: selectorText(selector),
    ...(ratePerSecond !== undefined && { ratePerSecond }),
    selected,
    done,
    failed,
    approvals,
    createdAt: time(replay.createdAt),
    ...optionalTime('finishedAt', replay.finishedAt),
    outcomes: items.map(({ document, destination, outcome, message: said }) => ({
      document,
      outcome,
      ...((said || destination) && { message: said || destination }),
    })),
  };
}
/** The newest show what came of each document. */
const WITH_OUTCOMES = 20;

export const operations: Pick<
  Handlers,
  | 'GET /integrations'
  | 'POST /holds'
  | 'DELETE /holds/{name}'
  | 'GET /replays'
  | 'POST /replays'
  | 'POST /replays/{name}/cancel'
  | 'POST /replays/{name}/approve'
  | 'GET /audit'
> = {
  async 'GET /integrations'({ api, scope, now }) {
    const [known, stages, rates, queues] = await Promise.all([
      knownOf(api),
      api.remember('stages', 1_000, () => countStages(scope, now)),
      api.remember('rates', 5_000, () => countRates(scope, now)),
      api.remember('queues', 2_000, () => api.options.surroundings.queues()),
    ]);
    const flows = flowsOf(known, stages, scope.processes, now);
    return {
      items: integrationsOf(known, flows, rates, queues, now),
      connectors: connectorsOf(known, flows, now),
      holds: named(known, 'Hold').map((hold) => holdOf(hold, now)),
    };
  },
  async 'POST /holds'({ api, scope, body, who, now }) {
    const hold = holdOf(await api.options.surroundings.hold(body, who.user), now);
    await audit(scope.database, scope.namespace, {
      actor: who.user,
      act: 'Held',
      target: `${body.targetKind}/${body.targetName}`,
      outcome: 'Done',
      reason: body.reason,
      detail: { hold: hold.name, direction: hold.direction, ...(hold.until && { until: hold.until }) },
    });
    api.changes.tell('holds');
    return hold;
  },
  async 'DELETE /holds/{name}'({ api, scope, params, who }) {
    const name = params.name!;
    if (!(await api.options.surroundings.endHold(name))) throw notFound(`Hold ${name}`);
    await audit(scope.database, scope.namespace, {
      ...{ actor: who.user, act: 'HoldEnded', target: `Hold/${name}`, outcome: 'Done' },
    });
    api.changes.tell('holds');
    return null;
  },
  async 'GET /replays'({ scope }) {
    const replays = await readReplays(scope.database, scope.namespace);
    return { items: await Promise.all(replays.map((replay, i) => replayRow(scope, replay, i < WITH_OUTCOMES))) };
  },
  async 'POST /replays'({ scope, body, who }) {
    const { reason, mode, selector, ratePerSecond } = body;
    const replay = await startReplay(scope.database, scope.namespace, {
      reason,
      mode,
      requestedBy: who.user,
      selector: selectorOf(selector),
      ...(ratePerSecond !== undefined && { ratePerSecond }),
    });
    return replayRow(scope, replay, false);
  },
  async 'POST /replays/{name}/cancel'({ scope, params, body, who }) {
    await cancelReplay(scope.database, scope.namespace, params.name!, { by: who.user, reason: body.reason });
    return null;
  },
  async 'POST /replays/{name}/approve'({ scope, params, who }) {
    await approveReplay(scope.database, scope.namespace, params.name!, who.user);
    return null;
  },
  async 'GET /audit'({ scope, query }) {
    const { limit = 50, cursor, from, to, actor, act, target } = query;
    const [before] = cursor === undefined ? [] : readCursor(cursor, ['string']);
    const found = await readAudit(scope.database, scope.namespace, {
      ...(actor !== undefined && { actor }),
      ...(act !== undefined && { act }),
      ...(target !== undefined && { target }),
      ...(from !== undefined && { from: Date.parse(from) }),
      ...(to !== undefined && { to: Date.parse(to) }),
      ...(before !== undefined && { before: before as string }),
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map((entry) => ({ ...entry, at: time(entry.at) })),
      ...(found.length > limit && last && { next: cursorOf([last.id]) }),
    };
  },
};
