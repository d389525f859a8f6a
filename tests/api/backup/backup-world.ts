import { createReadStream } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemIds } from '../../../api/adapters/clock/clock.ts';
import { connectDatabase } from '../../../api/adapters/database/database.ts';
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { jobStore } from '../../../api/jobs/job-store.ts';
import { auditLog } from '../../../api/services/audit/audit-log.ts';
import { makeKeyRing } from '../../../api/services/audit/checkpoint-keys.ts';
import { checkpointFolder } from '../../../api/services/audit/checkpoints.ts';
import { endingsJournal, endingsPath, journalEnd } from '../../../api/services/backup/endings-journal.ts';
import { backupOf } from '../../../api/services/backup/make-backup.ts';
import { replayJournal } from '../../../api/services/backup/replay-journal.ts';
import { restoreBackup } from '../../../api/services/backup/restore-backup.ts';
import { journalPath } from '../../../api/services/withdrawals/erasure-journal.ts';
import { parseKeyLine } from '../../../governance/checkpoint.ts';
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
  const { database, clock, config, ids } = whole.base;
  await endingsJournal({ database, clock, path, ring: () => makeKeyRing(config.dataDirectory, ids.random) }).flush();
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
    async replay(journal: string) {
      const database = connectDatabase(db.url, { poolSize: 2 });
      const { clock, ids } = whole.base;
      const ring = await makeKeyRing(directory, ids.random);
      try {
        return await replayJournal(
          {
            ...{ database, clock, ids, audit: auditLog(clock, ids), jobs: jobStore(database, clock, ids) },
            journal: journalPath(directory),
            adopt: async () => {},
          },
          journal,
          ring.lines.flatMap((line) => parseKeyLine(line) ?? []),
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
