import type { ObjectStore } from '../../adapters/objects/object-store.ts';
import { checkRelease, type ReleaseProblem } from './check-release.ts';
import type { ReleaseDeps } from './draft-release.ts';
import { storeOpenTables } from './open-tables.ts';

export type PublishResult =
  | { ok: true; version: string }
  | {
      ok: false;
      code: 'NO_SUCH_RELEASE' | 'NOT_A_DRAFT' | 'NOT_ASKED_FOR' | 'SAME_PERSON' | 'CHECK_FAILED';
      message: string;
      problems: ReleaseProblem[];
    };

const refused = (
  code: Extract<PublishResult, { ok: false }>['code'],
  message: string,
  problems: ReleaseProblem[] = [],
): PublishResult => ({ ok: false, code, message, problems });

/** A curator asks for a draft to be published; a steward, another person, then does. */
export async function askForPublication(
  deps: ReleaseDeps,
  input: { releaseId: string; accountId: string | null },
): Promise<PublishResult> {
  return deps.database.transaction(async (sql) => {
    const { rows } = await sql.query<{ version: string }>(
      `UPDATE release SET publish_asked_by = $2, publish_asked_at = $3 WHERE id = $1 AND status = 'DRAFT' RETURNING version`,
      [input.releaseId, input.accountId, deps.clock.now()],
    );
    if (!rows[0]) return refused('NOT_A_DRAFT', 'There is no such draft.');
    await deps.audit.write(sql, {
      accountId: input.accountId,
      grantId: null,
      action: 'ASK_FOR_PUBLICATION',
      detail: { release: input.releaseId },
    });
    return { ok: true, version: rows[0].version };
  });
}

/** Checks the draft and publishes it with its open tables, after which it never changes. */
export async function publishRelease(
  deps: ReleaseDeps & { objects: ObjectStore; smallCell: number },
  input: { releaseId: string; accountId: string | null; checksums: boolean },
): Promise<PublishResult> {
  const { rows } = await deps.database.query<{
    status: string;
    version: string;
    asked: Date | null;
    by: string | null;
  }>('SELECT status, version, publish_asked_at AS asked, publish_asked_by AS by FROM release WHERE id = $1', [
    input.releaseId,
  ]);
  const release = rows[0];
  if (!release) return refused('NO_SUCH_RELEASE', 'There is no such release.');
  if (release.status !== 'DRAFT')
    return refused('NOT_A_DRAFT', `Release ${release.version} is ${release.status.toLowerCase()} already.`);
  if (!release.asked) return refused('NOT_ASKED_FOR', 'A curator has to ask for the publication first.');
  // The synthetic study is published by the program itself, where both are nobody.
  if (release.by !== null && release.by === input.accountId)
    return refused('SAME_PERSON', 'Whoever asked for the publication cannot be the one who publishes.');
  const problems = await checkRelease(deps, input.releaseId, { checksums: input.checksums });
  if (problems.length > 0)
    return refused(
      'CHECK_FAILED',
      `The release does not hold what it promises: ${problems.length} problems.`,
      problems,
    );
  return deps.database.transaction(async (sql) => {
    await storeOpenTables(sql, input.releaseId, deps.smallCell);
    const done = await sql.query(
      `UPDATE release SET status = 'PUBLISHED', published_by = $2, published_at = $3 WHERE id = $1 AND status = 'DRAFT'`,
      [input.releaseId, input.accountId, deps.clock.now()],
    );
    if (done.rowCount !== 1) return refused('NOT_A_DRAFT', 'Somebody else published it at the same moment.');
    await deps.audit.write(sql, {
      accountId: input.accountId,
      grantId: null,
      action: 'PUBLISH_RELEASE',
      detail: { release: input.releaseId, version: release.version },
    });
    return { ok: true, version: release.version };
  });
}
