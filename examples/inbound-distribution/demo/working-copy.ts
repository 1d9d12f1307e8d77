/** A copy of the example whose Connectors lead to the simulators of this run, in a namespace of its own. Nothing else differs. */
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Addresses {
  erp: string;
  wms: string;
  sunrisePortal: string;
  /** Folder of the mailboxes. */
  mailboxes: string;
  namespace: string;
}
export const mailboxNames = ['acme', 'nordic', 'baltic'] as const;

export async function makeWorkingCopy(from: string, to: string, addresses: Addresses): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) if (name.endsWith('.yaml')) await copyFile(join(from, name), join(to, name));
  await replace(join(to, 'connectors.yaml'), {
    'https://erp.example.com/api': addresses.erp,
    'https://wms.example.com/api': addresses.wms,
    'https://portal.sunrise.example.com/orders': addresses.sunrisePortal,
    '/var/lib/crossdock/mailboxes': addresses.mailboxes,
  });
  await replace(join(to, 'secrets.yaml'), {
    'hosts: erp.example.com': `hosts: ${new URL(addresses.erp).hostname}`,
    'hosts: wms.example.com': `hosts: ${new URL(addresses.wms).hostname}`,
    'hosts: portal.sunrise.example.com': `hosts: ${new URL(addresses.sunrisePortal).hostname}`,
  });
  // Two weeks are long for a demo: what never matches, because something arrived broken, is late at its end.
  await replace(join(to, 'sla.yaml'), { 'within: 14d': 'within: 2s' });
  await replace(join(to, 'broker.yaml'), { '{name: default}': `{name: default, namespace: ${addresses.namespace}}` });
  for (const mailbox of mailboxNames)
    for (const folder of ['in', 'out', 'archive'])
      await mkdir(join(addresses.mailboxes, mailbox, folder), { recursive: true });
}

async function replace(file: string, replacements: Record<string, string>): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const [original, replacement] of Object.entries(replacements)) {
    if (!text.includes(original)) throw new Error(`${file} no longer holds ${original}; mend demo/working-copy.ts`);
    text = text.replaceAll(original, replacement);
  }
  await writeFile(file, text);
}
