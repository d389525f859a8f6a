import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Raised when what lies in the folder changes its form; an older program refuses a newer folder. */
const LAYOUT = 1;

/** One key or password for each purpose; made on the first start, kept in a file that only its owner reads. */
const SECRETS = z.object({
  databaseOwner: z.string(),
  databaseApp: z.string(),
  sealingKey: z.string(),
  ticketKey: z.string(),
});
export type Secrets = z.infer<typeof SECRETS>;

/** How tools and workers beside the server find its embedded database. */
export interface ServerNote {
  pid: number;
  url: string;
  databasePort: number | null;
}

/** The folder cannot be used; the message says why and what to do. */
export class DataDirectoryRefused extends Error {
  override name = 'DataDirectoryRefused';
}

/** Makes the folder if need be and checks that this version may use it. @throws DataDirectoryRefused */
export async function openDataDirectory(directory: string): Promise<Secrets> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new DataDirectoryRefused(`the data folder ${directory} cannot be made: ${error.code}`);
  });
  const versionFile = join(directory, 'version.json');
  const text = await readFile(versionFile, 'utf8').catch(() => null);
  const layout = text === null ? LAYOUT : layoutOf(text, versionFile);
  if (layout > LAYOUT)
    throw new DataDirectoryRefused(
      `the data folder ${directory} is from a newer version (layout ${layout}, this one knows ${LAYOUT}): start that version, or name another folder in ISS_DATA_DIR`,
    );
  if (text === null) await writeOwn(versionFile, JSON.stringify({ layout: LAYOUT }));
  return secretsOf(directory);
}

function layoutOf(text: string, file: string): number {
  try {
    return z.object({ layout: z.number().int() }).parse(JSON.parse(text)).layout;
  } catch {
    throw new DataDirectoryRefused(`${file} is damaged: it should hold {"layout": ${LAYOUT}}`);
  }
}

async function secretsOf(directory: string): Promise<Secrets> {
  const file = join(directory, 'secrets.json');
  if (!existsSync(file)) {
    const key = () => randomBytes(32).toString('base64url');
    await writeOwn(
      file,
      JSON.stringify({
        databaseOwner: key(),
        databaseApp: key(),
        sealingKey: key(),
        ticketKey: key(),
      } satisfies Secrets),
    );
  }
  try {
    return SECRETS.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new DataDirectoryRefused(`${file} is damaged; without it the database of this folder cannot be opened`);
  }
}

/** Whole or not at all, readable by its owner alone. */
async function writeOwn(file: string, text: string): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, file);
}

/**
 * One server a folder: two would each take the other's database down.
 * @returns a function that gives the folder free. @throws DataDirectoryRefused when another server lives
 */
export async function lockDataDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'server.lock');
  for (;;) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const pid = Number(await readFile(file, 'utf8').catch(() => ''));
      if (await lives(pid))
        throw new DataDirectoryRefused(
          `the data folder ${directory} is in use by the server with process id ${pid}: stop it, or name another folder in ISS_DATA_DIR`,
        );
      await rm(file, { force: true });
    }
  }
}

async function lives(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // The number may belong to another program by now, after a restart of the machine.
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'node');
  return command.includes('node');
}

const NOTE = z.object({ pid: z.number(), url: z.string(), databasePort: z.number().nullable() });

export async function writeServerNote(directory: string, note: ServerNote): Promise<void> {
  await writeOwn(join(directory, 'server.json'), JSON.stringify(note));
}

/** What a running server left about itself, or null. */
export async function readServerNote(directory: string): Promise<ServerNote | null> {
  const text = await readFile(join(directory, 'server.json'), 'utf8').catch(() => null);
  return text === null ? null : NOTE.parse(JSON.parse(text));
}
