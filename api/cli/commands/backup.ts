import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BACKUP_KEY_BYTES } from '../../adapters/backup/encrypted-stream.ts';
import { systemIds } from '../../adapters/clock/clock.ts';
import { fileKeys } from '../../adapters/keys/file-keys.ts';
import { KeyDestroyed } from '../../adapters/keys/seal-keys.ts';
import { keyFolder, readSecrets, sealingKeys } from '../../data-directory.ts';
import { checkpointFolder } from '../../services/audit/checkpoints.ts';
import { openEmptySystem } from '../../services/backup/empty-system.ts';
import { endingsPath, journalEnd } from '../../services/backup/endings-journal.ts';
import { type BackupProgress, backupOf } from '../../services/backup/make-backup.ts';
import { checkBackup, restoreBackup, withoutKey } from '../../services/backup/restore-backup.ts';
import { keptFiles, openSystem } from '../../services/backup/system.ts';
import { atomicFile } from '../atomic-file.ts';
import { settingsOf } from '../beside-server.ts';
import { CommandFailed } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { bytesText, counted, safe } from '../terminal.ts';
import { replayInto, told } from './replay.ts';

interface Options {
  json?: true;
  key: string;
}

/** Makes a key for backups. */
export async function backupKey(io: Io, file: string, { json }: { json?: true }): Promise<void> {
  await writeFile(file, `iss-backup-key-1 ${randomBytes(BACKUP_KEY_BYTES).toString('base64url')}\n`, {
    flag: 'wx',
    mode: 0o600,
    flush: true,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST')
      throw new CommandFailed(`${file} is there already: what was made with it needs it.`, { code: 'EXISTS' });
    throw error;
  });
  if (json) return printJson(io, { file });
  io.print(`${safe(file)} is the key of your backups: keep copies of it where the backups are not.`);
}

/** @throws CommandFailed where the file holds no key */
async function readKey(file: string): Promise<Buffer> {
  const text = (await readFile(file, 'utf8')).trim();
  const key = Buffer.from(/^iss-backup-key-1 ([\w-]{43})$/.exec(text)?.[1] ?? '', 'base64url');
  if (key.length !== BACKUP_KEY_BYTES)
    throw new CommandFailed(`${file} is no key of backups: iss backup-key makes one.`, { code: 'NO_KEY' });
  return key;
}

const progressTo = (io: Io, doing: string) => {
  const began = io.now().getTime();
  return ({ stage, done, total }: BackupProgress): void => {
    const share = total === 0 ? 1 : done / total;
    const seconds = (io.now().getTime() - began) / 1000;
    const what = stage === 'rows' ? 'tables' : 'objects';
    io.progress.show(
      stage,
      share,
      `${doing} ${what}: ${done} of ${total} (${Math.floor(share * 100)} %), ${seconds.toFixed(0)} s`,
    );
  };
};

/** Writes a backup to a file, or under a name of its own into a folder. */
export const backup = (io: Io, place: string, options: Options): Promise<void> =>
  told(async () => {
    const config = settingsOf(io);
    const key = await readKey(options.key);
    const now = io.now();
    const isFolder = (await stat(place).catch(() => null))?.isDirectory() ?? false;
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
    const file = isFolder ? join(place, `iss-${stamp}.backup`) : place;
    if (await stat(file).catch(() => null))
      throw new CommandFailed(`${file} is there already: name another.`, { code: 'EXISTS' });
    const system = await openSystem(config);
    const out = await atomicFile(file);
    let gone = 0;
    let bytes = 0;
    try {
      const stream = backupOf(
        {
          ...{ ownerUrl: system.ownerUrl, objects: system.objects, files: keptFiles(config.dataDirectory) },
          journal: async () => {
            const path = endingsPath(checkpointFolder(config));
            const { line, head } = await journalEnd(path);
            if (line === 0)
              throw new CommandFailed(`There is no journal of endings in ${path}: start the server once.`, {
                code: 'NO_JOURNAL',
              });
            return { line, head };
          },
          id: systemIds.uuid(),
          now,
        },
        key,
        { signal: io.signal, onProgress: progressTo(io, 'Backing up'), missing: () => (gone += 1) },
      );
      for await (const part of stream) {
        await out.write(part);
        bytes += part.length;
      }
      await out.finish();
    } finally {
      await out.discard();
      await system.close();
    }
    io.progress.clear();
    if (options.json) return printJson(io, { file, bytes, goneObjects: gone });
    io.print(`${safe(file)}: ${bytesText(bytes)}, encrypted.`);
    if (gone > 0)
      io.note(`${counted(gone, 'object')} that the rows name had been removed by the time their turn came.`);
    io.note(
      `Not in it: the keys of patients and exports in ${keyFolder(config)}. Mirror that folder as it is now, apart from this.`,
    );
  });

/** Fills an empty system, or proves a backup. */
export const restore = (
  io: Io,
  file: string,
  options: Options & { check?: true; keys?: string; journal?: string },
): Promise<void> =>
  told(async () => {
    const key = await readKey(options.key);
    const source = createReadStream(file, { highWaterMark: 1 << 20 });
    if (options.check) {
      const { about, end } = await checkBackup(source, key, progressTo(io, 'Proving'));
      io.progress.clear();
      if (options.json) return printJson(io, { about, end });
      io.print(
        `Whole: made ${about.madeAt}, ${counted(about.tables.length, 'table')}, ${counted(about.objects, 'object')}, ${bytesText(end.bytes)}.`,
      );
      return io.print(`SHA-256 of its contents: ${end.sha256}`);
    }
    const config = settingsOf(io);
    const system = await openEmptySystem(config, { id: systemIds.uuid(), now: () => io.now() });
    try {
      const restored = await restoreBackup(source, key, system.target, {
        signal: io.signal,
        onProgress: progressTo(io, 'Restoring'),
      }).catch(async (error: unknown) => {
        await system.undo();
        throw error;
      });
      if (options.keys !== undefined) await cp(options.keys, keyFolder(config), { recursive: true, force: false });
      const sealing = sealingKeys(await readSecrets(config.dataDirectory));
      const missing = await withoutKey(
        restored.owners,
        fileKeys(keyFolder(config), sealing),
        (error) => error instanceof KeyDestroyed,
      );
      await system.done();
      io.progress.clear();
      const rows = Object.values(restored.rows).reduce((sum, one) => sum + one, 0);
      const { about, end, objects } = restored;
      if (options.json)
        printJson(io, {
          backup: about.id,
          madeAt: about.madeAt,
          rows,
          objects,
          sha256: end.sha256,
          withoutKey: missing,
        });
      else
        io.print(
          `Restored: ${counted(rows, 'row')} of ${about.tables.length} tables, ${counted(objects, 'object')}, as of ${about.madeAt}.`,
        );
      if (missing.length > 0)
        io.note(
          `No key for ${counted(missing.length, 'owner')} of objects in ${keyFolder(config)}, the first ${missing[0]}: copy the newest mirror of the keys there.`,
        );
    } finally {
      await system.close();
    }
    if (options.journal !== undefined) await replayInto(io, config, options.journal, options);
    else io.note('The system stays closed until the journal of what has ended since is replayed: iss replay FOLDER.');
  });
