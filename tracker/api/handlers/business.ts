/** Views of the business. */
import { listExceptions } from '../../queries/exceptions.ts';
import { flowsOf, named, partnerOfResource } from '../../queries/integrations.ts';
import { readMeasures } from '../../queries/measures.ts';
import { countStages, NONE, readFigures } from '../../queries/overview.ts';
import { readScorecards, readWeeks } from '../../queries/partners.ts';
import { time } from '../../queries/scope.ts';
import { readToday } from '../../queries/today.ts';
import { readTransaction } from '../../queries/transaction.ts';
import { listTransactions } from '../../queries/transactions.ts';
import type { Api, Call, Handlers } from '../call.ts';
import type { PartnerRow, Scorecard } from '../contract.ts';
import { notFound } from '../problem.ts';
import type { Known } from '../surroundings.ts';

const FRESH_MS = 1_000;
const SCORES_MS = 30_000;

export const knownOf = ({ options, remember }: Api): Promise<Known[]> =>
  remember('surroundings', FRESH_MS, () => options.surroundings.read());

const noCard: Scorecard = { transactions: 0, openTransactions: 0, openExceptions: 0, deadLetters: 0 };

/** Of one partner, or of all that the caller may see: those cost more, and are asked for seldom. */
async function partners(
  { api, scope, now }: Pick<Call, 'api' | 'scope' | 'now'>,
  name = scope.partner,
): Promise<{ row: PartnerRow; resource: Known }[]> {
  const [known, cards] = await Promise.all([
    knownOf(api),
    name === undefined
      ? api.remember('scores', SCORES_MS, () => readScorecards(scope, now))
      : readScorecards({ ...scope, partner: name }, now),
  ]);
  return named(known, 'Partner')
    .filter((partner) => [name, scope.partner].every((only) => only === undefined || partner.name === only))
    .map((resource) => {
      const { onboarded, ...row } = partnerOfResource(resource);
      const scorecard = cards.get(row.name) ?? noCard;
      const active = scorecard.transactions > 0 || scorecard.lastDocumentAt !== undefined;
      return {
        resource,
        row: { ...row, scorecard, onboarding: !active ? 'Declared' : onboarded ? 'Live' : 'Testing' },
      };
    });
}

export const business: Pick<
  Handlers,
  | 'GET /overview'
  | 'GET /today'
  | 'GET /transactions'
  | 'GET /transactions/{process}/{key}'
  | 'GET /exceptions'
  | 'GET /partners'
  | 'GET /partners/{name}'
  | 'GET /measures'
> = {
  async 'GET /overview'({ api, scope, now }) {
    const { options, remember } = api;
    const [known, stages, figures] = await Promise.all([
      knownOf(api),
      remember('stages', FRESH_MS, () => countStages(scope, now)),
      remember('figures', FRESH_MS, () => readFigures(scope, now)),
    ]);
    return {
      at: time(now),
      intake: stages.get('') ?? NONE,
      acknowledgments: stages.get('acknowledgments') ?? NONE,
      flows: flowsOf(known, stages, scope.processes, now),
      ...figures,
      holds: named(known, 'Hold').length,
      troubles: options.troubles?.() ?? [],
    };
  },
  'GET /today': ({ scope, query, now }) => readToday(scope, query, now),
  'GET /transactions': ({ scope, query }) => listTransactions(scope, query),
  async 'GET /transactions/{process}/{key}'({ api, scope, params }) {
    const { process = '', key = '' } = params;
    const found = await readTransaction(scope, process, key, api.options.plan()?.links);
    if (!found) throw notFound(`transaction ${key} of ${process}`);
    return found;
  },
  'GET /exceptions': ({ scope, query, now }) => listExceptions(scope, query, now),
  'GET /partners': async (call) => ({ items: (await partners(call)).map(({ row }) => row) }),
  async 'GET /partners/{name}'(call) {
    const { scope, params, now } = call;
    const [found] = await partners(call, params.name);
    if (!found) throw notFound(`partner ${params.name}`);
    const { resource, row } = found;
    const spec = resource.spec as {
      profileRef?: { name: string };
      channel?: { connectorRef?: { name: string } };
      identifiers?: { scheme: string; qualifier?: string; system?: string; value: string }[];
      documents?: { documentTypeRef: { name: string } }[];
    };
    const [weeks, exceptions] = await Promise.all([
      readWeeks(scope, row.name, now),
      listExceptions(scope, { partner: row.name, limit: 50 }, now),
    ]);
    const inside = scope.partner === undefined;
    return {
      ...row,
      ...(inside && spec.profileRef && { profile: spec.profileRef.name }),
      ...(inside && spec.channel?.connectorRef && { channel: spec.channel.connectorRef.name }),
      identifiers: (spec.identifiers ?? []).map(({ scheme, qualifier, system, value }) =>
        [scheme, qualifier ?? system, value].filter(Boolean).join(' '),
      ),
      documentTypes: (spec.documents ?? []).map(({ documentTypeRef }) => documentTypeRef.name),
      conditions: inside ? resource.conditions : [],
      weeks,
      exceptions: exceptions.items,
    };
  },
  async 'GET /measures'({ api, scope, query, now }) {
    const name = JSON.stringify(['measures', scope.partner, query]);
    return { rows: await api.remember(name, FRESH_MS, () => readMeasures(scope, query, now)) };
  },
};
