/** The manifests on the run's API server, and the server's verdict on a resource. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { loadFolder } from '../../crds/folder.ts';
import { NAMES } from '../../crds/generated/schemas.ts';
import type { Resource } from '../../crds/generated/types.ts';
import { YAML_OPTIONS } from '../../crds/yaml.ts';
import { type ControlPlane, sharedControlPlane, type TestNamespace } from '../support/control-plane.ts';

export const ROOT = join(import.meta.dirname, '../..');
export const INVALID = join(ROOT, 'examples/invalid');

export interface Verdict {
  accepted: boolean;
  /** What the server said; empty when accepted. */
  message: string;
}
export interface Api {
  plane: ControlPlane;
  namespace: TestNamespace;
  /** A dry run with strict field validation: of a creation, or of the change from `old`. */
  judge(resource: Resource, old?: Resource): Promise<Verdict>;
  /** Without dry run. */
  create(resource: Resource): Promise<Verdict>;
}

export async function apiWithManifests(): Promise<Api> {
  const plane = await sharedControlPlane();
  const applied = await plane.kubectl([
    ...['apply', '--server-side', '--force-conflicts', '--field-manager=test-crd'],
    ...['-f', join(ROOT, 'crds/manifests')],
  ]);
  if (applied.code !== 0) throw new Error(`the manifests are refused: ${applied.stderr}`);
  const crds = Object.values(NAMES).map(({ plural }) => `crd/${plural}.crossdock.dev`);
  const established = await plane.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...crds]);
  if (established.code !== 0) throw new Error(`not established: ${established.stderr}`);
  const namespace = await plane.testNamespace();

  const path = ({ kind }: Resource): string =>
    `/apis/crossdock.dev/v1alpha1/namespaces/${namespace.name}/${NAMES[kind].plural}`;
  const send = async (method: string, url: string, body: unknown): Promise<Verdict> => {
    const answer = await plane.request<{ message?: string }>(method, url, { body });
    if (answer.status >= 500) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const accepted = answer.status < 300;
    return { accepted, message: accepted ? '' : (answer.body.message ?? '') };
  };
  const query = 'fieldValidation=Strict';
  const create = (resource: Resource): Promise<Verdict> => send('POST', `${path(resource)}?${query}`, resource);
  return {
    plane,
    namespace,
    create,
    async judge(resource, old) {
      if (!old) return send('POST', `${path(resource)}?${query}&dryRun=All`, resource);
      const before = await create(old);
      if (!before.accepted) throw new Error(`the state before is refused: ${before.message}`);
      const own = `${path(old)}/${old.metadata.name}`;
      const { body } = await plane.request<Resource>('GET', own);
      const { resourceVersion } = body.metadata;
      const changed = { ...resource, metadata: { ...resource.metadata, resourceVersion } };
      const verdict = await send('PUT', `${own}?${query}&dryRun=All`, changed);
      await plane.request('DELETE', own);
      return verdict;
    },
  };
}

export interface InvalidExample {
  file: string;
  /** What its first line says must be said. */
  expect: string;
  resource: Resource;
  /** The state before, where the change is what is refused. */
  old?: Resource;
}
export function invalidExamples(): InvalidExample[] {
  return readdirSync(INVALID)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => {
      const text = readFileSync(join(INVALID, file), 'utf8');
      const expect = /^# expect: (.+)\n/.exec(text)?.[1];
      if (!expect) throw new Error(`${file}: the first line must be "# expect: <part of the message>"`);
      const documents = parseAllDocuments(text, YAML_OPTIONS).map((document) => document.toJS() as Resource);
      const [first, second] = documents;
      if (!first || documents.length > 2) throw new Error(`${file}: one document, or two (before and after)`);
      return second ? { file, expect, resource: second, old: first } : { file, expect, resource: first };
    });
}

/** Resources of all examples but the invalid ones, by folder. */
export async function validExamples(): Promise<{ folder: string; resources: Resource[] }[]> {
  const folders = readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !existsSync(join(ROOT, 'examples', entry.name, '.crossdockignore')))
    .map((entry) => entry.name);
  return Promise.all(
    folders.map(async (folder) => {
      const { resources, problems } = await loadFolder(join(ROOT, 'examples', folder));
      if (problems.some(({ severity }) => severity === 'Error'))
        throw new Error(`${folder}: ${JSON.stringify(problems)}`);
      return { folder, resources };
    }),
  );
}
