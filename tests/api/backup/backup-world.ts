import { createReadStream } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemIds } from '../../../api/adapters/clock/clock.ts';
import { connectDatabase } from '../../../api/adapters/database/database.ts';
import { fileKeys } from '../../../api/adapters/keys/file-keys.ts';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { sealingKeys } from '../../../api/data-directory.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { auditLog } from '../../../api/services/audit/audit-log.ts';
import { makeKeyRing } from '../../../api/services/audit/checkpoint-keys.ts';
import { checkpointFolder, makeCheckpoint, readNotes } from '../../../api/services/audit/checkpoints.ts';
import { sealAll } from '../../../api/services/audit/sealer.ts';
import { endingsJournal, endingsPath, journalEnd } from '../../../api/services/backup/endings-journal.ts';
import { backupOf } from '../../../api/services/backup/make-backup.ts';
import { replayJournal } from '../../../api/services/backup/replay-journal.ts';
import { restoreBackup } from '../../../api/services/backup/restore-backup.ts';
import { journalPath } from '../../../api/services/withdrawals/erasure-journal.ts';
import { parseKeyLine, readCheckpoints } from '../../../governance/checkpoint.ts';
import { startTestDatabase } from '../../support/database.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';

export const KEY = Buffer.alloc(32, 9);
const quiet = { signal: new AbortController().signal, onProgress: () => {} };

export const journalOf = (whole: WholeServer): string => endingsPath(checkpointFolder(whole.base.config));

/** A backup of the whole server in a file. */
export async function backUp(whole: WholeServer, file: string): Promise<void> {
  const { dataDirectory } = whole.base.config;
  const stream = backupOf(
    {
      ownerUrl: whole.db.url,
      objects: fileStore(dataDirectory),
      files: (async function* () {})(),
      journal: async () => {
        const { line, head } = await journalEnd(journalOf(whole));
        return { line, head };
      },
      id: systemIds.uuid(),
      now: whole.clock.now(),
    },
    KEY,
    quiet,
  );
  await writeFile(file, stream);
}

/** Notes what has ended since the last time in a journal that goes on from a copy of `base`. */
export async function noteIn(whole: WholeServer, base: string, path: string): Promise<void> {
  if (base !== path) await cp(base, path);
  const { database, clock, config, ids, keys } = whole.base;
  await endingsJournal({
    database,
    clock,
    path,
    keys,
    random: ids.random,
    ring: () => makeKeyRing(config.dataDirectory, ids.random),
  }).flush();
}

/** An empty system filled from a backup, with the newest keys and secrets of the first beside it; closed until it is replayed. */
export async function restored(whole: WholeServer, file: string) {
  const directory = await mkdtemp(join(tmpdir(), 'iss-restored-'));
  const first = whole.base.config.dataDirectory;
  for (const kept of ['keys', 'secrets']) await cp(join(first, kept), join(directory, kept), { recursive: true });
  const db = await startTestDatabase({ bare: true });
  const result = await restoreBackup(
    createReadStream(file),
    KEY,
    {
      keepFile: async () => {},
      database: async () => db.url,
      objects: fileStore(directory),
      id: systemIds.uuid(),
      now: () => whole.clock.now(),
    },
    quiet,
  );
  let server: WholeServer | undefined;
  return {
    ...{ db, directory, result },
    /** @param folder whose checkpoints say how far the journal had come */
    async replay(journal: string, folder?: string) {
      const database = connectDatabase(db.url, { poolSize: 2 });
      const { clock, ids } = whole.base;
      const ring = await makeKeyRing(directory, ids.random);
      const keys = ring.lines.flatMap((line) => parseKeyLine(line) ?? []);
      try {
        return await replayJournal(
          {
            ...{ database, clock, ids, audit: auditLog(clock, ids), jobs: jobStore(database, clock, ids) },
            journal: journalPath(directory),
            keys: fileKeys(join(directory, 'keys'), sealingKeys(whole.base.secrets)),
            adopt: async () => {},
          },
          journal,
          keys,
          folder === undefined ? [] : readCheckpoints(await readNotes(folder), keys).checkpoints,
        );
      } finally {
        await database.close();
      }
    },
    async start(ahead = whole.clock.ahead): Promise<WholeServer> {
      const { ISS_TICKET_SECONDS, ISS_REQUESTS_PER_MINUTE } = whole.base.config;
      server = await startWholeServer({
        ...{ db, directory, secrets: whole.base.secrets, ahead },
        settings: {
          ISS_TICKET_SECONDS: String(ISS_TICKET_SECONDS),
          ISS_REQUESTS_PER_MINUTE: String(ISS_REQUESTS_PER_MINUTE),
        },
      });
      return server;
    },
    async stop() {
      if (server) return server.stop();
      await db.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A signed checkpoint in a folder of its own, of the log and the journal as they are. */
export async function checkpointIn(whole: WholeServer, folder: string): Promise<void> {
  const { database, clock, config, ids } = whole.base;
  const { dataDirectory } = config;
  const audit = auditLog(clock, ids);
  await audit.write(database, { accountId: null, grantId: null, action: 'TRIED', detail: {} });
  await sealAll(database);
  await makeCheckpoint({
    database,
    clock,
    audit,
    dataDirectory,
    random: ids.random,
    folder,
    journal: journalOf(whole),
  });
}
