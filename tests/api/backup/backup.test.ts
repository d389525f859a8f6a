import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archived } from '../../../api/adapters/backup/archive.ts';
import { encrypted } from '../../../api/adapters/backup/encrypted-stream.ts';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { CLOSED } from '../../../api/http/closed.ts';
import { journalEnd } from '../../../api/services/backup/endings-journal.ts';
import { checkBackup } from '../../../api/services/backup/restore-backup.ts';
import { addResearcher } from '../../support/person-fixture.ts';
import { allObjects, allRows, rules } from '../../support/snapshot.ts';
import { fillStudy } from '../../support/study-fixture.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';
import { backUp, checkpointIn, journalOf, KEY, noteIn, restored } from './backup-world.ts';

let whole: WholeServer;
let folder = '';
let file = '';

beforeAll(async () => {
  whole = await startWholeServer();
  const study = await fillStudy(
    { pool: whole.db.pool, objects: whole.base.objects },
    { patients: 3, submissions: 2, frames: 30 },
  );
  await addResearcher(whole.db.pool, { name: 'rae', studyId: study.studyId });
  await whole.server.services.audit.write(whole.base.database, {
    ...{ accountId: null, grantId: null, action: 'TEST' },
    detail: { text: 'tab\t, line\n, \\N and ünïcode' },
  });
  // Larger than a chunk of the encryption, and than what is put beside others.
  await whole.base.objects.put('artifacts/large', Buffer.alloc(3 * 2 ** 20 + 17, 5));
  folder = await mkdtemp(join(tmpdir(), 'iss-backup-'));
  file = join(folder, 'world.backup');
  await noteIn(whole, journalOf(whole), journalOf(whole));
  await backUp(whole, file);
}, 120_000);
afterAll(async () => {
  await whole.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a backup, restored into an empty system', () => {
  it('gives back every row, every byte and every rule', async () => {
    const again = await restored(whole, file);
    try {
      const before = await allRows(whole.db.pool);
      expect(Object.keys(before).length).toBeGreaterThan(55);
      expect(before.audit_entry!.length).toBeGreaterThan(0);
      expect(await allRows(again.db.pool)).toEqual(before);
      expect(await rules(again.db.pool)).toEqual(await rules(whole.db.pool));
      expect(await allObjects(fileStore(again.directory))).toEqual(
        await allObjects(fileStore(whole.base.config.dataDirectory)),
      );
    } finally {
      await again.stop();
    }
  }, 120_000);

  it('is closed but for signing in, and its jobs wait, until the journal is replayed; then it opens by itself', async () => {
    const again = await restored(whole, file);
    try {
      const server = await again.start();
      const get = (path: string) => fetch(`${server.server.url}${path}`);
      expect(await (await get('/readyz')).json()).toEqual({
        ready: false,
        missing: ['replay of the journal of endings (iss replay)'],
      });
      for (const path of ['/graphql', '/files/x', '/', '/sample', '/audit/keys', '/live?operation=x'])
        expect([path, (await get(path)).status]).toEqual([path, 503]);
      const asked = await fetch(`${server.server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ viewer { roles } }"}',
      });
      expect([asked.status, await asked.json()]).toMatchObject([503, { code: 'NOT_REPLAYED' }]);
      expect((await get('/healthz')).status).toBe(200);
      expect((await get('/realms/iss/.well-known/openid-configuration')).status).toBe(200);
      await server.base.jobs.add(server.base.database, { kind: 'send-mail', payload: {} });
      expect(await server.base.jobs.claim('worker', ['send-mail'])).toBeNull();

      await again.replay(journalOf(whole));
      await server.server.opened;
      expect((await get('/readyz')).status).toBe(200);
      expect(await server.base.jobs.claim('worker', ['send-mail'])).not.toBeNull();
      expect(await again.replay(journalOf(whole))).toBeNull();
    } finally {
      await again.stop();
    }
  }, 120_000);

  it('takes no journal but its own, whole and as new as the backup', async () => {
    const again = await restored(whole, file);
    try {
      const text = await readFile(journalOf(whole), 'utf8');
      const other = join(folder, 'other.jsonl');
      const refusal = async (journal: string): Promise<string> => {
        await writeFile(other, journal);
        return again.replay(other).then(
          () => 'replayed',
          (error: Error) => error.message,
        );
      };
      expect(await refusal('')).toContain('ends at line 0');
      const [first, ...rest] = text.trim().split('\n');
      if (rest.length > 0) expect(await refusal(`${first}\n`)).toContain('ends at line 1');
      expect(await refusal(text.replace('endings', 'Endings'))).toContain('is damaged');
      // One letter of what has ended, everything else as it was.
      expect(await refusal(text.replace(/\\"at\\":\\"2/, '\\"at\\":\\"3'))).toContain('is not signed');
    } finally {
      await again.stop();
    }
  }, 120_000);

  it('takes no journal that was cut behind the backup’s line, where a checkpoint has signed further, and stays closed', async () => {
    const again = await restored(whole, file);
    // The server's own journal takes nothing meanwhile.
    whole.server.pending.add(CLOSED);
    try {
      const journal = journalOf(whole);
      const notes = join(folder, 'notes');
      const before = (await journalEnd(journal)).line;
      for (const name of ['first', 'second']) {
        await whole.db.pool.query(`INSERT INTO ending (kind, "row") VALUES ('personal_token', $1)`, [
          JSON.stringify({ id: randomUUID(), name }),
        ]);
        await noteIn(whole, journal, journal);
        await checkpointIn(whole, notes);
      }
      const lines = (await readFile(journal, 'utf8')).trim().split('\n');
      expect(lines).toHaveLength(before + 2);
      const other = join(folder, 'cut.jsonl');
      const refusal = async (kept: readonly string[]): Promise<string> => {
        await writeFile(other, kept.map((line) => `${line}\n`).join(''));
        return again.replay(other, notes).then(
          () => 'replayed',
          (error: Error) => error.message,
        );
      };
      expect(await refusal(lines.slice(0, -1))).toContain(`so line ${before + 2} is missing`);
      expect(await refusal(lines.slice(0, -2))).toContain(`so lines ${before + 1} to ${before + 2} are missing`);
      expect(await refusal([])).toContain('ends at line 0');
      expect(await refusal([...lines.slice(0, -2), lines.at(-1)!, lines.at(-2)!])).toContain('is damaged');
      // Cut, and gone on with by somebody who has the key: as long as it was, but another.
      await refusal(lines.slice(0, -1));
      await whole.db.pool.query(`INSERT INTO ending (kind, "row") VALUES ('personal_token', $1)`, [
        JSON.stringify({ id: randomUUID(), name: 'other' }),
      ]);
      await noteIn(whole, other, other);
      expect(await refusal((await readFile(other, 'utf8')).trim().split('\n'))).toContain(
        'not the journal that was signed',
      );
      expect((await again.db.pool.query('SELECT replayed_at FROM restored')).rows).toEqual([{ replayed_at: null }]);
      // Half a line behind it: of a server that was killed, never answered; of a copy that was cut off, perhaps the end of somebody's access.
      await writeFile(other, `${lines.join('\n')}\n${lines[0]?.slice(0, 50)}`);
      expect(await again.replay(other, notes)).toMatchObject({ cutOff: true });
    } finally {
      whole.server.pending.delete(CLOSED);
      await again.stop();
    }
  }, 120_000);
});

describe('a backup that is not what was written', () => {
  const check = async (bytes: Buffer, key = KEY): Promise<string> => {
    const path = join(folder, 'changed.backup');
    await writeFile(path, bytes);
    return checkBackup(createReadStream(path), key, () => {}).then(
      () => 'whole',
      (error: Error) => error.message,
    );
  };
  it('is refused, by what is wrong with it', async () => {
    const bytes = await readFile(file);
    const changed = (at: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 1;
      return copy;
    };
    expect(bytes.length).toBeGreaterThan(3 * 2 ** 20);
    expect(await check(bytes)).toBe('whole');
    expect(await check(bytes, Buffer.alloc(32, 8))).toBe('the backup was made with another key');
    expect(await check(bytes.subarray(0, bytes.length - 1))).toContain('is cut off');
    expect(await check(bytes.subarray(0, 64 + 2 * (2 ** 20 + 16)))).toContain('is cut off');
    expect(await check(bytes.subarray(0, 40))).toContain('is cut off');
    expect(await check(changed(2 ** 20 + 500))).toContain('its part 2 (a MiB each) is not what was written');
    expect(await check(changed(20))).toContain('another key');
    expect(await check(Buffer.from('PK\u0003\u0004 a zip file'))).toBe('this is no backup of this portal');
    expect(await check(Buffer.alloc(0))).toBe('this is no backup of this portal');
    expect(await check(Buffer.concat([bytes, Buffer.from('x')]))).toContain('is cut off');
    expect(bytes.includes('Institution of rae')).toBe(false);
  }, 60_000);

  it('is refused where a newer version made it', async () => {
    const made = async (about: object): Promise<Buffer> => {
      const entries = (async function* () {
        yield {
          name: 'about',
          body: (async function* () {
            yield Buffer.from(JSON.stringify(about));
          })(),
        };
      })();
      const parts: Buffer[] = [];
      for await (const part of encrypted(
        archived(entries, () => ({})),
        KEY,
      ))
        parts.push(part);
      return Buffer.concat(parts);
    };
    expect(await check(await made({ form: 2 }))).toContain('made by a newer version (form 2');
    expect(await check(await made({ form: 1 }))).toBe('the backup does not say what it is');
  });
});
