/** A real OpenSSH server of files: on the PATH, else Debian's package, unpacked into the cache without root. */

import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import ssh2 from 'ssh2';
import { cacheFolder } from '../../standalone/cache.ts';
import { debianProgram } from './debian-program.ts';

export const obtainSshd = async (): Promise<string> => {
  const own = '/usr/sbin/sshd';
  return existsSync(own) ? own : debianProgram('sshd', 'openssh-server', 'usr/sbin/sshd');
};

export interface SftpServer {
  port: number;
  username: string;
  privateKey: string;
  /** As ssh-keyscan shows it behind the host. */
  hostKey: string;
  /** Its user's files. */
  folder: string;
  /** Makes a folder that its user may write. */
  makeFolder(name: string): string;
  /** Kills it and all its sessions. */
  kill(): Promise<void>;
  /** Again on the same port, with another host key if asked for. */
  restart(options?: { newHostKey?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** As another user where this is root, who must not run it so. */
export async function startSftpServer(): Promise<SftpServer> {
  const obtained = await obtainSshd();
  const root = mkdtempSync(join(tmpdir(), 'crossdock-sshd-'));
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? someUser() : { ...userInfo(), name: userInfo().username };
  const give = (path: string) => {
    if (isRoot) chownSync(path, user.uid, user.gid);
    return path;
  };
  const write = (name: string, text: string): string => {
    const path = join(root, name);
    writeFileSync(path, text, { mode: 0o600 });
    return give(path);
  };
  chmodSync(root, 0o755);
  // Another user may not look into the cache: a copy of all of it.
  const isCached = obtained.startsWith(cacheFolder());
  if (isCached) cpSync(dirname(obtained), join(root, 'program'), { recursive: true, verbatimSymlinks: true });
  const unpacked = isCached ? join(root, 'program') : '';
  const sshd = isCached ? join(unpacked, 'run') : obtained;
  const client = ssh2.utils.generateKeyPairSync('ed25519');
  let host = ssh2.utils.generateKeyPairSync('ed25519');
  const port = await freePort();
  const files = join(root, 'files');
  mkdirSync(files);
  give(files);
  const session = '/usr/lib/openssh/sshd-session';
  write('authorized_keys', client.public);
  const config = write(
    'sshd_config',
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(root, 'host_key')}`,
      `AuthorizedKeysFile ${join(root, 'authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'PasswordAuthentication no',
      `Subsystem sftp internal-sftp`,
      `ForceCommand internal-sftp -d ${files}`,
      'MaxStartups 100',
      ...(isCached && existsSync(unpacked + session) ? [`SshdSessionPath ${unpacked}${session}`] : []),
      '',
    ].join('\n'),
  );
  let child: ReturnType<typeof spawn> | undefined;
  const start = async (): Promise<void> => {
    write('host_key', host.private);
    const started = spawn(sshd, ['-D', '-e', '-f', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(isRoot && { uid: user.uid, gid: user.gid }),
    });
    child = started;
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject);
      started.once('close', (code) => reject(new Error(`sshd ended with ${code}: ${said.join('\n')}`)));
      createInterface(started.stderr!).on('line', (line) => {
        said.push(line);
        if (line.includes('Server listening')) resolve();
      });
    });
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    // Its sessions are in groups of their own, and would outlive it.
    for (const pid of [running.pid!, ...descendantsOf(running.pid!)])
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    await ended;
  };
  await start();
  return {
    port,
    username: user.name,
    privateKey: client.private,
    get hostKey() {
      return host.public;
    },
    folder: files,
    makeFolder(name) {
      const path = join(files, name);
      mkdirSync(path, { recursive: true });
      return give(path);
    },
    kill,
    async restart({ newHostKey = false } = {}) {
      await kill();
      if (newHostKey) host = ssh2.utils.generateKeyPairSync('ed25519');
      await start();
    },
    async stop() {
      await kill();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** One of the machine's own, whose account is not locked. */
function someUser(): { name: string; uid: number; gid: number } {
  const fields = (file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  const open = new Set(fields('/etc/shadow').flatMap(([name, secret]) => (secret?.startsWith('!') ? [] : [name])));
  const found = fields('/etc/passwd').find(
    ([name, , uid, , , , shell]) => Number(uid) > 0 && open.has(name) && existsSync(shell ?? ''),
  );
  if (!found) throw new Error('sshd must not run as root, and there is no other account here that is not locked');
  return { name: found[0]!, uid: Number(found[2]), gid: Number(found[3]) };
}

async function freePort(): Promise<number> {
  const server = createServer((socket: Socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
