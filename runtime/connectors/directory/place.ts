/**
 * Folders that are no mailboxes: the system's, and those of the pod's own credentials. Whoever may write a Connector must not have a runtime
 * read them out or write there.
 */
import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

const CLOSED = ['/proc', '/sys', '/dev', '/etc', '/run/secrets', '/var/run/secrets'];
const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

/** Throws for a folder that leads there, by links, too. One that does not exist is judged by its name. */
export async function checkPlace(connector: string, field: string, folder: string): Promise<void> {
  const real = await realpath(folder).catch(() => resolve(folder));
  const closed = CLOSED.find((each) => isWithin(resolve(folder), each) || isWithin(real, each));
  if (closed !== undefined)
    throw new Error(
      `connector "${connector}": spec.directory.${field} ${folder} leads into ${closed}, which is the system's; mount a volume for documents and name its folder`,
    );
}
