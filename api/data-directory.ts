import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** Raised when what lies in the folder changes its form; an older program refuses a newer folder. */
const LAYOUT = 1;

/** One key or password for each purpose; made on the first start, kept in a file that only its owner reads. */
const SECRETS = z.object({
  databaseOwner: z.string().min(1),
  databaseApp: z.string().min(1),
  sealingKey: z.string().min(1),
  ticketKey: z.string().min(1),
  /** What invitations follow from, once the key of tickets is another: those that wait keep their links. */
  invitationKey: z.string().min(1).optional(),
  /** Tickets of the key before are opened until then; they live no longer. */
  formerTicketKey: z.object({ key: z.string().min(1), until: z.iso.datetime() }).optional(),
  /** There while keys of patients are wrapped anew: what was cut off is read by either. */
  formerSealingKey: z.string().min(1).optional(),
  /** There while the owner's password is changed. */
  formerDatabaseOwner: z.string().min(1).optional(),
});
export type Secrets = z.infer<typeof SECRETS>;

/** How tools and workers beside the server find its embedded database. */
export interface ServerNote {
  pid: number;
  url: string;
  databasePort: number | null;
}

/** Where work in progress lies in clear; what a killed process left there is swept. */
export const workFolder = (config: { dataDirectory: string }): string => join(config.dataDirectory, 'work');

/** Where the keys of patients and exports lie: apart from the database and the objects, which backups keep as they were. */
export const keyFolder = (config: { dataDirectory: string; ISS_KEY_DIR?: string | undefined }): string =>
  resolve(config.ISS_KEY_DIR ?? join(config.dataDirectory, 'keys'));

/** The folder cannot be used; the message says why and what to do. */
export class DataDirectoryRefused extends Error {
  override name = 'DataDirectoryRefused';
}

/** Makes the folder if need be and checks that this version may use it. @throws DataDirectoryRefused */
export async function openDataDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new DataDirectoryRefused(`the data folder ${directory} cannot be made: ${error.code}`);
  });
  const versionFile = join(directory, 'version.json');
  const text = await readOwn(versionFile);
  if (text === null) return writeOwn(versionFile, JSON.stringify({ layout: LAYOUT }));
  const layout = layoutOf(text, versionFile);
  if (layout > LAYOUT)
    throw new DataDirectoryRefused(
      `the data folder ${directory} is from a newer version (layout ${layout}, this one knows ${LAYOUT}): start that version, or name another folder in ISS_DATA_DIR`,
    );
}

function layoutOf(text: string, file: string): number {
  try {
    return z.object({ layout: z.number().int().min(1) }).parse(JSON.parse(text)).layout;
  } catch {
    throw new DataDirectoryRefused(`${file} is damaged: it should hold {"layout": ${LAYOUT}}`);
  }
}

/** There while a restore fills the folder, and what it is of. */
export const RESTORING_FILE = 'restoring.json';
export const isRestoring = async (directory: string): Promise<boolean> =>
  (await readOwn(join(directory, RESTORING_FILE))) !== null;

/**
 * The folder's keys and passwords, made on the first start. Only while the folder is locked: two that make them would each undo the other's.
 * @param known what a backup brought
 */
export async function makeSecrets(directory: string, known: Partial<Secrets> = {}): Promise<Secrets> {
  const file = join(directory, 'secrets.json');
  if ((await readOwn(file)) === null) {
    const key = () => randomBytes(32).toString('base64url');
    const fresh: Secrets = { databaseOwner: key(), databaseApp: key(), sealingKey: key(), ticketKey: key() };
    await writeOwn(file, JSON.stringify(SECRETS.parse({ ...fresh, ...known })));
  }
  return readSecrets(directory);
}

/** The sealing key, and the one before where its change was cut off. */
export const sealingKeys = ({ sealingKey, formerSealingKey }: Secrets): readonly Buffer[] =>
  [sealingKey, ...(formerSealingKey ? [formerSealingKey] : [])].map((key) => Buffer.from(key, 'base64url'));

/** Puts other secrets in the place of these, whole or not at all. Only while the folder is locked. */
export const writeSecrets = (directory: string, secrets: Secrets): Promise<void> =>
  writeOwn(join(directory, 'secrets.json'), JSON.stringify(SECRETS.parse(secrets)));

/** @throws DataDirectoryRefused where there are none, or the file is damaged */
export async function readSecrets(directory: string): Promise<Secrets> {
  const file = join(directory, 'secrets.json');
  const text = await readOwn(file);
  if (text === null)
    throw new DataDirectoryRefused(`no server has been started on the data folder ${directory}: run npm start first`);
  try {
    return SECRETS.parse(JSON.parse(text));
  } catch {
    throw new DataDirectoryRefused(
      `${file} is damaged: bring it back from a backup; without it the database of this folder cannot be opened`,
    );
  }
}

async function readOwn(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new DataDirectoryRefused(`${file} cannot be read: ${error.code}`);
  });
}

/** Whole or not at all, readable by its owner alone, and on the disk when this is done. @throws DataDirectoryRefused */
async function writeOwn(file: string, text: string): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  try {
    const handle = await open(fresh, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
    const folder = await open(dirname(file), 'r').catch(() => null);
    await folder?.sync().catch(() => {});
    await folder?.close();
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw new DataDirectoryRefused(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/**
 * One server a folder: two would each take the other's database down.
 * @returns a function that gives the folder free. @throws DataDirectoryRefused when another server lives
 */
export async function lockDataDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'server.lock');
  // Linked into place with its content: nobody ever sees an empty lock, which would look like that of a dead server.
  const own = join(directory, `server.lock.${randomUUID()}`);
  const text = `${process.pid} ${randomUUID()}`;
  await writeOwn(own, text);
  try {
    while (!(await linked(own, file)) && !(await takenOver(directory, file, own)));
    return async () => {
      if ((await readOwn(file)) === text) await rm(file, { force: true });
    };
  } finally {
    await rm(own, { force: true });
  }
}

/** False where something of that name is there already. @throws DataDirectoryRefused */
async function linked(own: string, name: string): Promise<boolean> {
  return link(own, name).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw new DataDirectoryRefused(`${name} cannot be made: ${error.code}`);
    },
  );
}

/**
 * Puts `own` in the place of a lock whose server is no more. Of all that see the same dead lock one alone claims it, under a name made of that
 * lock's text; a claim whose maker died is claimed in the same way. Who claims looks once more: a lock that has another text by then was taken over
 * and its claim put away, and the text of a lock never comes back.
 * @returns false where it is to be tried again. @throws DataDirectoryRefused when the server, or one that takes over, lives
 */
async function takenOver(directory: string, file: string, own: string): Promise<boolean> {
  const seen: { name: string; text: string }[] = [];
  let next = file;
  for (;;) {
    const text = await readOwn(next);
    if (text === null) return false;
    const pid = Number(text.split(' ')[0]);
    if (await lives(pid))
      throw new DataDirectoryRefused(
        `the data folder ${directory} is in use by the server with process id ${pid}: stop it, or name another folder in ISS_DATA_DIR`,
      );
    seen.push({ name: next, text });
    next = `${file}.after-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    if (await linked(own, next)) break;
  }
  const texts = await Promise.all(seen.map(({ name }) => readOwn(name)));
  const still = seen.every(({ text }, index) => texts[index] === text);
  if (still) await rename(own, file);
  for (const name of [
    next,
    ...(still
      ? seen
          .slice(1)
          .reverse()
          .map((one) => one.name)
      : []),
  ])
    await rm(name, { force: true });
  return still;
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

/** What a running server left about itself; null where there is nothing, or nothing that can be read. */
export async function readServerNote(directory: string): Promise<ServerNote | null> {
  try {
    return NOTE.parse(JSON.parse(await readFile(join(directory, 'server.json'), 'utf8')));
  } catch {
    return null;
  }
}
