import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock, systemIds } from '../../../api/adapters/clock/clock.ts';
import { readWhole } from '../../../api/adapters/objects/object-store.ts';
import { composeServer, type Foundation } from '../../../api/compose.ts';
import { readConfig } from '../../../api/config.ts';
import { readSecrets, writeSecrets } from '../../../api/data-directory.ts';
import { invitationKeyOf } from '../../../api/services/access/invitation-token.ts';
import { ticketOffice } from '../../../api/services/files/ticket.ts';
import { createServices } from '../../../api/services.ts';
import { anIo, iss } from '../cli/an-io.ts';

let directory = '';
const settings = () => ({ ISS_DATA_DIR: directory, ISS_DEMO: '0', ISS_WORKERS: '0', PORT: '0' });
const start = (): Promise<Foundation> => composeServer(readConfig(settings()), pino({ level: 'silent' }));
async function rotate(purpose: string): Promise<{ code: number; said: string }> {
  const io = anIo(settings());
  const code = await iss(io, 'keys', 'rotate', purpose);
  return { code, said: [...io.lines, ...io.notes].join('\n') };
}
const object = Buffer.from('what a patient said');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'iss-rotate-'));
  const base = await start();
  await base.objects.put('sealed/pain/P01/source', object);
  await base.objects.put('sealed/pain/P02/source', object);
  await base.keys.destroy('pain/P02');
  await base.close();
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

it('is refused while a server runs, and for what is no purpose', async () => {
  // A server in another process: this one would take its own lock for one of before.
  const lock = join(directory, 'server.lock');
  await writeFile(lock, `${process.ppid} another`);
  expect(await rotate('tickets')).toMatchObject({ code: 1, said: expect.stringContaining('is in use by the server') });
  await rm(lock);
  expect(await rotate('everything')).toMatchObject({ code: 2 });
}, 60_000);

it('wraps keys of patients under a new sealing key, reads on, and leaves what was destroyed destroyed', async () => {
  const before = await readSecrets(directory);
  const file = join(directory, 'keys', 'pain', 'P01.key');
  const wrapped = await readFile(file, 'utf8');
  expect(await rotate('sealing')).toMatchObject({ code: 0, said: expect.stringContaining('1 key of patients') });
  const after = await readSecrets(directory);
  expect([after.sealingKey === before.sealingKey, after.formerSealingKey]).toEqual([false, undefined]);
  expect(await readFile(file, 'utf8')).not.toBe(wrapped);
  expect((await readdir(join(directory, 'keys', 'pain'))).sort()).toEqual(['P01.key', 'P02.destroyed']);
  const base = await start();
  try {
    expect(await readWhole(base.objects, 'sealed/pain/P01/source')).toEqual(object);
    await expect(readWhole(base.objects, 'sealed/pain/P02/source')).rejects.toThrow('was destroyed');
  } finally {
    await base.close();
  }
}, 60_000);

it('goes on with a sealing key whose change was cut off: a server reads by both, the next rotation ends it', async () => {
  const secrets = await readSecrets(directory);
  const fresh = systemIds.random(32).toString('base64url');
  await writeSecrets(directory, { ...secrets, sealingKey: fresh, formerSealingKey: secrets.sealingKey });
  const base = await start();
  try {
    expect(await readWhole(base.objects, 'sealed/pain/P01/source')).toEqual(object);
  } finally {
    await base.close();
  }
  expect((await rotate('sealing')).said).toContain('1 key of patients');
  expect(await readSecrets(directory)).toMatchObject({ sealingKey: fresh });
}, 60_000);

it('opens tickets of the key before until they have run out, and leaves invitations their links', async () => {
  const before = await readSecrets(directory);
  const office = (now: Date, services: { key: Buffer; former?: { key: Buffer; until: Date } }) =>
    ticketOffice({ ...services, clock: { now: () => now }, ids: systemIds, lifeSeconds: 300, baseUrl: 'http://x' });
  const now = systemClock.now();
  const old = { key: Buffer.from(before.ticketKey, 'base64url') };
  const { url } = office(now, old).issue({ kind: 'certificate', accountId: 'a', certificateId: 'c' });
  const text = url.slice(url.lastIndexOf('/') + 1);
  expect(await rotate('tickets')).toMatchObject({ code: 0 });
  const after = await readSecrets(directory);
  const until = new Date(after.formerTicketKey!.until);
  const fresh = { key: Buffer.from(after.ticketKey, 'base64url'), former: { ...old, until } };
  expect(office(now, fresh).open(text)).toMatchObject({ certificateId: 'c' });
  expect(office(until, fresh).open(text)).toBeNull();
  expect(office(now, { key: fresh.key }).open(text)).toBeNull();
  expect(invitationKeyOf(after)).toEqual(invitationKeyOf(before));
  const base = await start();
  try {
    expect(createServices(base, 'http://x').tickets.open(text)).toMatchObject({ certificateId: 'c' });
  } finally {
    await base.close();
  }
}, 60_000);

it('gives links of invitations a new key, unless one waits to be mailed', async () => {
  const before = await readSecrets(directory);
  const base = await start();
  try {
    await base.database.query(
      `INSERT INTO outbox (template, address, data) VALUES ('collaborator-invited', 'ada@example.org', '{}')`,
    );
  } finally {
    await base.close();
  }
  expect(await rotate('invitations')).toMatchObject({
    code: 1,
    said: expect.stringContaining('1 invitation has not been mailed yet'),
  });
  expect(await readSecrets(directory)).toEqual(before);
  const again = await start();
  try {
    await again.database.query(`UPDATE outbox SET state = 'SENT', sent_at = now()`);
  } finally {
    await again.close();
  }
  expect(await rotate('invitations')).toMatchObject({ code: 0 });
  const { invitationKey, ...others } = await readSecrets(directory);
  const { invitationKey: former, ...rest } = before;
  expect(others).toEqual(rest);
  expect(invitationKey).not.toBe(former);
  expect(invitationKey).toHaveLength(43);
}, 60_000);

it('gives the database new passwords, also where the change was cut off on either side', async () => {
  const before = await readSecrets(directory);
  expect(await rotate('database')).toMatchObject({ code: 0 });
  const after = await readSecrets(directory);
  expect([after.databaseOwner === before.databaseOwner, after.databaseApp === before.databaseApp]).toEqual([
    false,
    false,
  ]);
  // Written, and PostgreSQL not told yet.
  await writeSecrets(directory, { ...after, databaseOwner: 'not told yet', formerDatabaseOwner: after.databaseOwner });
  expect(await rotate('database')).toMatchObject({ code: 0 });
  const base = await start();
  try {
    expect((await base.database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await base.close();
  }
}, 60_000);

it('changes the key of the log and of the realm', async () => {
  const base = await start();
  await createServices(base, 'http://x').audit.write(base.database, {
    ...{ accountId: null, grantId: null, action: 'TEST', detail: {} },
  });
  await base.close();
  expect(await rotate('log')).toMatchObject({
    code: 0,
    said: expect.stringContaining('The old key has signed this one'),
  });
  await writeFile(join(directory, 'identity-keys.json'), 'old');
  expect(await rotate('realm')).toMatchObject({ code: 0 });
  expect(await readdir(directory)).not.toContain('identity-keys.json');
}, 60_000);
