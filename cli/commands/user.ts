/** `crossdock user hash`: a password's hash for a file or Secret of users. */
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { hashPassword } from '../../tracker/api/auth/users.ts';

export function register(program: Command): void {
  program
    .command('user')
    .description('people who log in to the console')
    .command('hash')
    .description('reads a password from the standard input and prints its scrypt hash')
    .action(async () => {
      const password = (await text(process.stdin)).replace(/\r?\n$/, '');
      if (password.length < 12) throw new Error('A password has at least 12 characters');
      process.stdout.write(`${await hashPassword(password)}\n`);
    });
}
