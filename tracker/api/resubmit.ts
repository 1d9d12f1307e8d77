/** An edited payload as a new document that the old one caused. */

import type { Call } from './call.ts';
import type { ActResult } from './contract.ts';
import { ApiError } from './problem.ts';

export async function resubmit(_call: Call<'POST /documents/{id}/resubmit'>): Promise<ActResult> {
  throw new ApiError(501, 'an edited document cannot be taken in yet');
}
