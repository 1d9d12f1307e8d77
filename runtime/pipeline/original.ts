/** What came, for the archive: wherever the canonical document is not the same already. */
import { formatOf } from '../formats/sniff.ts';
import { receivedPayload } from '../journal/payload.ts';
import type { Way } from './accept.ts';
import type { Environment } from './environment.ts';

interface Came {
  /** Of the interchange, or of the document where it came by itself. */
  id: string;
  /** Channel, or who posted it. */
  source: string;
  receivedAt: number;
  contentType: string;
  body: Buffer;
}

/** `ways`: how its documents become canonical; undefined: this one did not. Resolves when the archive has it. */
export async function archiveOriginal(
  { archive }: Pick<Environment, 'archive'>,
  came: Came,
  ways: readonly (Way | undefined)[],
): Promise<void> {
  const format = formatOf(came.body);
  const asItCame = format === 'JSON' && ways.length > 0 && ways.every((way) => way && !way.mapping && !way.wireType);
  if (asItCame) return;
  const contentType =
    format === 'X12' ? 'application/edi-x12' : format === 'EDIFACT' ? 'application/edifact' : came.contentType;
  await archive.write(receivedPayload({ ...came, contentType }, came.receivedAt));
}
