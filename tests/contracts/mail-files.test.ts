import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileMail } from '../../api/adapters/mail/file-mail.ts';
import { mailContract } from './mail-contract.ts';

mailContract('the folder of messages', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'iss-mail-'));
  return {
    sender: fileMail(folder),
    delivered: async () => Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name)))),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
});

const message = {
  id: 'one',
  to: { name: 'A', address: 'a@example.org' },
  subject: 'S',
  text: 'T',
  at: new Date('2026-03-01T12:00:00Z'),
};

describe('the folder of messages', () => {
  it('is made for its owner alone, and so is each message', async () => {
    const root = await mkdtemp(join(tmpdir(), 'iss-mail-'));
    await fileMail(join(root, 'mail')).send(message);
    expect((await stat(join(root, 'mail'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, 'mail', 'one.eml'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(root, 'mail'))).toEqual(['one.eml']);
    await rm(root, { recursive: true });
  });

  it('that cannot be written fails in a way that may pass, and leaves nothing half-written', async () => {
    const root = await mkdtemp(join(tmpdir(), 'iss-mail-'));
    await writeFile(join(root, 'mail'), 'in the way');
    await expect(fileMail(join(root, 'mail')).send(message)).rejects.toMatchObject({ code: 'EEXIST' });
    await rm(join(root, 'mail'));
    await fileMail(join(root, 'mail')).send(message);
    expect(await readdir(join(root, 'mail'))).toEqual(['one.eml']);
    await rm(root, { recursive: true });
  });
});
