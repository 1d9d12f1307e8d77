/** RabbitMQ and PostgreSQL as images with the manners of the official ones, as far as the chart uses them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { programs } from '../standalone/database.ts';
import type { Log } from '../standalone/process.ts';
import { cachedLayer } from './crossdock.ts';
import { debianTree, one, userFiles } from './debian-image.ts';
import { type WrittenImage, writeImage } from './oci.ts';
import { entriesOf, type TarEntry } from './tar.ts';

const USER = 999;

export async function buildRabbitmq(folder: string, log: Log): Promise<WrittenImage> {
  const tree = await debianTree('rabbitmq', ['rabbitmq-server'], log);
  const sbin = one(tree.folder, 'usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin');
  const version = /rabbitmq_server-([^/]+)/.exec(sbin)![1]!;
  const layer = await cachedLayer([...tree.entries, ...userFiles('rabbitmq', USER)]);
  mkdirSync(folder, { recursive: true });
  return writeImage(join(folder, 'rabbitmq.tar'), {
    name: `crossdock-rabbitmq:${version}`,
    layers: [layer],
    config: {
      User: `${USER}:${USER}`,
      Env: [`PATH=/${sbin}:/usr/bin:/bin:/usr/sbin`, 'LANG=C.UTF-8'],
      Cmd: ['rabbitmq-server'],
    },
  });
}

export async function buildPostgresql(folder: string, log: Log): Promise<WrittenImage> {
  const tree = await debianTree('shell-cpp', ['libstdc++6'], log);
  const native = await programs(true, log);
  const own = entriesOf(native).map((entry): TarEntry => ({ ...entry, path: `usr/lib/postgresql/${entry.path}` }));
  const entry: TarEntry = { path: 'usr/bin/entrypoint.sh', type: 'File', mode: 0o755, data: Buffer.from(ENTRYPOINT) };
  const layer = await cachedLayer([...tree.entries, ...userFiles('postgres', USER), ...own, entry]);
  mkdirSync(folder, { recursive: true });
  return writeImage(join(folder, 'postgresql.tar'), {
    name: 'crossdock-postgresql:18',
    layers: [layer],
    config: {
      User: `${USER}:${USER}`,
      Env: ['PATH=/usr/lib/postgresql/bin:/usr/bin:/bin', 'LANG=C.UTF-8'],
      Entrypoint: ['/usr/bin/entrypoint.sh'],
      Cmd: ['postgres'],
    },
  });
}

/** As the official image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and PGDATA; a cluster is made where there is none. */
const ENTRYPOINT = `#!/bin/sh
set -eu
: "\${POSTGRES_PASSWORD:?is not set}" "\${POSTGRES_USER:=postgres}" "\${PGDATA:=/var/lib/postgresql/pgdata}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf '%s' "$POSTGRES_PASSWORD" > /tmp/password
  initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile /tmp/password --auth scram-sha-256 --encoding UTF8 \\
    --locale-provider builtin --builtin-locale C.UTF-8 --locale C
  rm /tmp/password
  printf "host all all all scram-sha-256\\nlocal all all trust\\n" > "$PGDATA/pg_hba.conf"
  # The server is not to be reached before its database is there.
  printf 'CREATE DATABASE "%s";\\n' "\${POSTGRES_DB:-$POSTGRES_USER}" | postgres --single -D "$PGDATA" postgres > /dev/null
fi
exec "$@" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
`;
