import { breaksOf, type Fragment, type Placed } from './audit-breaks.ts';
import { sha256 } from './canonical.ts';

/** Hash of an entry: SHA-256 of its canonical text (RFC 8785), 64 hexadecimal digits. */
export const entryHash = (text: string): string => sha256(text);

/** Hash that links an entry to the one before: SHA-256 of both hashes' digits, the empty text before the first. */
export const linkHash = (previous: string, hash: string): string => sha256(previous + hash);

/** A linked entry as it is stored. */
export interface ChainEntry {
  /** Its place, from 1. */
  readonly position: number;
  /** Canonical text; null where the entry is gone and only its link stands. */
  readonly text: string | null;
  /** Null with the text. */
  readonly hash: string | null;
  /** linkHash of the one before and its own hash. */
  readonly link: string;
}

/** A size and head that were signed and kept outside. */
export interface Checkpoint {
  readonly size: number;
  /** The link of the entry at that position. */
  readonly head: string;
}

export type ChainProblem =
  /** `text`: the text does not have its hash. Otherwise the link does not fit: this entry, or the one before it with its link, was rewritten. */
  | { readonly kind: 'ALTERED'; readonly position: number; readonly text: boolean }
  | { readonly kind: 'REMOVED'; readonly from: number; readonly to: number }
  | { readonly kind: 'INSERTED'; readonly position: number }
  /** `was`: the place that it was written in, where that can be told. */
  | { readonly kind: 'REORDERED'; readonly position: number; readonly was: number | null }
  /**
   * Entries `from` to `size` are not those that were signed at `size`, nor those signed later up to `last`: the log was written anew from before there.
   * `standsAt`: where the entry that was signed as number `size` stands now; entries before it were removed, or put in.
   */
  | {
      readonly kind: 'CHECKPOINT';
      readonly size: number;
      readonly from: number;
      readonly last: number;
      readonly standsAt: number | null;
    };

export interface ChainReport {
  readonly whole: boolean;
  readonly entries: number;
  /** Link of the last entry; empty for an empty log. */
  readonly head: string;
  /** The largest size whose signed head the log has, 0 for none: up to there it is proved. */
  readonly proved: number;
  /** In the order of the log. */
  readonly problems: readonly ChainProblem[];
  /** Problems beyond those that are named. */
  readonly more: number;
}

/** Problems that are named, and breaks that are explained, at most: memory stays bounded whatever was done to the log. */
export const MOST_NAMED = 10_000;
const MOST_BREAKS = 1_000;
/** How far back a break looks for the entry that it goes on from; more entries than this put in at one place are named as altered. */
const WINDOW = 1_024;

const BEGINNING: Checkpoint = { size: 0, head: '' };

/** A verifier that is fed one entry after the other, in the order of storage. */
export interface ChainVerifier {
  readonly add: (entry: ChainEntry) => void;
  readonly end: () => ChainReport;
}

/**
 * Proves a log, fed as a stream, in bounded memory: an entry either follows the one before it, or begins a fragment; at the end the fragments are put
 * together by their hashes, which says what was taken out, put in, moved or rewritten. Signed checkpoints prove the log up to the last of them: without
 * one, whoever can write the whole table can write a whole new history.
 * @param start what is known to be sound: the first entry that is fed stands behind it
 */
export const chainVerifier = (
  checkpoints: readonly Checkpoint[] = [],
  start: Checkpoint = BEGINNING,
): ChainVerifier => {
  const signed = headsBySize(checkpoints);
  const sizeOf = new Map(checkpoints.map(({ size, head }) => [head, size]));
  const problems: ChainProblem[] = [];
  const fragments: Fragment[] = [];
  const standing = new Map<number, number>();
  const mismatched: number[] = [];
  const matched: number[] = [];
  const ring: string[] = new Array(WINDOW).fill('');
  ring[start.size % WINDOW] = start.head;
  let current: Fragment = {
    first: start.size,
    hash: '',
    link: '',
    parentLink: null,
    gap: 0,
    last: start.size,
    lastLink: start.head,
    side: false,
  };
  let entries = 0;
  let more = 0;

  const name = (problem: ChainProblem): void => {
    if (problems.length < MOST_NAMED) problems.push(problem);
    else more += 1;
  };

  /** Where the entry goes on from one shortly before: what stands between was put in, each properly linked. */
  const splitAt = (link: string, hash: string): void => {
    const length = current.last - current.first + 1;
    for (let back = 1; back < Math.min(WINDOW, length); back += 1) {
      const at = current.last - back;
      const before = ring[at % WINDOW]!;
      if (linkHash(before, hash) !== link) continue;
      const { last, lastLink } = current;
      const side = { first: at + 1, hash: '', link: '', parentLink: before, gap: 0, last, lastLink, side: true };
      current.last = at;
      current.lastLink = before;
      fragments.push(current, side);
      current = side;
      return;
    }
    fragments.push(current);
  };

  return {
    add: ({ position, text, hash, link }) => {
      entries += 1;
      if (text === null || hash === null) {
        const before = problems.at(-1);
        if (before?.kind === 'REMOVED' && before.to === position - 1)
          problems[problems.length - 1] = { ...before, to: position };
        else name({ kind: 'REMOVED', from: position, to: position });
      } else if (entryHash(text) !== hash) name({ kind: 'ALTERED', position, text: true });
      const follows = position === current.last + 1 && (hash === null || linkHash(current.lastLink, hash) === link);
      if (!follows) {
        const gap = position - current.last - 1;
        if (fragments.length >= MOST_BREAKS) {
          // Beyond what is explained: said where, and gone on from there.
          name({ kind: 'ALTERED', position, text: false });
          current.gap = 0;
        } else {
          const contiguous = linkHash(current.lastLink, hash ?? '') === link;
          if (contiguous) fragments.push(current);
          else splitAt(link, hash ?? '');
          const parentLink = contiguous ? current.lastLink : null;
          current = {
            first: position,
            hash: hash ?? '',
            link,
            parentLink,
            gap,
            last: position,
            lastLink: link,
            side: false,
          };
        }
      }
      current.last = position;
      current.lastLink = link;
      ring[position % WINDOW] = link;
      const heads = signed.get(position);
      if (heads !== undefined) (heads.every((head) => head === link) ? matched : mismatched).push(position);
      const size = sizeOf.get(link);
      if (size !== undefined && size !== position && standing.size < MOST_NAMED) standing.set(size, position);
    },
    end: () => {
      fragments.push(current);
      const found: Placed[] = fragments.length > 1 ? breaksOf(fragments, linkHash) : [];
      for (const problem of found) name(problem);
      for (const [from, size, last] of runsOf(mismatched, matched))
        name({ kind: 'CHECKPOINT', size, from, last, standsAt: standing.get(size) ?? null });
      const largest = checkpoints.reduce((most, { size }) => Math.max(most, size), 0);
      if (largest > current.last && !standing.has(largest))
        name({ kind: 'REMOVED', from: current.last + 1, to: largest });
      else if (largest > current.last)
        name({
          kind: 'CHECKPOINT',
          size: largest,
          from: (matched.at(-1) ?? 0) + 1,
          last: largest,
          standsAt: standing.get(largest)!,
        });
      problems.sort((one, other) => placeOf(one) - placeOf(other));
      const proved =
        mismatched.length === 0 ? (matched.at(-1) ?? 0) : (matched.filter((size) => size < mismatched[0]!).at(-1) ?? 0);
      return { whole: problems.length === 0, entries, head: current.lastLink, proved, problems, more };
    },
  };
};

/** Heads that were signed, by size: two for one size are a contradiction, and no log has both. */
const headsBySize = (checkpoints: readonly Checkpoint[]): ReadonlyMap<number, readonly string[]> => {
  const heads = new Map<number, string[]>();
  for (const { size, head } of checkpoints) {
    const known = heads.get(size);
    if (known === undefined) heads.set(size, [head]);
    else if (!known.includes(head)) known.push(head);
  }
  return heads;
};

/** Stretches of signed sizes that do not match, with no match between: first entry that may be wrong, first and last such size. */
const runsOf = (mismatched: readonly number[], matched: readonly number[]): [number, number, number][] => {
  const runs: [number, number, number][] = [];
  for (const size of mismatched) {
    const before = matched.filter((one) => one < size).at(-1) ?? 0;
    const run = runs.at(-1);
    if (run !== undefined && run[2] > before) run[2] = size;
    else runs.push([before + 1, size, size]);
  }
  return runs;
};

const placeOf = (problem: ChainProblem): number =>
  problem.kind === 'REMOVED' ? problem.from : problem.kind === 'CHECKPOINT' ? problem.size : problem.position;

/** Proves a log that is at hand as a whole; see `chainVerifier`. */
export const verifyChain = (entries: Iterable<ChainEntry>, checkpoints: readonly Checkpoint[] = []): ChainReport => {
  const verifier = chainVerifier(checkpoints);
  for (const entry of entries) verifier.add(entry);
  return verifier.end();
};
