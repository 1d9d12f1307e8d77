/** `crossdock support-bundle`: one archive with what a helper needs to see, and no secret value in it. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { supportBundle } from '../bundle.ts';
import { type ClusterFlags, inCluster, resourcesIn, withCluster } from '../cluster.ts';

export function register(program: Command): void {
  withCluster(program.command('support-bundle'))
    .description('resources, statuses, workloads, events and logs of a namespace in one archive, without secret values')
    .option('-o, --output <file>', 'default: crossdock-NAMESPACE.tar.gz')
    .action((flags: ClusterFlags & { output?: string }) =>
      inCluster(flags, async (client, namespace) => {
        const { archive, files, left } = await supportBundle(client, namespace, await resourcesIn(client, namespace));
        const file = flags.output ?? `crossdock-${namespace}.tar.gz`;
        writeFileSync(file, archive, { mode: 0o600 });
        process.stdout.write(`${file}: ${files.length} files, ${Math.ceil(archive.length / 1024)} KiB\n`);
        for (const each of left) process.stderr.write(`not read  ${each}\n`);
      }),
    );
}
