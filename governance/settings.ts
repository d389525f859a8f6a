import { z } from 'zod';
import type { RoleAction } from './actions.ts';

/**
 * What administrators may set beside the policy: limits on what is done, never on who sees what (that is the policy's).
 * Each with its form, its value until somebody sets it, and what it is.
 */
export const SETTINGS = {
  runsPerPersonAndDay: {
    form: z.int().min(1).max(1_000),
    default: 20,
    does: 'Baseline runs that one person may begin within 24 hours.',
    action: 'CHANGE_RUN_LIMIT',
  },
  waitingExportsPerPerson: {
    form: z.int().min(1).max(1_000),
    default: 30,
    does: 'Exports of one person that may wait or be made at the same time.',
  },
  exceptionsPerCuratorAndDay: {
    form: z.int().min(1).max(6),
    default: 2,
    does: 'Exceptions that one curator may open within 24 hours, so that they do not follow one another for ever.',
  },
} as const satisfies Record<string, { form: z.ZodType; default: unknown; does: string; action?: RoleAction }>;

export type SettingKey = keyof typeof SETTINGS;
export type SettingValue<Key extends SettingKey> = z.infer<(typeof SETTINGS)[Key]['form']>;

/** Who may change a setting: administrators, unless it names another action. */
export const actionOfSetting = (key: string): RoleAction =>
  (isSettingKey(key) && (SETTINGS[key] as { action?: RoleAction }).action) || 'CHANGE_SETTINGS';

export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];

/** Narrows a word from outside: other rows of the table are the server's own. */
export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(SETTINGS, key);

/** A value as it counts: what was set where it is of the setting's form, otherwise its default. */
export const settingValue = <Key extends SettingKey>(key: Key, stored: unknown): SettingValue<Key> => {
  const read = SETTINGS[key].form.safeParse(stored);
  return (read.success ? read.data : SETTINGS[key].default) as SettingValue<Key>;
};

/** Why a value cannot be set, or null. */
export const settingProblem = (key: SettingKey, value: unknown): string | null =>
  SETTINGS[key].form
    .safeParse(value)
    .error?.issues.map(({ message }) => message)
    .join('; ') ?? null;
