/** A copy of the example whose Connectors lead to the simulators of this run. Nothing but connectors.yaml differs. */
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Addresses {
  erp: string;
  wms: string;
  sunrisePortal: string;
  /** Folder of the mailboxes. */
  mailboxes: string;
}
export const mailboxNames = ['acme', 'nordic', 'baltic'] as const;

export async function makeWorkingCopy(from: string, to: string, addresses: Addresses): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) if (name.endsWith('.yaml')) await copyFile(join(from, name), join(to, name));
  const file = join(to, 'connectors.yaml');
  const replacements: [string, string][] = [
    ['https://erp.example.com/api', addresses.erp],
    ['https://wms.example.com/api', addresses.wms],
    ['https://portal.sunrise.example.com/orders', addresses.sunrisePortal],
    ['/var/lib/crossdock/mailboxes', addresses.mailboxes],
  ];
  let text = await readFile(file, 'utf8');
  for (const [original, replacement] of replacements) {
    if (!text.includes(original))
      throw new Error(`connectors.yaml no longer holds ${original}; mend demo/working-copy.ts`);
    text = text.replaceAll(original, replacement);
  }
  await writeFile(file, text);
  for (const mailbox of mailboxNames)
    for (const folder of ['in', 'out', 'archive'])
      await mkdir(join(addresses.mailboxes, mailbox, folder), { recursive: true });
}
