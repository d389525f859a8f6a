import { randomUUID } from 'node:crypto';
import { draftRelease } from '../../../api/services/releases/draft-release.ts';
import type { AccountActor } from '../../../governance/actor.ts';
import type { IngestWorld } from './ingest-world.ts';

/** An account with these roles. */
export async function account(world: IngestWorld, ...roles: string[]): Promise<AccountActor> {
  const id = randomUUID();
  await world.pool.query(
    `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES ($1, 'test', $2, $2, 'Somebody', 's@example.org', now())`,
    [id, id],
  );
  for (const role of roles)
    await world.pool.query('INSERT INTO account_role (account_id, role, given_at) VALUES ($1, $2, now())', [id, role]);
  return { kind: 'account', accountId: id };
}

/** Drafts what the study holds now. @returns the release's id */
export async function draftOf(world: IngestWorld, version: string, study = 'iss'): Promise<string> {
  const curator = await account(world, 'curator');
  const draft = await draftRelease(world.services.releases, curator, { study, version, notes: '' });
  if (!draft.ok) throw new Error(`${draft.code}: ${draft.message}`);
  return draft.releaseId;
}
