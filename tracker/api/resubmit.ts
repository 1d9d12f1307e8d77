/** An edited payload as a new document that the old one caused. */
import { RefusedEdit, resubmit as resubmitEdited } from '../acts/resubmit.ts';
import { readDocument } from '../queries/documents.ts';
import { REDACTED } from '../sensitive.ts';
import type { Call } from './call.ts';
import type { ActResult, Violation } from './contract.ts';
import { ApiError, notFound } from './problem.ts';

const MAX_MESSAGE = 1_000;

export async function resubmit({
  api,
  scope,
  params,
  body: { payload, reason },
  who,
}: Call<'POST /documents/{id}/resubmit'>): Promise<ActResult> {
  const { id = '' } = params;
  const found = await readDocument(scope, id);
  if (!found) throw notFound(`document ${id}`);
  if (!found.mayResubmit)
    throw new ApiError(
      422,
      'nothing is kept of the document that could be edited: replay its letter, or ask for it again',
    );
  const body = parsed(payload);
  const hidden = placesOf(body, REDACTED);
  if (hidden.length > 0)
    throw new ApiError(422, 'it holds sensitive fields that are not shown, so it cannot be edited here', {
      violations: hidden.map((pointer) => ({ pointer, message: 'is not shown: its value is not known' })),
    });
  const office = api.options.office();
  if (!office) throw new ApiError(503, 'the broker is not known yet', { retryAfterS: 5 });
  try {
    return await resubmitEdited(office, { document: id, body, by: who.user, reason });
  } catch (error) {
    if (!(error instanceof RefusedEdit)) throw error;
    throw new ApiError(422, error.message.slice(0, MAX_MESSAGE), {
      violations: error.violations.map(({ message, place }): Violation => ({ pointer: place?.path ?? '', message })),
    });
  }
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch (error) {
    const message = `not JSON: ${(error as Error).message}`;
    throw new ApiError(422, 'the edited document is not JSON', { violations: [{ pointer: '/payload', message }] });
  }
}

/** JSON pointers of this text, in the body. */
function placesOf(value: unknown, text: string, pointer = ''): string[] {
  if (value === text) return [pointer];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    placesOf(member, text, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}
