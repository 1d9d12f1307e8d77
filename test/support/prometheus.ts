/** Prometheus and promtool: on the PATH, else Debian's package, unpacked into the cache without root. */
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import { debianPackages, debianRelease } from '../../standalone/debian.ts';
import { type Log, run, which } from '../../standalone/process.ts';

export interface PrometheusPrograms {
  prometheus: string;
  promtool: string;
}

export async function obtainPrometheus(log: Log = () => {}): Promise<PrometheusPrograms> {
  const [prometheus, promtool] = [which('prometheus'), which('promtool')];
  if (prometheus && promtool) return { prometheus, promtool };
  const folder = await cached(
    `prometheus-debian-${debianRelease()}-${process.arch}`,
    async (target) => {
      log("prometheus: downloading Debian's package into the cache; nothing is installed");
      const work = join(target, 'packages');
      await (await debianPackages(work)).unpack(['prometheus'], target);
      await run('rm', ['-rf', work]);
    },
    { log },
  );
  return { prometheus: join(folder, 'usr/bin/prometheus'), promtool: join(folder, 'usr/bin/promtool') };
}
