/** Documents: to look at, to send once more. */
import { readDocument } from '../../queries/documents.ts';
import { readPayload, textOf } from '../../queries/payloads.ts';
import { startReplay } from '../../replay/store.ts';
import type { Handlers } from '../call.ts';
import { ApiError, notFound } from '../problem.ts';
import { resubmit } from '../resubmit.ts';

export const documents: Pick<
  Handlers,
  | 'GET /documents/{id}'
  | 'GET /documents/{id}/payloads/{n}'
  | 'POST /documents/{id}/resubmit'
  | 'POST /documents/{id}/resend'
> = {
  async 'GET /documents/{id}'({ api, scope, params, who }) {
    const found = await readDocument(scope, params.id!, api.options.plan()?.links);
    if (!found) throw notFound(`document ${params.id}`);
    const operator = who.roles.includes('Operator');
    return {
      ...found,
      mayResubmit: found.mayResubmit && operator && who.mayReadPayloads,
      mayResend: found.mayResend && operator,
    };
  },
  async 'GET /documents/{id}/payloads/{n}'({ api, scope, params, query }) {
    const { id = '', n = '' } = params;
    if (!/^\d{1,6}$/.test(n)) throw notFound(`payload ${n}`);
    if (!(await readDocument(scope, id))) throw notFound(`document ${id}`);
    const found = await readPayload(scope, id, Number(n), api.options.plan()?.types);
    if (!found) throw notFound(`payload ${n} of document ${id}`);
    if (query.view !== 'raw') return textOf(found, query.view);
    return new Response(new Uint8Array(found.body), {
      headers: {
        // Never a type that a browser would run.
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${id.replaceAll(/[^\w.-]/g, '_')}-${n}"`,
      },
    });
  },
  'POST /documents/{id}/resubmit': (call) => resubmit(call),
  async 'POST /documents/{id}/resend'({ scope, params, body, who }) {
    const found = await readDocument(scope, params.id!);
    if (!found) throw notFound(`document ${params.id}`);
    if (!found.accounts.some(({ destination }) => destination === body.destination))
      throw new ApiError(422, `the document never was for ${body.destination}`);
    const { name } = await startReplay(scope.database, scope.namespace, {
      reason: body.reason,
      requestedBy: who.user,
      mode: 'Run',
      selector: { documents: [params.id!], destination: body.destination },
    });
    return { selected: 1, done: 0, failed: [], replay: name };
  },
};
