/** A partner's mailbox on a real OpenSSH server: its ship notices come from there, our 997s go there, and the server is killed in between. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startSftpServer } from '../support/sshd.ts';
import { ediPartner, makeStand, startDevHere, summary } from './support.ts';

const shipNotice = (control: number) =>
  [
    `ISA*00*          *00*          *ZZ*ACME           *ZZ*US             *261201*0900*U*00401*${String(control).padStart(9, '0')}*0*P*>`,
    `GS*SH*ACME*US*20261201*0900*${control}*X*004010`,
    'ST*856*0001',
    `BSN*00*S-${control}*20261201*0900`,
    'HL*1**S',
    'SE*4*0001',
    `GE*1*${control}`,
    `IEA*1*${String(control).padStart(9, '0')}`,
  ]
    .map((segment) => `${segment}~`)
    .join('\n');

it('a partner is served by SFTP, also while its server comes and goes', { timeout: 120_000 }, async () => {
  const server = await startSftpServer();
  await using stand = await makeStand();
  try {
    const [inbound, outbound] = [server.makeFolder('to-us'), server.makeFolder('from-us')];
    stand.write(
      'edi.yaml',
      ediPartner(stand).replace(
        /spec: \{directory: .*\}/,
        `spec:
  sftp:
    host: 127.0.0.1
    port: ${server.port}
    secretRef: {name: acme-sftp}
    hostKeys: ["${server.hostKey}"]
    inbound: to-us
    outbound: from-us
    taken: Delete
    pollInterval: 200ms
---
apiVersion: v1
kind: Secret
metadata:
  name: acme-sftp
  namespace: ${stand.namespace}
  labels: {crossdock.dev/use: "true"}
  annotations: {crossdock.dev/hosts: 127.0.0.1}
stringData: ${JSON.stringify({ username: server.username, 'ssh-privatekey': server.privateKey })}`,
      ),
    );
    /** Those with a dot are being written. */
    const written = () => readdirSync(outbound).filter((name) => !name.startsWith('.'));
    await using dev = await startDevHere(stand);
    writeFileSync(join(inbound, '1.edi'), shipNotice(1));
    await stand.until((rows) => summary(rows)['notices/sink Delivered'] === 1);
    await server.kill();
    const acme = () => dev.state.roots['Partner/acme'];
    await stand.until(() => /cannot be reached \(ECONNREFUSED\)/.test(acme()?.message ?? ''));
    expect(acme()?.state).toBe('Failed');
    writeFileSync(join(inbound, '2.edi'), shipNotice(2));
    await server.restart();
    const rows = await stand.until(
      (all) => summary(all)['notices/sink Delivered'] === 2 && written().length === 2,
      60_000,
    );
    await stand.until(() => acme()?.state === 'Running');
    expect(summary(rows)).toMatchObject({ 'notices/sink Delivered': 2 });
    expect(readdirSync(inbound)).toEqual([]);
    expect(stand.ledger.effects.map(({ body }) => body.shipment).sort()).toEqual(['S-1', 'S-2']);
    const acknowledged = written().map((name) => readFileSync(join(outbound, name), 'utf8'));
    expect(acknowledged.map((text) => /AK1\*SH\*(\d)/.exec(text)?.[1]).sort()).toEqual(['1', '2']);
  } finally {
    await server.stop();
  }
});
