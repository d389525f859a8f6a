import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointKey, keyLine, parseKeyLine } from '../../governance/checkpoint.ts';
import { readKeyFile } from '../services/audit/checkpoints.ts';
import { atomicFile } from './atomic-file.ts';
import type { Client } from './client.ts';

/** Keys of a text, a line each; other lines are passed over. */
const keysIn = (text: string): CheckpointKey[] =>
  text.split('\n').flatMap((line) => {
    const key = parseKeyLine(line);
    return key === null ? [] : [key];
  });

const PREFIX = 'keys-';

/** Every key that was remembered in the folder of the settings, of all servers. */
export async function rememberedKeys(directory: string): Promise<CheckpointKey[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = names.filter((name) => name.startsWith(PREFIX) && name.endsWith('.txt'));
  return (await Promise.all(files.map((name) => readKeyFile(join(directory, name))))).flat();
}

/**
 * Asks the server for the keys that it signs with and remembers them beside the login, so that what was pulled can be proved later without it. Keys that were
 * known stay: what an earlier one signed is still proved.
 */
export async function rememberKeys(client: Client, directory: string): Promise<void> {
  const response = await client.send('/audit/keys');
  if (!response.ok) return;
  const fresh = keysIn(await response.text());
  const file = join(directory, `${PREFIX}${encodeURIComponent(client.server)}.txt`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const known = await readKeyFile(file).catch(() => []);
  const lines = new Set([...known, ...fresh].map(keyLine));
  const out = await atomicFile(file);
  await out.write(Buffer.from(`${[...lines].join('\n')}\n`));
  await out.finish();
}
