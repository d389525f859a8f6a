import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { systemClock, systemIds } from '../../../api/adapters/clock/clock.ts';
import { makeSecrets } from '../../../api/data-directory.ts';
import { readAuditChain } from '../../../api/services/audit/audit-chain.ts';
import { auditLog } from '../../../api/services/audit/audit-log.ts';
import { makeKeyRing } from '../../../api/services/audit/checkpoint-keys.ts';
import {
  type CheckpointDeps,
  CheckpointRefused,
  changeCheckpointKey,
  checkpointFolder,
  makeCheckpoint,
  readNotes,
} from '../../../api/services/audit/checkpoints.ts';
import { sealAll } from '../../../api/services/audit/sealer.ts';
import { endingsJournal, endingsPath } from '../../../api/services/backup/endings-journal.ts';
import { parseKeyLine, readCheckpoints } from '../../../governance/checkpoint.ts';
import { eventually } from '../../contracts/eventually.ts';
import { startTestDatabase, type TestDatabase } from '../../support/database.ts';
import { sealedObjects } from '../../support/sealed-objects.ts';
import { anIo, iss } from '../cli/an-io.ts';

let db: TestDatabase;
let folder: string;
let deps: CheckpointDeps;
const log = auditLog(systemClock, systemIds);
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.stop());
beforeEach(async () => {
  await asSuperuser('TRUNCATE audit_link, audit_entry RESTART IDENTITY');
  folder = await mkdtemp(join(tmpdir(), 'iss-checkpoints-'));
  deps = {
    ...{ database: db.database, clock: systemClock, audit: log },
    dataDirectory: join(folder, 'data'),
    random: systemIds.random,
    folder: join(folder, 'carried'),
    journal: endingsPath(join(folder, 'data')),
  };
  return () => rm(folder, { recursive: true, force: true });
});

async function asSuperuser(...statements: string[]): Promise<void> {
  const client = await db.pool.connect();
  try {
    await client.query('SET session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.query('RESET session_replication_role');
    client.release();
  }
}

async function write(count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1)
    await log.write(db.database, { accountId: null, grantId: null, action: 'TRIED', detail: { n } });
  await sealed();
}
const sealed = () =>
  eventually('all is sealed', async () => {
    await sealAll(db.database);
    return (await readAuditChain(db.database)).unsealed === 0;
  });
/** The whole chain made anew after an entry was altered. */
const rebuild = (position: number): string[] => [
  `UPDATE audit_entry SET text = replace(text, 'TRIED', 'NONE'), action = 'NONE',
     hash = encode(sha256(convert_to(replace(text, 'TRIED', 'NONE'), 'UTF8')), 'hex') WHERE seq = (SELECT entry_seq FROM audit_link WHERE position = ${position})`,
  `DO $$ DECLARE head text := ''; l record; BEGIN
     FOR l IN SELECT k.position, e.hash FROM audit_link k JOIN audit_entry e ON e.seq = k.entry_seq ORDER BY 1 LOOP
       head := encode(sha256(convert_to(head || l.hash, 'UTF8')), 'hex');
       UPDATE audit_link SET hash = head WHERE position = l.position;
     END LOOP;
   END $$`,
];
const keyFile = async (): Promise<string> => {
  const path = join(folder, 'key.txt');
  await writeFile(path, `${(await makeKeyRing(deps.dataDirectory, systemIds.random)).lines[0]}\n`);
  return path;
};
/** The log as `iss audit export` writes it. */
async function exported(): Promise<string> {
  const { rows } = await db.pool.query(
    'SELECT l.position::int, e.text, e.hash, l.hash AS link FROM audit_link l JOIN audit_entry e ON e.seq = l.entry_seq ORDER BY 1',
  );
  const path = join(folder, 'log.jsonl');
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}
const verify = async (...words: string[]) => {
  const io = anIo({});
  const code = await iss(io, 'audit', 'verify', ...words);
  return { code, lines: io.lines, notes: io.notes };
};

describe('a checkpoint', () => {
  it('is a signed note in a folder, and an entry; its key lies where only its owner reads', async () => {
    await write(5);
    const made = await makeCheckpoint(deps);
    expect(made?.checkpoint).toMatchObject({ size: 5 });
    expect((await readdir(deps.folder)).sort()).toEqual([
      expect.stringMatching(/^checkpoint-000000000005-\d{8}T\d{6}Z\.note$/),
      'public-keys.txt',
    ]);
    const key = join(deps.dataDirectory, 'secrets/audit-key.json');
    expect((await stat(key)).mode & 0o077).toBe(0);
    expect((await stat(join(deps.dataDirectory, 'secrets'))).mode & 0o077).toBe(0);
    const { rows } = await db.pool.query("SELECT text FROM audit_entry WHERE action = 'AUDIT_CHECKPOINT'");
    expect(JSON.parse(rows[0].text)).toMatchObject({ size: 5, head: made?.checkpoint.head });
    expect(JSON.stringify(rows)).not.toContain(JSON.parse(await readFile(key, 'utf8')).secret);
  });

  it('is made by the schedule only where something is new but the last one’s own entry', async () => {
    await write(3);
    expect(await makeCheckpoint(deps, 'when-new')).not.toBe(null);
    await sealed();
    expect(await makeCheckpoint(deps, 'when-new')).toBe(null);
    await write(1);
    expect((await makeCheckpoint(deps, 'when-new'))?.checkpoint.size).toBe(5);
  });

  it('names the end of the journal of endings, and is refused where that was cut since', async () => {
    await write(2);
    const ring = () => makeKeyRing(deps.dataDirectory, systemIds.random);
    const { keys } = sealedObjects(deps.dataDirectory);
    const journal = endingsJournal({
      database: db.database,
      clock: systemClock,
      path: deps.journal,
      ring,
      keys,
      random: randomBytes,
    });
    await journal.begin();
    const first = await makeCheckpoint(deps);
    expect(first?.checkpoint.endings).toMatchObject({ line: 1 });
    await sealed();
    expect(await makeCheckpoint(deps, 'when-new')).toBe(null);
    await db.pool.query(`INSERT INTO ending (kind, "row") VALUES ('halt', '{}')`);
    await journal.flush();
    // Nothing but the journal has grown.
    expect((await makeCheckpoint(deps, 'when-new'))?.checkpoint.endings).toMatchObject({ line: 2 });
    const text = await readFile(deps.journal, 'utf8');
    await writeFile(deps.journal, `${text.split('\n')[0]}\n`);
    await expect(makeCheckpoint(deps)).rejects.toThrow('so line 2 is missing');
    await rm(deps.journal);
    await expect(makeCheckpoint(deps)).rejects.toThrow('so lines 1 to 2 are missing');
    await writeFile(deps.journal, text);
    expect(await makeCheckpoint(deps)).not.toBe(null);
  });

  it('is made by one key however many begin at once', async () => {
    const rings = await Promise.all(Array.from({ length: 5 }, () => makeKeyRing(deps.dataDirectory, systemIds.random)));
    expect(new Set(rings.map(({ key }) => key.id)).size).toBe(1);
  });

  it('is refused for a log that was rewritten since the last one, and for one that was cut or rewritten before it', async () => {
    await write(6);
    await makeCheckpoint(deps);
    await write(4);
    await asSuperuser(`UPDATE audit_entry SET text = replace(text, 'TRIED', 'NONE') WHERE seq = 9`);
    await expect(makeCheckpoint(deps)).rejects.toMatchObject({
      problems: [{ kind: 'ALTERED', position: 9, text: true }],
    });
    await asSuperuser(...rebuild(2));
    await expect(makeCheckpoint(deps)).rejects.toThrow(CheckpointRefused);
    await asSuperuser('DELETE FROM audit_link WHERE position > 3', 'DELETE FROM audit_entry WHERE seq > 3');
    await expect(makeCheckpoint(deps)).rejects.toMatchObject({ problems: [{ kind: 'REMOVED', from: 6, to: 6 }] });
    expect((await readNotes(deps.folder)).length).toBe(1);
  });

  it('goes on through a change of key', async () => {
    await write(3);
    const first = await makeKeyRing(deps.dataDirectory, systemIds.random);
    await makeCheckpoint(deps);
    const second = await changeCheckpointKey(deps);
    await sealed();
    await makeCheckpoint(deps);
    expect(second.key.id).not.toBe(first.key.id);
    expect(second.lines.map((line) => parseKeyLine(line)?.id)).toEqual([first.key.id, second.key.id]);
    const read = readCheckpoints(await readNotes(deps.folder), [first.key]);
    expect(read.refused).toEqual([]);
    expect(read.checkpoints.at(-1)!.size).toBeGreaterThan(4);
    expect(await readAuditChain(db.database, { checkpoints: read.checkpoints })).toMatchObject({ whole: true });
  });
});

describe('iss audit verify at the auditor, with a file, checkpoints and a key', () => {
  const options = async () => ['--checkpoints', deps.folder, '--key', await keyFile()];
  beforeEach(async () => {
    await write(6);
    await makeCheckpoint(deps);
    await write(5);
    await makeCheckpoint(deps);
    await sealed();
  });

  it('says that all is well, and up to where that is proved', async () => {
    const { code, lines } = await verify(await exported(), ...(await options()));
    expect(lines).toEqual([
      expect.stringMatching(/^The log is whole: 13 entries, head [0-9a-f]{64}\.$/),
      expect.stringMatching(
        /^2 signed checkpoints fit; up to entry 12 \(.*, key of iss-audit-[0-9a-f]{8}\) nothing was changed since it was signed\.$/,
      ),
    ]);
    expect(code).toBe(0);
  });

  it.each<[string, () => string[], RegExp[]]>([
    [
      'one altered',
      () => [`UPDATE audit_entry SET text = replace(text, 'TRIED', 'NONE') WHERE seq = 4`],
      [/^Entry 4 was altered: its text does not have its hash\.$/],
    ],
    [
      'one deleted with its link',
      () => ['DELETE FROM audit_link WHERE position = 4', 'DELETE FROM audit_entry WHERE seq = 4'],
      [/^Entry 4 was removed\.$/],
    ],
    [
      'two swapped',
      () => [
        'UPDATE audit_link SET position = CASE position WHEN 3 THEN -9 ELSE -3 END WHERE position IN (3, 9)',
        'UPDATE audit_link SET position = -position WHERE position < 0',
      ],
      [/^Entry 3 stands in another place than it was written in \(9\)\.$/, /^Entry 9 .* \(3\)\.$/],
    ],
    [
      'the tail cut before the last checkpoint',
      () => ['DELETE FROM audit_link WHERE position > 9', 'DELETE FROM audit_entry WHERE seq > 9'],
      [/^Entries 10 to 12 were removed\.$/],
    ],
    [
      'the whole chain made anew after the eighth was altered',
      () => rebuild(8),
      [/^Entries 7 to 12 are not those that were signed at 12: the log was written anew\.$/],
    ],
    [
      'the whole chain made anew after the second was altered',
      () => rebuild(2),
      [/^Entries 1 to 6 are not those that were signed at 6 and later up to 12: the log was written anew\.$/],
    ],
  ])('names what was done: %s', async (_, statements, said) => {
    await asSuperuser(...statements());
    const { code, lines, notes } = await verify(await exported(), ...(await options()));
    expect(lines).toEqual(said.map((one) => expect.stringMatching(one)));
    expect(notes.join()).toMatch(/The log is not whole/);
    expect(code).toBe(1);
  });

  it('names a checkpoint that was forged or damaged', async () => {
    const [name] = (await readdir(deps.folder)).filter((one) => one.startsWith('checkpoint-')).sort();
    const path = join(deps.folder, name!);
    await writeFile(path, (await readFile(path, 'utf8')).replace('\n6\n', '\n5\n'));
    const { code, lines } = await verify(await exported(), ...(await options()));
    expect(lines).toEqual([`Checkpoint ${name} proves nothing: it is no signed note, or its signature is wrong.`]);
    expect(code).toBe(1);
  });

  it('takes no key that merely lies beside the checkpoints', async () => {
    const { code, notes } = await verify(await exported(), '--checkpoints', deps.folder);
    expect(code).toBe(2);
    expect(notes.join()).toMatch(/--key/);
  });

  it('says of another file that it is no log, and of one that is not there that it is not', async () => {
    const path = join(folder, 'other.jsonl');
    await writeFile(path, '{"position":1}\n');
    expect((await verify(path)).notes.join()).toMatch(/Line 1 is no entry of an exported log/);
    expect((await verify(join(folder, 'none'))).notes.join()).toMatch(/no such file/);
  });
});

describe('a journal of endings that is broken, beside the server', () => {
  const io = () => anIo({ ISS_DATA_DIR: deps.dataDirectory, ISS_DATABASE_URL: db.url, ISS_DEMO: '0' });
  const asked = async (...words: string[]) => {
    const of = io();
    return { code: await iss(of, 'audit', ...words), lines: of.lines, notes: of.notes.join() };
  };
  beforeEach(async () => {
    const beside = checkpointFolder({ dataDirectory: deps.dataDirectory });
    deps = { ...deps, folder: beside, journal: endingsPath(beside) };
    await mkdir(deps.dataDirectory, { recursive: true });
    await makeSecrets(deps.dataDirectory, { databaseApp: inject('databaseAppPassword') });
    await write(3);
    const ring = () => makeKeyRing(deps.dataDirectory, systemIds.random);
    const { keys } = sealedObjects(deps.dataDirectory);
    const journal = endingsJournal({
      database: db.database,
      clock: systemClock,
      path: deps.journal,
      ring,
      keys,
      random: randomBytes,
    });
    await journal.begin();
    await db.pool.query(`INSERT INTO ending (kind, "row") VALUES ('halt', '{}')`);
    await journal.flush();
    await makeCheckpoint(deps);
    await sealed();
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['cut before what was signed', (text) => `${text.split('\n')[0]}\n`, /was cut short: .* so line 2 is missing/],
    ['with a line altered', (text) => text.replace('halt', 'hold'), /line 2 is not signed by a key of this log/],
    ['with a line taken out', (text) => `${text.split('\n')[1]}\n`, /is damaged: line 1 does not follow/],
    ['gone', () => '', /so lines 1 to 2 are missing/],
  ])('%s is named by verify, and nothing is signed over it', async (_, breaks, said) => {
    expect(await asked('verify')).toMatchObject({ code: 0 });
    const text = await readFile(deps.journal, 'utf8');
    await writeFile(deps.journal, breaks(text));
    const { code, lines, notes } = await asked('verify');
    expect(lines).toEqual([expect.stringMatching(/^The journal of endings: /)]);
    expect(lines[0]).toMatch(said);
    expect(notes).toContain('The log is whole, and its journal of endings is not.');
    expect(code).toBe(1);
    const json = await asked('verify', '--json');
    expect(JSON.parse(json.lines.join(''))).toMatchObject({
      whole: false,
      problems: [],
      journal: expect.stringMatching(said),
    });
    expect(json.code).toBe(1);

    const signing = await asked('checkpoint');
    expect(signing.code).toBe(1);
    expect(signing.notes).toMatch(/Nothing was signed: .*endings\.jsonl/);
    expect((await readNotes(deps.folder)).length).toBe(1);
    await writeFile(deps.journal, text);
    expect((await asked('verify')).code).toBe(0);
  });
});
