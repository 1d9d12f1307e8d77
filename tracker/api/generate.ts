/**
 * contract.ts, contract/ and routes.ts → generated/openapi.json and docs/reference/openapi.md. `node tracker/api/generate.ts` writes what differs;
 * `--check` writes nothing and exits 1 on a difference.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { BASE } from './openapi/base.ts';
import { openApiOf } from './openapi/document.ts';
import type { SourceText } from './openapi/schemas.ts';
import { ROUTES } from './routes.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (file: string): string | undefined => {
  try {
    return readFileSync(new URL(file, ROOT), 'utf8');
  } catch {
    return undefined;
  }
};

const source = (file: string): SourceText => ({ file, text: read(file)! });
const index = source('tracker/api/contract.ts');
const shapes = [...index.text.matchAll(/^export type \* from '.\/(.+)';$/gm)].map(([, file]) =>
  source(`tracker/api/${file}`),
);
const contract = [...shapes, index];
const { version } = JSON.parse(read('package.json')!) as { version: string };
const rows = Object.entries(ROUTES).map(([name, { summary, roles, payloads, csv }]) => {
  const who = roles === 'Anyone' ? 'anyone' : roles.join(', ');
  return `| \`${name}\` | ${summary}${csv ? ' (CSV too)' : ''} | ${who}${payloads ? ', with the right to payloads' : ''} |`;
});
const page = `<!-- GENERATED from tracker/api by \`make generate\`. -->
# HTTP API of the tracker

Everything is under \`${BASE}\`. Shapes are in [openapi.json](openapi.json) (OpenAPI 3.1), which the tracker serves at \`${BASE}/openapi.json\`; see
[Console and API](../guides/console-and-api.md) for how to log in.

| endpoint | what it is for | who may |
| --- | --- | --- |
${rows.join('\n')}
| \`GET /events\` | What changed, as server-sent events | Viewer, Operator, Partner |
| \`GET /auth/login\`, \`GET /auth/callback\` | OpenID Connect, code flow with PKCE | anyone |
| \`GET /openapi.json\` | The document itself | anyone |
`;
const wanted: Record<string, string> = {
  'tracker/api/generated/openapi.json': `${JSON.stringify(openApiOf(contract, version), null, 1)}\n`,
  'docs/reference/openapi.md': page,
};

const check = process.argv.includes('--check');
mkdirSync(new URL('tracker/api/generated/', ROOT), { recursive: true });
const differing = Object.entries(wanted).filter(([file, text]) => read(file) !== text);
for (const [file, text] of differing) {
  if (!check) writeFileSync(new URL(file, ROOT), text);
  console.log(`${check ? 'differs' : 'written'}: ${file}`);
}
if (check && differing.length > 0) {
  console.error('run `make generate` and commit what it writes');
  process.exit(1);
}
