import type { Actor } from '../../../governance/actor.ts';
import type { Json } from '../../../governance/canonical.ts';
import { seenText } from '../../../governance/seen-signs.ts';
import {
  actionOfSetting,
  isSettingKey,
  SETTING_KEYS,
  SETTINGS,
  type SettingKey,
  type SettingValue,
  settingProblem,
  settingValue,
} from '../../../governance/settings.ts';
import type { SettingCommands, SettingDetails } from '../../../schema/services/exceptions.ts';
import type { Sql } from '../../adapters/database/database.ts';
import type { CommandDeps } from '../command-deps.ts';
import { logCommand } from '../log-command.ts';
import { peopleOf } from '../people.ts';
import { permitOf } from '../permit.ts';

const MOST_REASON = 2_000;

/** A setting as it counts now. */
export const readSetting = async <Key extends SettingKey>(sql: Sql, key: Key): Promise<SettingValue<Key>> => {
  const { rows } = await sql.query<{ value: unknown }>('SELECT value FROM setting WHERE key = $1', [key]);
  return settingValue(key, rows[0]?.value);
};

const settings = async (sql: Sql): Promise<readonly SettingDetails[]> => {
  const { rows } = await sql.query<{ key: string; value: unknown; changedAt: Date; changedBy: string | null }>(
    'SELECT key, value, changed_at AS "changedAt", changed_by AS "changedBy" FROM setting WHERE key = ANY($1)',
    [SETTING_KEYS],
  );
  const people = await peopleOf(
    sql,
    rows.map(({ changedBy }) => changedBy),
  );
  return SETTING_KEYS.map((key) => {
    const row = rows.find((one) => one.key === key);
    return {
      key,
      value: settingValue(key, row?.value),
      default: SETTINGS[key].default,
      does: SETTINGS[key].does,
      changedAt: row?.changedAt ?? null,
      changedBy: people.get(row?.changedBy ?? '') ?? null,
    };
  });
};

/** Settings, for one actor: an administrator, or a curator for the limit of runs. What they limit asks for them each time. */
export function settingCommands(deps: CommandDeps, actor: Actor): SettingCommands {
  const { database, clock, audit } = deps;
  const permit = permitOf(deps, actor);
  return {
    async list() {
      const allowed = await permit('VIEW_SETTINGS', { query: 'settings' });
      return allowed.ok ? { ok: true, value: await settings(database) } : allowed;
    },
    async change({ key, value, reason: given }) {
      const allowed = await permit(actionOfSetting(key), { command: 'changeSetting', key });
      if (!allowed.ok) return allowed;
      if (!isSettingKey(key)) {
        const message = `There is no such setting; there are: ${SETTING_KEYS.join(', ')}.`;
        return { ok: false, code: 'SETTING_UNKNOWN', message };
      }
      const problem = settingProblem(key, value);
      if (problem !== null) return { ok: false, code: 'SETTING_INVALID', message: `${key}: ${problem}` };
      const reason = seenText(given, MOST_REASON);
      if (reason === '') return { ok: false, code: 'REASON_MISSING', message: 'Say why, for the log.' };
      return database.transaction(async (sql) => {
        await sql.query(`SELECT pg_advisory_xact_lock(hashtext('setting'))`);
        const before = await readSetting(sql, key);
        const { accountId } = allowed.actor;
        await sql.query(
          `INSERT INTO setting (key, value, changed_at, changed_by) VALUES ($1, $2, $3, $4)
           ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
          [key, JSON.stringify(value), clock.now(), accountId],
        );
        await logCommand(audit, sql, accountId, 'changeSetting', { key, before, after: value as Json, reason });
        const setting = (await settings(sql)).find((one) => one.key === key);
        if (setting === undefined) throw new Error('a setting that was just changed is gone');
        return { ok: true, setting } as const;
      });
    },
  };
}
