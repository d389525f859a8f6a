import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import { urlAs } from '../../adapters/database/roles.ts';
import { fileKeys } from '../../adapters/keys/file-keys.ts';
import type { Config } from '../../config.ts';
import { keyFolder, readSecrets, type Secrets, sealingKeys, writeSecrets } from '../../data-directory.ts';

/** What keys of ours are for. */
export const PURPOSES = ['sealing', 'tickets', 'invitations', 'database', 'realm', 'log'] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface Rotation {
  config: Config;
  ownerUrl: string;
  clock: Clock;
  random: Ids['random'];
}

const fresh = (random: Ids['random']): string => random(32).toString('base64url');

/** Wraps every patient's key under a new sealing key; cut off anywhere, the next call goes on. @returns how many were wrapped anew */
export async function rotateSealing({ config, random }: Rotation): Promise<number> {
  const { dataDirectory } = config;
  let secrets = await readSecrets(dataDirectory);
  if (secrets.formerSealingKey === undefined) {
    secrets = { ...secrets, sealingKey: fresh(random), formerSealingKey: secrets.sealingKey };
    await writeSecrets(dataDirectory, secrets);
  }
  const wrapped = await fileKeys(keyFolder(config), sealingKeys(secrets)).rewrap();
  const { formerSealingKey: _, ...rest } = secrets;
  await writeSecrets(dataDirectory, rest);
  return wrapped;
}

/** @returns until when tickets of the old key are opened; those that were given out have run out by then */
export async function rotateTickets({ config, clock, random }: Rotation): Promise<Date> {
  const secrets = await readSecrets(config.dataDirectory);
  const until = new Date(clock.now().getTime() + config.ISS_TICKET_SECONDS * 1000);
  await writeSecrets(config.dataDirectory, {
    ...secrets,
    ticketKey: fresh(random),
    invitationKey: secrets.invitationKey ?? secrets.ticketKey,
    formerTicketKey: { key: secrets.ticketKey, until: until.toISOString() },
  });
  return until;
}

/**
 * A new key for the links of invitations. Those that were mailed stand by their hash and stay good; one that waits to be mailed would be written with a
 * token that fits no hash, so nothing is changed while there are any. @returns how many wait; 0 where the key is another now
 */
export async function rotateInvitations({ config, ownerUrl, random }: Rotation): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM outbox WHERE template = 'collaborator-invited' AND state IN ('WAITING', 'SENDING')`,
    );
    const waiting = rows[0]?.waiting ?? 0;
    if (waiting > 0) return waiting;
  } finally {
    await client.end();
  }
  const { dataDirectory } = config;
  await writeSecrets(dataDirectory, { ...(await readSecrets(dataDirectory)), invitationKey: fresh(random) });
  return 0;
}

/** New passwords of the server's role, which the next start sets, and of the owner of an embedded database; cut off anywhere, the next call goes on. */
export async function rotateDatabase({ config, ownerUrl, random }: Rotation): Promise<void> {
  const { dataDirectory } = config;
  let secrets: Secrets = { ...(await readSecrets(dataDirectory)), databaseApp: fresh(random) };
  if (config.ISS_DATABASE_URL) return writeSecrets(dataDirectory, secrets);
  secrets = {
    ...secrets,
    databaseOwner: fresh(random),
    formerDatabaseOwner: secrets.formerDatabaseOwner ?? secrets.databaseOwner,
  };
  const client = await asOwner(ownerUrl, await readSecrets(dataDirectory));
  try {
    // The password that stands may be either from here on, and both are known.
    await writeSecrets(dataDirectory, secrets);
    await client.query(`ALTER ROLE postgres PASSWORD ${pg.escapeLiteral(secrets.databaseOwner)}`);
  } finally {
    await client.end();
  }
  const { formerDatabaseOwner: _, ...rest } = secrets;
  await writeSecrets(dataDirectory, rest);
}

async function asOwner(ownerUrl: string, { databaseOwner, formerDatabaseOwner }: Secrets): Promise<pg.Client> {
  const passwords = [databaseOwner, ...(formerDatabaseOwner ? [formerDatabaseOwner] : [])];
  for (const [index, password] of passwords.entries()) {
    const client = new pg.Client({ connectionString: urlAs(ownerUrl, 'postgres', password) });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      if ((error as { code?: string }).code !== '28P01' || index === passwords.length - 1) throw error;
    }
  }
  throw new Error('there is no password to try');
}

/** The embedded realm makes new keys at its next start: everybody signs in anew. */
export const rotateRealm = ({ config }: Rotation): Promise<void> =>
  rm(join(config.dataDirectory, 'identity-keys.json'), { force: true });
