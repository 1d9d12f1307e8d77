/** What is said where no engine answers, and what kind is told. Clusters by kind themselves: `make test-kind`. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../../standalone/process.ts';
import { configurationWith } from './kind.ts';

const asked = (env: NodeJS.ProcessEnv): Promise<string> =>
  run(
    process.execPath,
    ['-e', `import('${join(import.meta.dirname, 'kind.ts')}').then(({ obstacle }) => console.log(obstacle()))`],
    { env: { PATH: '/nowhere:/usr/bin:/bin', ...env } },
  );

it('says which engine does not answer, and why', async () => {
  const silent = 'unix:///nowhere/docker.sock';
  expect(await asked({ KIND_EXPERIMENTAL_PROVIDER: 'lxc' })).toContain('it is one of docker, podman, nerdctl');
  expect(await asked({ PATH: '/nowhere:/bin', KIND_EXPERIMENTAL_PROVIDER: 'nerdctl' })).toContain(
    'there is no nerdctl on the PATH',
  );
  const { PATH } = process.env;
  const said = await asked({ PATH, DOCKER_HOST: silent, KIND_EXPERIMENTAL_PROVIDER: 'docker' });
  expect(said).toMatch(/docker does not answer at DOCKER_HOST=unix:\/\/\/nowhere\/docker.sock: |there is no docker/);
});

it('has three nodes, and a patch for all kubelets where they need one', () => {
  const plain = parse(configurationWith(undefined)) as { nodes: { role: string }[] };
  expect(plain.nodes.map(({ role }) => role)).toEqual(['control-plane', 'worker', 'worker']);
  const patched = parse(configurationWith('kind: KubeletConfiguration\nfailCgroupV1: false\n')) as object;
  expect(patched).toEqual({ ...plain, kubeadmConfigPatches: ['kind: KubeletConfiguration\nfailCgroupV1: false\n'] });
});
