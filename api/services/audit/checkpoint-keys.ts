import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type CheckpointKey, keyChangeText, keyLine, keyOf, signNote } from '../../../governance/checkpoint.ts';
import type { Ids } from '../../adapters/clock/clock.ts';

const FILE = z.object({
  /** Name of the log. */
  log: z.string(),
  /** PKCS #8, DER, base64. */
  secret: z.string(),
  /** Public lines of keys that were handed over, oldest first. */
  former: z.array(z.string()),
});

/** What checkpoints are signed with. Never in the database, and never told. */
export interface KeyRing {
  readonly log: string;
  readonly secret: Uint8Array;
  readonly key: CheckpointKey;
  /** Key lines, oldest first, the present one last. */
  readonly lines: readonly string[];
}

const fileIn = (dataDirectory: string): string => join(dataDirectory, 'secrets', 'audit-key.json');
/** PKCS #8 of an Ed25519 key (RFC 8410, section 7), up to its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const newSecret = (random: Random): Buffer => Buffer.concat([PKCS8, random(32)]);

type Random = Ids['random'];

/** The folder's key, or null where none was made. @throws Error where the file is damaged */
export async function readKeyRing(dataDirectory: string): Promise<KeyRing | null> {
  const path = fileIn(dataDirectory);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const parsed = FILE.safeParse(jsonOf(text));
  if (!parsed.success) throw new Error(`${path} is damaged: bring it back from a backup`);
  const { log, former } = parsed.data;
  const secret = Buffer.from(parsed.data.secret, 'base64');
  const key = keyOf(log, secret);
  return { log, secret, key, lines: [...former, keyLine(key)] };
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** The folder's key, made on the first call: of several that make one at once, one stays. */
export async function makeKeyRing(dataDirectory: string, random: Random): Promise<KeyRing> {
  const known = await readKeyRing(dataDirectory);
  if (known !== null) return known;
  const path = fileIn(dataDirectory);
  await mkdir(join(dataDirectory, 'secrets'), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}.${random(4).toString('hex')}`;
  const log = `iss-audit-${random(4).toString('hex')}`;
  await writeKeys(fresh, { log, secret: newSecret(random).toString('base64'), former: [] });
  await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(fresh);
  return (await readKeyRing(dataDirectory))!;
}

const writeKeys = (path: string, keys: z.infer<typeof FILE>): Promise<void> =>
  writeFile(path, JSON.stringify(keys), { mode: 0o600, flag: 'wx', flush: true });

/**
 * Puts a new key in the place of the present one, which is then gone. The note with which the old one hands over goes to `keep` first: without it nobody
 * would trust the new one.
 */
export async function changeKey(
  dataDirectory: string,
  random: Random,
  from: { size: number; at: Date },
  keep: (note: string, next: CheckpointKey) => Promise<void>,
): Promise<KeyRing> {
  const old = await makeKeyRing(dataDirectory, random);
  const secret = newSecret(random);
  const next = keyOf(old.log, secret);
  const text = keyChangeText({ log: old.log, next, size: from.size, at: from.at.toISOString() });
  const path = fileIn(dataDirectory);
  const fresh = `${path}.${process.pid}.${random(4).toString('hex')}`;
  await writeKeys(fresh, { log: old.log, secret: secret.toString('base64'), former: [...old.lines] });
  await keep(signNote(text, old.log, [old.secret, secret]), next);
  await rename(fresh, path);
  return (await readKeyRing(dataDirectory))!;
}
