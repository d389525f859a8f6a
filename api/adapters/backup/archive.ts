import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BackupRefused } from './encrypted-stream.ts';

/** Something that goes into an archive: a table's rows, an object, a file. */
export interface ArchiveEntry {
  name: string;
  body: AsyncIterable<Uint8Array>;
}

/** What an archive ends with. */
const END = z.object({
  entries: z.number().int(),
  bytes: z.number().int(),
  /** SHA-256 over a line of name, size and hash for each entry. */
  sha256: z.string(),
  /** What the maker found out on the way. */
  notes: z.record(z.string(), z.number()),
});
export type ArchiveEnd = z.infer<typeof END>;
const PROOF = z.object({ bytes: z.number().int(), sha256: z.string() });

const [NAME, DATA, PROVED, LAST] = [1, 2, 3, 4] as const;
const MOST_FRAME = 8 << 20;

function frame(kind: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}
const json = (kind: number, value: unknown): Buffer => frame(kind, Buffer.from(JSON.stringify(value)));
const line = (name: string, bytes: number, sha256: string): string => `${sha256} ${bytes} ${name}\n`;

/** Entries one behind the other, each with its size and SHA-256 after its bytes, so that nothing has to be known before. @param notes asked at the end */
export async function* archived(
  entries: AsyncIterable<ArchiveEntry>,
  notes: () => Record<string, number>,
): AsyncGenerator<Buffer> {
  const whole = createHash('sha256');
  const sum = { entries: 0, bytes: 0 };
  for await (const { name, body } of entries) {
    yield json(NAME, name);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const part of body) {
      hash.update(part);
      bytes += part.length;
      for (let at = 0; at < part.length; at += MOST_FRAME) yield frame(DATA, part.subarray(at, at + MOST_FRAME));
    }
    const sha256 = hash.digest('hex');
    yield json(PROVED, { bytes, sha256 });
    whole.update(line(name, bytes, sha256));
    sum.entries += 1;
    sum.bytes += bytes;
  }
  yield json(LAST, { ...sum, sha256: whole.digest('hex'), notes: notes() } satisfies ArchiveEnd);
}

/**
 * Entries of an archive, in order; the body of each is read to its end before the next is asked for.
 * @param ended is given what the archive ends with, once all of it was proved
 * @throws BackupRefused where it is not what `archived` makes, or an entry is not what was put in
 */
export async function* entriesOf(
  source: AsyncIterable<Uint8Array>,
  ended: (end: ArchiveEnd) => void,
): AsyncGenerator<ArchiveEntry> {
  const frames = framesOf(source);
  const whole = createHash('sha256');
  const sum = { entries: 0, bytes: 0 };
  for (;;) {
    const first = await frames.next();
    if (first.done) throw damaged();
    if (first.value.kind === LAST) {
      const end = parsed(END, first.value.payload);
      const same = end.entries === sum.entries && end.bytes === sum.bytes && end.sha256 === whole.digest('hex');
      if (!same || !(await frames.next()).done) throw damaged();
      ended(end);
      return;
    }
    if (first.value.kind !== NAME) throw damaged();
    const name = parsed(z.string(), first.value.payload);
    let read = false;
    const body = (async function* () {
      const hash = createHash('sha256');
      let bytes = 0;
      for (;;) {
        const next = await frames.next();
        if (next.done) throw damaged();
        const { kind, payload } = next.value;
        if (kind === DATA) {
          hash.update(payload);
          bytes += payload.length;
          yield payload;
          continue;
        }
        if (kind !== PROVED) throw damaged();
        const proof = parsed(PROOF, payload);
        if (proof.bytes !== bytes || proof.sha256 !== hash.digest('hex')) throw damaged();
        whole.update(line(name, bytes, proof.sha256));
        sum.entries += 1;
        sum.bytes += bytes;
        read = true;
        return;
      }
    })();
    yield { name, body };
    for await (const _ of body);
    if (!read) throw damaged();
  }
}

const damaged = (): BackupRefused => new BackupRefused('the backup is damaged: its parts do not fit each other');

function parsed<Value>(shape: z.ZodType<Value>, payload: Buffer): Value {
  try {
    return shape.parse(JSON.parse(payload.toString('utf8')));
  } catch {
    throw damaged();
  }
}

async function* framesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<{ kind: number; payload: Buffer }> {
  let waiting: Buffer = Buffer.alloc(0);
  for await (const part of source) {
    waiting = waiting.length === 0 ? Buffer.from(part) : Buffer.concat([waiting, part]);
    let at = 0;
    while (waiting.length - at >= 5) {
      const length = waiting.readUInt32BE(at + 1);
      if (length > MOST_FRAME) throw damaged();
      if (waiting.length - at - 5 < length) break;
      yield { kind: waiting[at]!, payload: waiting.subarray(at + 5, at + 5 + length) };
      at += 5 + length;
    }
    waiting = waiting.subarray(at);
  }
  if (waiting.length > 0) throw damaged();
}
