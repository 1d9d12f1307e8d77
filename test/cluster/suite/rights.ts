/** What the service accounts did, by the API server's audit log, against what they may: nothing refused, nothing granted in vain. */
import { readFileSync } from 'node:fs';
import type { Cluster } from '../cluster.ts';

interface AuditEvent {
  verb: string;
  user: { username: string };
  objectRef?: { apiGroup?: string; resource?: string; subresource?: string; name?: string; namespace?: string };
  responseStatus?: { code?: number };
}
interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}
export interface Rights {
  /** `verb group/resource`, granted and never used. */
  unused: string[];
  /** The same with the place, asked for and refused. */
  refused: string[];
}

export function used(auditLog: string, isOf: (user: string) => boolean): { allowed: Set<string>; refused: string[] } {
  const allowed = new Set<string>();
  const refused = new Set<string>();
  for (const line of readFileSync(auditLog, 'utf8').split('\n')) {
    if (line === '') continue;
    const { verb, user, objectRef, responseStatus } = JSON.parse(line) as AuditEvent;
    if (!objectRef?.resource || !isOf(user.username)) continue;
    const { apiGroup = '', resource, subresource, namespace = '', name = '' } = objectRef;
    const what = `${apiGroup}/${resource}${subresource ? `/${subresource}` : ''}`;
    if (responseStatus?.code === 403) refused.add(`${verb} ${what} ${namespace}/${name}`);
    else allowed.add(`${verb} ${what}`);
    // Server-side apply of what is not there needs the right to create it as well.
    if (verb === 'patch' && responseStatus?.code === 201) allowed.add(`create ${what}`);
  }
  return { allowed, refused: [...refused].sort() };
}

export async function granted(cluster: Cluster, ...roles: string[][]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const role of roles) {
    const { rules } = JSON.parse(await cluster.get(['get', ...role, '-o', 'json'])) as { rules: Rule[] };
    for (const { apiGroups, resources, verbs } of rules)
      for (const group of apiGroups)
        for (const resource of resources) for (const verb of verbs) found.add(`${verb} ${group}/${resource}`);
  }
  return found;
}
