import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import type { Checkpoint } from './audit.ts';

/** Size and head of a log at a moment, as they are signed. */
export interface CheckpointText extends Checkpoint {
  /** Name of the log: which log a checkpoint is of does not change with the key. */
  readonly log: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Where the journal of endings had come, whose lines a backup does not hold; absent in checkpoints before it was named. */
  readonly endings?: JournalPlace;
}

/** The last line of a journal and its SHA-256. */
export interface JournalPlace {
  /** 0: it has none. */
  readonly line: number;
  /** 64 hexadecimal digits; empty before the first line. */
  readonly head: string;
}

/** A key that checkpoints are proved with. */
export interface CheckpointKey {
  readonly log: string;
  /** First four bytes of SHA-256 of name, newline, algorithm and key, as 8 hexadecimal digits. */
  readonly id: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** What the old key says of the new one: it signs what comes after `size`. */
export interface KeyChange {
  readonly log: string;
  readonly next: CheckpointKey;
  readonly size: number;
  readonly at: string;
}

const ED25519 = 1;
const NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const keyId = (log: string, publicKey: Uint8Array): string =>
  hash('sha256', Buffer.concat([Buffer.from(`${log}\n`), Buffer.from([ED25519]), publicKey]), 'hex').slice(0, 8);

/** The public half of a private key (PKCS #8, DER). */
export const keyOf = (log: string, privateKey: Uint8Array): CheckpointKey => {
  const spki = createPublicKey(privateObject(privateKey)).export({ type: 'spki', format: 'der' });
  const publicKey = spki.subarray(SPKI.length);
  return { log, id: keyId(log, publicKey), publicKey };
};

const privateObject = (der: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(der), type: 'pkcs8', format: 'der' });

/** A key as one line: name, id, algorithm and key (C2SP signed-note, "verifier key"). */
export const keyLine = ({ log, id, publicKey }: CheckpointKey): string =>
  `${log}+${id}+${Buffer.concat([Buffer.from([ED25519]), publicKey]).toString('base64')}`;

/** Reads a key's line; null for anything else, an id that is not the key's among it. */
export const parseKeyLine = (line: string): CheckpointKey | null => {
  const [log = '', id = '', ...rest] = line.trim().split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  if (!NAME.test(log) || bytes.length !== 33 || bytes[0] !== ED25519) return null;
  const publicKey = bytes.subarray(1);
  return keyId(log, publicKey) === id ? { log, id, publicKey } : null;
};

/** Text of a checkpoint (C2SP tlog-checkpoint: origin, size, head in base64, extension lines); the head is that of a chain, not of a tree. */
export const checkpointText = ({ log, size, head, at, endings }: CheckpointText): string =>
  [
    log,
    size,
    base64(head),
    `time ${at}`,
    ...(endings ? [`endings ${endings.line} ${base64(endings.head)}`] : []),
    '',
  ].join('\n');

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

const TIME = /^time (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)$/;

const ENDINGS = /^endings (0|[1-9]\d{0,15}) ([A-Za-z0-9+/]{43}=|)$/;

export const parseCheckpointText = (text: string): CheckpointText | null => {
  const [log = '', digits = '', head = '', time = '', ...more] = text.split('\n');
  const bytes = Buffer.from(head, 'base64');
  const at = TIME.exec(time)?.[1];
  const sound = NAME.test(log) && /^[1-9]\d{0,15}$/.test(digits) && bytes.length === 32 && at !== undefined;
  const named = ENDINGS.exec(more.length === 2 ? more[0]! : '');
  if (!sound || more.at(-1) !== '' || more.length > (named ? 2 : 1)) return null;
  const endings = named && { line: Number(named[1]), head: Buffer.from(named[2]!, 'base64').toString('hex') };
  const read = { log, size: Number(digits), head: bytes.toString('hex'), at, ...(endings && { endings }) };
  return checkpointText(read) === text ? read : null;
};

/** Text with which the old key hands over to a new one. */
export const keyChangeText = ({ log, next, size, at }: KeyChange): string =>
  `${log}\nnext key ${keyLine(next)}\nfrom size ${size}\ntime ${at}\n`;

export const parseKeyChangeText = (text: string): KeyChange | null => {
  const [log = '', key = '', digits = '', time = ''] = text.split('\n');
  const next = key.startsWith('next key ') ? parseKeyLine(key.slice(9)) : null;
  const size = /^from size (\d{1,16})$/.exec(digits)?.[1];
  const at = TIME.exec(time)?.[1];
  if (next === null || next.log !== log || size === undefined || at === undefined) return null;
  const read = { log, next, size: Number(size), at };
  return keyChangeText(read) === text ? read : null;
};

/** A signed note (C2SP signed-note): the text, an empty line, and a line for each signature. @param keys private keys, PKCS #8 DER */
export const signNote = (text: string, log: string, keys: readonly Uint8Array[]): string => {
  const lines = keys.map((key) => {
    const signature = sign(null, Buffer.from(text), privateObject(key));
    const bytes = Buffer.concat([Buffer.from(keyOf(log, key).id, 'hex'), signature]);
    return `\u2014 ${log} ${bytes.toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
};

/** The text of a note and which of these keys have signed it; null where it is none. A wrong signature of a known key makes all of it void. */
export const openNote = (
  note: string,
  keys: readonly CheckpointKey[],
): { readonly text: string; readonly signers: readonly CheckpointKey[] } | null => {
  const at = note.lastIndexOf('\n\n');
  if (at < 0 || !note.endsWith('\n')) return null;
  const text = note.slice(0, at + 1);
  const signers: CheckpointKey[] = [];
  for (const line of note.slice(at + 2, -1).split('\n')) {
    const parts = /^\u2014 (\S+) (\S+)$/.exec(line);
    const bytes = Buffer.from(parts?.[2] ?? '', 'base64');
    if (parts === null || bytes.length !== 68) return null;
    const key = keys.find(({ log, id }) => log === parts[1] && id === bytes.toString('hex', 0, 4));
    if (key === undefined) continue;
    const object = createPublicKey({ key: Buffer.concat([SPKI, key.publicKey]), type: 'spki', format: 'der' });
    if (!verify(null, Buffer.from(text), object, bytes.subarray(4))) return null;
    signers.push(key);
  }
  return { text, signers };
};

/** A note by its file. */
export interface NoteFile {
  readonly name: string;
  readonly note: string;
}

export interface ReadCheckpoints {
  readonly checkpoints: readonly CheckpointText[];
  /** Files that prove nothing, and why. */
  readonly refused: readonly { readonly name: string; readonly why: string }[];
}

/** The keys that a reader trusts, and those that they handed over to, each with the sizes of the log that it counts for. */
const reachOf = (files: readonly NoteFile[], trusted: readonly CheckpointKey[]) => {
  const reach = new Map(trusted.map((key) => [key.id, { key, from: 0, to: Number.POSITIVE_INFINITY }]));
  const changes = files.filter(({ note }) => note.split('\n')[1]?.startsWith('next key '));
  const waiting = new Set(changes);
  for (let found = true; found; ) {
    found = false;
    for (const file of waiting) {
      const opened = openNote(
        file.note,
        [...reach.values()].map(({ key }) => key),
      );
      const change = opened === null ? null : parseKeyChangeText(opened.text);
      const signer = opened?.signers.find(({ id }) => id !== change?.next.id);
      if (opened === null || change === null || signer === undefined) continue;
      const old = reach.get(signer.id)!;
      reach.set(signer.id, { ...old, to: Math.min(old.to, change.size) });
      const known = reach.get(change.next.id);
      reach.set(change.next.id, {
        key: change.next,
        from: known?.from ?? change.size,
        to: known?.to ?? Number.POSITIVE_INFINITY,
      });
      waiting.delete(file);
      found = true;
    }
  }
  return { reach, changes, waiting };
};

/** The keys that a reader trusts, and those that they handed over to. */
export const trustedKeys = (files: readonly NoteFile[], trusted: readonly CheckpointKey[]): CheckpointKey[] =>
  [...reachOf(files, trusted).reach.values()].map(({ key }) => key);

/**
 * Which checkpoints stand, from the keys that the reader trusts on: a key that a trusted one has handed over to is trusted for sizes beyond the hand-over,
 * and the old one for sizes up to it.
 */
export const readCheckpoints = (files: readonly NoteFile[], trusted: readonly CheckpointKey[]): ReadCheckpoints => {
  const { reach, changes, waiting } = reachOf(files, trusted);
  const refused: { name: string; why: string }[] = [];
  for (const { name } of waiting)
    refused.push({ name, why: 'the change of key is not signed by a key that is trusted' });
  const checkpoints: CheckpointText[] = [];
  for (const file of files) {
    if (changes.includes(file)) continue;
    const opened = openNote(
      file.note,
      [...reach.values()].map(({ key }) => key),
    );
    const read = opened === null ? null : parseCheckpointText(opened.text);
    const why =
      opened === null
        ? 'it is no signed note, or its signature is wrong'
        : read === null
          ? 'it is no checkpoint'
          : opened.signers.length === 0
            ? 'it is not signed by a key that is trusted'
            : opened.signers.every(
                  ({ id, log }) =>
                    log !== read.log || read.size <= reach.get(id)!.from || read.size > reach.get(id)!.to,
                )
              ? 'its key was not in use for a log of this size'
              : null;
    if (why === null && read !== null) checkpoints.push(read);
    else refused.push({ name: file.name, why: why ?? '' });
  }
  checkpoints.sort((one, other) => one.size - other.size);
  return { checkpoints, refused };
};
