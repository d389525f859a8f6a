import { type CheckpointKey, openNote, signNote } from './checkpoint.ts';

/** What was given to whom: the server signs it, so that a copy can say where it comes from. */
export interface ExportReceipt {
  readonly export: string;
  readonly grant: string;
  /** Name of the account that the export was made for. */
  readonly holder: string;
  /** The release as it is cited: `1.0.0+w2`. */
  readonly release: string;
  /** SHA-256 of that state, hexadecimal. */
  readonly state: string;
  /** SHA-256 of what could be seen of the scope: equal for everybody to whom the same was given. */
  readonly content: string;
  /** SHA-256 of `manifest.json`, which has that of every other file. */
  readonly manifest: string;
  readonly files: number;
  readonly bytes: number;
  /** ISO 8601, UTC: when the export was made. */
  readonly at: string;
}

const FIRST = 'export receipt of ';
const HASH = '[0-9a-f]{64}';
const LINES: readonly (readonly [keyof ExportReceipt, RegExp])[] = [
  ['export', /^[0-9a-f-]{36}$/],
  ['grant', /^[0-9a-f-]{36}$/],
  ['holder', /^[^\r\n\u2028\u2029]{1,320}$/u],
  ['release', /^[\w.+-]{1,64}$/],
  ['state', new RegExp(`^${HASH}$`)],
  ['content', new RegExp(`^${HASH}$`)],
  ['manifest', new RegExp(`^${HASH}$`)],
  ['files', /^\d{1,15}$/],
  ['bytes', /^\d{1,15}$/],
  ['at', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/],
];

/** The text that is signed. Its first line is no log's name, so that no receipt is taken for a checkpoint. */
export const receiptText = (log: string, receipt: ExportReceipt): string =>
  `${FIRST}${log}\n${LINES.map(([name]) => `${name} ${receipt[name]}\n`).join('')}`;

/** A signed note (C2SP signed-note). @param secret private key, PKCS #8 DER. @throws RangeError for a value that a line cannot hold */
export const signReceipt = (receipt: ExportReceipt, log: string, secret: Uint8Array): string => {
  for (const [name, form] of LINES)
    if (!form.test(String(receipt[name]))) throw new RangeError(`a receipt cannot hold this ${name}`);
  return signNote(receiptText(log, receipt), log, [secret]);
};

export type ReadReceipt =
  | { readonly ok: true; readonly receipt: ExportReceipt; readonly key: string }
  /** DAMAGED: no receipt, or changed after it was signed. UNKNOWN_KEY: whole as far as can be told, signed by none of these keys. */
  | { readonly ok: false; readonly why: 'DAMAGED' | 'UNKNOWN_KEY' };

/** Reads a receipt and proves it with these keys. */
export const readReceipt = (note: string, keys: readonly CheckpointKey[]): ReadReceipt => {
  const damaged: ReadReceipt = { ok: false, why: 'DAMAGED' };
  const opened = openNote(note, keys);
  if (opened === null) return damaged;
  const [first = '', ...lines] = opened.text.split('\n');
  const read: Record<string, string | number> = {};
  for (const [i, [name, form]] of LINES.entries()) {
    const line = lines[i] ?? '';
    const value = line.slice(name.length + 1);
    if (!line.startsWith(`${name} `) || !form.test(value)) return damaged;
    read[name] = name === 'files' || name === 'bytes' ? Number(value) : value;
  }
  const receipt = read as unknown as ExportReceipt;
  const log = first.startsWith(FIRST) ? first.slice(FIRST.length) : '';
  if (receiptText(log, receipt) !== opened.text) return damaged;
  const signer = opened.signers.find((key) => key.log === log);
  return signer === undefined ? { ok: false, why: 'UNKNOWN_KEY' } : { ok: true, receipt, key: signer.id };
};
