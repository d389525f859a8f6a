import { asWords, capital } from './states.tsx';

/** What entries of the log are of, as somebody says it who looks for one. What is not here reads well enough in small letters. */
const ACTION_TEXT: Readonly<Record<string, string>> = {
  READ: 'Look at data',
  READ_ACCESS_LOG: 'Look at who saw what',
  READ_AUDIT_LOG: 'Look at the log',
  DOWNLOAD: 'Download begun',
  DOWNLOADED: 'Download ended',
  EXPORT: 'Export made',
  REQUEST_EXPORT: 'Export asked for',
  CANCEL_EXPORT: 'Export called off',
  RUN_BASELINE: 'Run asked for',
  RUN_FINISHED: 'Run ended',
  CANCEL_RUN: 'Run called off',
  COMMAND: 'Command',
  COMMAND_REFUSED: 'Refused',
  REFUSED: 'Data refused',
  SIGNED_IN: 'Sign-in',
  SIGNED_OUT: 'Sign-out',
  SIGN_IN_FAILED: 'Sign-in failed',
  SIGN_IN_THROTTLED: 'Sign-in held back',
  JOB: 'Work of the server',
  INGEST_SUBMISSION: 'Video processed',
  OPEN_DROP: 'Drop opened',
  OPEN_TABLES: 'Open counts computed',
  AUDIT_CHECKPOINT: 'Log signed',
};

export const actionText = (action: string): string => ACTION_TEXT[action] ?? capital(action);

/** Kinds of entry to choose from: the actions of each, as they stand in the address, and its words. */
export const KINDS_OF_ENTRY: readonly (readonly [actions: string, text: string])[] = [
  ['READ', 'Looks at data'],
  ['DOWNLOAD,DOWNLOADED', 'Downloads of files'],
  ['REQUEST_EXPORT,EXPORT,CANCEL_EXPORT', 'Exports'],
  ['RUN_BASELINE,RUN_FINISHED,CANCEL_RUN', 'Runs of baselines'],
  ['COMMAND_REFUSED,REFUSED', 'Refusals'],
  ['SIGNED_IN,SIGN_IN_FAILED,SIGN_IN_THROTTLED', 'Sign-ins'],
  ['HALT_ACCESS,ASK_TO_LIFT_HALT,LIFT_HALT', 'Halts'],
  ['REPORT_INCIDENT,GATHER_EVIDENCE,CONTAIN_INCIDENT,NOTIFY_INCIDENT,CLOSE_INCIDENT', 'Incidents'],
  ['IMPOSE_SANCTION,LIFT_SANCTION,ASK_TO_LIFT_BAR', 'Sanctions'],
  [
    'RECORD_WITHDRAWAL,ASK_WITHDRAWAL_STEP,CONFIRM_WITHDRAWAL_STEP,CONFIRM_WITHDRAWAL,ATTEST_DESTRUCTION,ERASE_PATIENT',
    'Withdrawals and erasures',
  ],
  ['CHECK_RELEASE,RELEASE_CHECKED,CANCEL_RELEASE_CHECK', 'Checks of releases'],
  ['ASK_TO_GIVE_ROLE,CONFIRM_GIVE_ROLE,TAKE_ROLE', 'Roles'],
  ['CREATE_TOKEN,REVOKE_TOKEN', 'Tokens'],
  ['COMMAND', 'Commands on requests, releases, agreements, certificates and deputies'],
  ['JOB', 'Work of the server'],
  ['READ_AUDIT_LOG,READ_ACCESS_LOG,EXPORT_AUDIT_LOG,AUDIT_LOG_EXPORTED', 'Looks at the log itself'],
];

const camelAsWords = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
const saysSo = (one: unknown): one is string => typeof one === 'string';

/** What an entry is about, in half a sentence: its command, query or kind of work, and why it was refused. */
export function entryAbout(text: string): string {
  const { action, command, operation, query, kind, code, reasons } = JSON.parse(text) as Readonly<
    Record<string, unknown>
  >;
  const of = [command, operation, query, kind].filter(saysSo)[0];
  const named = of && (/^[A-Z_]+$/.test(of) ? asWords(of) : camelAsWords(of));
  const why =
    Array.isArray(reasons) && reasons.length > 0
      ? reasons.filter(saysSo).map(asWords)
      : [code].filter(saysSo).map(asWords);
  // haltAccess of HALT_ACCESS says nothing more.
  const told = [named && named !== String(action).toLowerCase().replaceAll('_', ' ') ? named : '', why.join(', ')];
  return told.filter(Boolean).join(': ');
}

/** Everything that an entry says beside who and when, by names in words. */
export const entryFacts = (text: string): (readonly [name: string, value: string])[] =>
  Object.entries(JSON.parse(text) as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
    value === null || ['action', 'at', 'id', 'accountId'].includes(name)
      ? []
      : [[capital(camelAsWords(name)), valueText(value)] as const],
  );

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ') || 'none';
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, one]) => `${camelAsWords(name)} ${valueText(one)}`)
      .join(', ');
  return typeof value === 'string' && /^[A-Z]+(_[A-Z]+)+$/.test(value) ? asWords(value) : String(value ?? '—');
}
