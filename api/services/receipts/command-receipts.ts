import type { Actor } from '../../../governance/actor.ts';
import { canonicalText, type Json, sha256 } from '../../../governance/canonical.ts';
import type { CommandReceipts, Once } from '../../../schema/services/receipts.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { isUuid } from '../uuid.ts';

interface Receipt {
  name: string;
  inputSha256: string;
  result: Json;
}

/** Two writers of one receipt under repeatable read: the later one is told so instead of waiting. */
const SERIALIZATION_FAILURE = '40001';

/** Receipts of one actor's commands. What a stranger sends has none: nothing becomes of it. */
export function commandReceipts({ database, clock }: CommandDeps, actor: Actor): CommandReceipts {
  async function receiptOf(commandId: string): Promise<Receipt | null> {
    if (actor.kind !== 'account') return null;
    const { rows } = await database.query<Receipt & Record<string, unknown>>(
      'SELECT name, input_sha256 AS "inputSha256", result FROM command_receipt WHERE account_id = $1 AND command_id = $2',
      [actor.accountId, commandId],
    );
    return rows[0] ?? null;
  }

  /** Takes the id, waiting for whoever has it just now; false where it is taken. */
  async function take(sql: Sql, of: { commandId: string; name: string; hash: string }): Promise<boolean> {
    if (actor.kind !== 'account') return true;
    const { rowCount } = await sql.query(
      `INSERT INTO command_receipt (account_id, command_id, name, input_sha256, at) SELECT id, $2, $3, $4, $5 FROM account WHERE id = $1
       ON CONFLICT DO NOTHING`,
      [actor.accountId, of.commandId, of.name, of.hash, clock.now()],
    );
    if (rowCount === 1) return true;
    // An account that we have never seen has no receipts, and may do nothing.
    return (await sql.query('SELECT FROM account WHERE id = $1', [actor.accountId])).rowCount === 0;
  }

  return {
    async once<Result>(
      { commandId, name, input }: { readonly commandId: string; readonly name: string; readonly input: Json },
      work: () => Promise<Result>,
      { keep, again }: { readonly keep: (result: Result) => Json; readonly again: (kept: Json) => Promise<Result> },
    ): Promise<Once<Result>> {
      if (!isUuid(commandId))
        return {
          ok: false,
          code: 'COMMAND_ID_INVALID',
          message: 'The id of a command is a UUID that its sender makes.',
        };
      if (actor.kind !== 'account') return { ok: true, result: await work() };
      const { grantId = null, tokenGrantId = null } = actor;
      const hash = sha256(canonicalText({ name, input, grantId, tokenGrantId }));
      let taken: { readonly result: Result } | null;
      try {
        taken = await database.together(async (sql) => {
          if (!(await take(sql, { commandId, name, hash }))) return null;
          const result = await work();
          await sql.query('UPDATE command_receipt SET result = $3 WHERE account_id = $1 AND command_id = $2', [
            actor.accountId,
            commandId,
            JSON.stringify(keep(result)),
          ]);
          return { result };
        });
      } catch (error) {
        const { code } = error as { code?: string };
        if (code !== SERIALIZATION_FAILURE || (await receiptOf(commandId)) === null) throw error;
        taken = null;
      }
      if (taken !== null) return { ok: true, result: taken.result };
      const receipt = await receiptOf(commandId);
      if (receipt?.name !== name || receipt.inputSha256 !== hash)
        return {
          ok: false,
          code: 'COMMAND_ID_REUSED',
          message: 'Another command was sent under this id; give each its own.',
        };
      return { ok: true, result: await again(receipt.result) };
    },
  };
}
