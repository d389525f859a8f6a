import { readFileSync } from 'node:fs';
import { sharedPath } from '../../support/shared.ts';

/** A row of a TSV file by its header's names. */
export type Row = Readonly<Record<string, string>>;

export function readTsv(...parts: string[]): Row[] {
  const [head, ...lines] = readFileSync(sharedPath('golden', 'audio', ...parts), 'utf8')
    .trimEnd()
    .split('\n');
  const names = head!.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, i) => [names[i]!, value])));
}

export function readFloats(...parts: string[]): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(sharedPath('golden', 'audio', ...parts))).buffer);
}

/** Largest distance between two arrays of the same length. */
export function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values beside ${b.length}.`);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
}
