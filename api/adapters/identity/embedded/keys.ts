import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { z } from 'zod';

const shape = z.strictObject({
  version: z.literal(1),
  signing: z.looseObject({
    kty: z.literal('RSA'),
    kid: z.string(),
    alg: z.literal('RS256'),
    use: z.literal('sig'),
    n: z.string(),
    e: z.string(),
    d: z.string(),
  }),
  cookies: z.array(z.string().min(32)).min(1),
});

export interface RealmKeys {
  /** RS256 private key with its kid. */
  signing: JWK;
  /** Keys that sign the provider's cookies, newest first. */
  cookies: string[];
}

async function generate(random: (bytes: number) => Buffer): Promise<z.infer<typeof shape>> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return shape.parse({
    version: 1,
    signing: { ...jwk, kid, alg: 'RS256', use: 'sig' },
    cookies: [random(32).toString('base64url')],
  });
}

/**
 * The embedded realm's keys, from `identity-keys.json` in the data folder; made on the first start, readable by their owner alone.
 * @throws Error naming the file when it is not what this version wrote
 */
export async function loadRealmKeys(dataDirectory: string, random: (bytes: number) => Buffer): Promise<RealmKeys> {
  const file = join(dataDirectory, 'identity-keys.json');
  await mkdir(dataDirectory, { recursive: true });
  let text = await readFile(file, 'utf8').catch(absent);
  if (text === undefined) {
    const draft = join(dataDirectory, `identity-keys.${random(6).toString('hex')}.tmp`);
    await writeFile(draft, JSON.stringify(await generate(random)), { mode: 0o600, flag: 'wx' });
    // link fails where the file exists by now: of two first starts one makes the keys and both use them.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await unlink(draft);
    text = await readFile(file, 'utf8');
  }
  await chmod(file, 0o600);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`${file} is damaged: it is not JSON. Restore it, or remove it and everybody signs in anew.`);
  }
  const parsed = shape.safeParse(json);
  if (!parsed.success) throw new Error(`${file} was not written by this version: ${z.prettifyError(parsed.error)}`);
  return { signing: parsed.data.signing as JWK, cookies: parsed.data.cookies };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
