import { sha256 } from './canonical.ts';

/** Hash of an entry: SHA-256 of its canonical text (RFC 8785), 64 hexadecimal digits. */
export const entryHash = (text: string): string => sha256(text);

/** Hash that links an entry to the one before: SHA-256 of both hashes' digits, the empty text before the first. */
export const linkHash = (previous: string, hash: string): string => sha256(previous + hash);

/** A linked entry as it is stored. */
export interface ChainEntry {
  /** Its place, from 1. */
  readonly position: number;
  /** Canonical text. */
  readonly text: string;
  readonly hash: string;
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
  | { readonly kind: 'REORDERED'; readonly position: number }
  /** The chain fits together, but is not the one that was signed: it was written anew from before here. */
  | { readonly kind: 'CHECKPOINT'; readonly size: number };

export interface ChainReport {
  readonly whole: boolean;
  readonly entries: number;
  /** Link of the last entry; empty for an empty log. */
  readonly head: string;
  readonly problems: readonly ChainProblem[];
}

interface Linked {
  readonly position: number;
  readonly hash: string;
  readonly link: string;
}

/** The entries of a damaged stretch, from the last sound one on: which were put in, moved, rewritten or taken out. */
const explain = (anchor: Linked, stretch: readonly Linked[]): ChainProblem[] => {
  const records = [anchor, ...stretch];
  const follows = (one: Linked, other: Linked | undefined): boolean =>
    other !== undefined && linkHash(other.link, one.hash) === one.link;
  const problems: ChainProblem[] = [];
  // The last record that belongs to the chain; what is put in or out of place is stepped over.
  let at = 0;
  for (let index = 1; index < records.length; index += 1) {
    const one = records[index]!;
    const before = records[at]!;
    const missing = one.position - records[index - 1]!.position - 1;
    if (follows(one, before)) {
      at = index;
      continue;
    }
    if (missing > 0) {
      const [from, to] = [records[index - 1]!.position + 1, one.position - 1];
      problems.push({ kind: 'REMOVED', from, to });
      at = index;
      continue;
    }
    const predecessor = records.find((other, where) => where !== index && follows(one, other));
    if (predecessor !== undefined) {
      problems.push({ kind: 'REORDERED', position: one.position });
      // Where its successor stands behind it, the chain goes on from here; otherwise from where it was.
      if (follows(records[index + 1] ?? one, one)) at = index;
      continue;
    }
    if (follows(records[index + 1] ?? one, before)) {
      problems.push({ kind: 'INSERTED', position: one.position });
      continue;
    }
    problems.push({ kind: 'ALTERED', position: one.position, text: false });
    at = index;
  }
  return problems;
};

/** A verifier that is fed one entry after the other, in the order of storage. */
export interface ChainVerifier {
  readonly add: (entry: ChainEntry) => void;
  readonly end: () => ChainReport;
}

/**
 * Proves a log, fed as a stream. It keeps nothing while all is well; from the first break on it keeps the hashes, to
 * say what happened. Signed checkpoints prove the log up to the last of them: without one, whoever can write the whole
 * table can write a whole new history.
 */
export const chainVerifier = (checkpoints: readonly Checkpoint[] = []): ChainVerifier => {
  const heads = new Map(checkpoints.map(({ size, head }) => [size, head]));
  const problems: ChainProblem[] = [];
  const stretch: Linked[] = [];
  let anchor: Linked = { position: 0, hash: '', link: '' };
  let last = anchor;
  let entries = 0;
  return {
    add: ({ position, text, hash, link }) => {
      entries += 1;
      if (entryHash(text) !== hash) problems.push({ kind: 'ALTERED', position, text: true });
      const sound = position === last.position + 1 && linkHash(last.link, hash) === link;
      if (!sound && stretch.length === 0) anchor = last;
      last = { position, hash, link };
      if (!sound || stretch.length > 0) stretch.push(last);
      const signed = heads.get(position);
      if (signed !== undefined && signed !== link) problems.push({ kind: 'CHECKPOINT', size: position });
    },
    end: () => {
      problems.push(...explain(anchor, stretch));
      const signed = Math.max(0, ...checkpoints.map(({ size }) => size));
      if (signed > last.position) problems.push({ kind: 'REMOVED', from: last.position + 1, to: signed });
      return { whole: problems.length === 0, entries, head: last.link, problems };
    },
  };
};

/** Proves a log that is at hand as a whole; see `chainVerifier`. */
export const verifyChain = (entries: Iterable<ChainEntry>, checkpoints: readonly Checkpoint[] = []): ChainReport => {
  const verifier = chainVerifier(checkpoints);
  for (const entry of entries) verifier.add(entry);
  return verifier.end();
};
