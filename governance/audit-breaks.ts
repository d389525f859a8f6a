/** A stretch of the log in which each entry follows the one before; positions of storage. */
export interface Fragment {
  readonly first: number;
  /** Of its first entry. */
  readonly hash: string;
  readonly link: string;
  /** Link of the entry that it goes on from, where that was found already. */
  readonly parentLink: string | null;
  /** Positions that are missing before it. */
  gap: number;
  last: number;
  lastLink: string;
  /** Put in beside the chain: it goes on from an entry that another goes on from too. */
  readonly side: boolean;
}

export type Placed =
  | { readonly kind: 'ALTERED'; readonly position: number; readonly text: false }
  | { readonly kind: 'REMOVED'; readonly from: number; readonly to: number }
  | { readonly kind: 'INSERTED'; readonly position: number }
  | { readonly kind: 'REORDERED'; readonly position: number; readonly was: number | null };

type LinkHash = (previous: string, hash: string) => string;

interface Node {
  readonly fragment: Fragment;
  readonly index: number;
  parent: number;
  /** False where the parent is only supposed: the fragment before it in storage. */
  proved: boolean;
  children: number[];
  /** Entries of it and of what follows. */
  weight: number;
}

const sizeOf = ({ first, last }: Fragment): number => last - first + 1;

/**
 * What was done to a log that lies in fragments: each is put behind the one that it goes on from by its hash, or else left where it lies. The chain is the
 * heaviest path from the beginning; what is beside it was put in, what is on it in another order was moved, and what goes on from nothing was rewritten,
 * or what was before it taken out.
 */
export const breaksOf = (fragments: readonly Fragment[], linkHash: LinkHash): Placed[] => {
  const nodes = fragments.map(
    (fragment, index): Node => ({ fragment, index, parent: -1, proved: false, children: [], weight: 0 }),
  );
  for (const node of nodes.slice(1)) {
    const parent = parentOf(node, nodes, linkHash);
    node.parent = parent ?? node.index - 1;
    node.proved = parent !== null;
  }
  unsupposeCircles(nodes);
  for (const node of nodes.slice(1)) nodes[node.parent]!.children.push(node.index);
  weigh(nodes);
  const chain = pathFrom(nodes);
  const onChain = new Set(chain);
  const problems: Placed[] = [];
  const spread = (from: number, to: number, of: (position: number) => Placed): void => {
    for (let position = from; position <= to; position += 1) problems.push(of(position));
  };

  // The first fragment begins with the beginning, which is no entry.
  let place = fragments[0]!.first - 1;
  const truePlace = new Map<number, number>();
  for (const index of chain) {
    const { fragment, proved } = nodes[index]!;
    if (!proved) place += Math.max(0, fragment.gap);
    truePlace.set(index, place + 1);
    place += sizeOf(fragment);
  }
  const kept = longestInOrder(
    chain.map((index) => nodes[index]!),
    truePlace,
  );
  for (const { fragment, index, proved } of nodes) {
    if (!onChain.has(index)) {
      spread(fragment.first, fragment.last, (position) => ({ kind: 'INSERTED', position }));
      continue;
    }
    if (index === 0) continue;
    if (!proved) {
      const swapped = swappedWith(nodes[index]!, nodes, linkHash);
      if (swapped !== null) problems.push({ kind: 'REORDERED', position: fragment.first, was: swapped });
      else if (fragment.gap > 0)
        problems.push({ kind: 'REMOVED', from: fragment.first - fragment.gap, to: fragment.first - 1 });
      else problems.push({ kind: 'ALTERED', position: fragment.first, text: false });
      continue;
    }
    const was = truePlace.get(index)!;
    if (!kept.has(index))
      spread(fragment.first, fragment.last, (position) => ({
        kind: 'REORDERED',
        position,
        was: was + position - fragment.first,
      }));
    else if (fragment.gap !== 0 && nodes[index]!.parent === index - 1 && was !== fragment.first)
      problems.push({ kind: 'REORDERED', position: fragment.first, was });
  }
  return problems;
};

/** The fragment that this one goes on from, by its hash. */
const parentOf = (node: Node, nodes: readonly Node[], linkHash: LinkHash): number | null => {
  const { parentLink, hash, link } = node.fragment;
  const known = (at: Node): boolean => parentLink !== null && at.fragment.lastLink === parentLink;
  // The nearest before it first: that is where it usually lies.
  for (let index = node.index - 1; index >= 0; index -= 1) if (known(nodes[index]!)) return index;
  if (parentLink !== null) return null;
  const fits = (at: Node): boolean => at !== node && linkHash(at.fragment.lastLink, hash) === link;
  for (let index = node.index - 1; index >= 0; index -= 1) if (fits(nodes[index]!)) return index;
  return nodes.slice(node.index + 1).find(fits)?.index ?? null;
};

/** A supposed parent may lie behind: then the fragments would go round in a circle, apart from the beginning. The first of them is hung up where it lies. */
const unsupposeCircles = (nodes: readonly Node[]): void => {
  const sound = new Set([0]);
  for (const start of nodes) {
    const seen: number[] = [];
    let at = start.index;
    while (!sound.has(at) && !seen.includes(at)) {
      seen.push(at);
      at = nodes[at]!.parent;
    }
    if (!sound.has(at)) {
      const least = nodes[Math.min(...seen.slice(seen.indexOf(at)))]!;
      const supposed = seen.find((index) => !nodes[index]!.proved && seen.indexOf(index) >= seen.indexOf(at));
      const cut = supposed === undefined ? least : nodes[supposed]!;
      cut.parent = 0;
      cut.proved = false;
    }
    for (const index of seen) sound.add(index);
  }
};

const weigh = (nodes: readonly Node[]): void => {
  const order: number[] = [];
  const waiting = [0];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    order.push(at);
    waiting.push(...nodes[at]!.children);
  }
  for (const index of order.reverse()) {
    const node = nodes[index]!;
    node.weight = sizeOf(node.fragment) + Math.max(0, ...node.children.map((child) => nodes[child]!.weight));
  }
};

/** What is proved by its hash before what is supposed, and of those the heaviest. */
const pathFrom = (nodes: readonly Node[]): number[] => {
  const path = [0];
  for (;;) {
    const next = nodes[path.at(-1)!]!.children.map((child) => nodes[child]!).sort(
      (one, other) =>
        Number(other.proved) - Number(one.proved) ||
        other.weight - one.weight ||
        Number(one.fragment.side) - Number(other.fragment.side),
    )[0];
    if (next === undefined) return path;
    path.push(next.index);
  }
};

/** Of a chain in its true order, the heaviest part that lies in that order, and of two as heavy the one that lies where it was: the rest was moved. */
const longestInOrder = (chain: readonly Node[], truePlace: ReadonlyMap<number, number>): ReadonlySet<number> => {
  const own = chain.map(
    ({ fragment, index }) => sizeOf(fragment) + (truePlace.get(index) === fragment.first ? 0.5 : 0),
  );
  const best = [...own];
  const before = chain.map(() => -1);
  for (let at = 0; at < chain.length; at += 1)
    for (let earlier = 0; earlier < at; earlier += 1)
      if (chain[earlier]!.index < chain[at]!.index && best[earlier]! + own[at]! > best[at]!) {
        best[at] = best[earlier]! + own[at]!;
        before[at] = earlier;
      }
  const kept = new Set<number>();
  for (let at = best.indexOf(Math.max(...best)); at >= 0; at = before[at]!) kept.add(chain[at]!.index);
  return kept;
};

/** Where two entries changed places and their links did not: the other's hash fits here. */
const swappedWith = (node: Node, nodes: readonly Node[], linkHash: LinkHash): number | null => {
  const previous = nodes[node.index - 1]!.fragment.lastLink;
  const other = nodes.find(
    (at) => at !== node && at.fragment.hash !== '' && linkHash(previous, at.fragment.hash) === node.fragment.link,
  );
  return other?.fragment.first ?? null;
};
