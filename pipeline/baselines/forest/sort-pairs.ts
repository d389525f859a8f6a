/** Scratch space for sorting up to `capacity` pairs. */
export interface PairSorter {
  /** Keys and items to sort, written by the caller into the first `count` places; sorted there by key, equal keys in their order. */
  readonly keys: Uint32Array;
  readonly items: Uint32Array;
  /** Sorts the first `count` pairs, whose keys are all at most `maxKey`. */
  sort(count: number, maxKey: number): void;
}

// Below this an insertion sort beats the clearing of bins (measured on trees of 290 and 25,000 rows).
const FEW = 24;
const DIGIT_BITS = 8;

/**
 * Sorts pairs of whole numbers by key: small lists by insertion, keys in a range not much wider than the list by
 * counting, all others by counting digit after digit (radix sort, least significant first).
 */
export const pairSorter = (capacity: number): PairSorter => {
  const keys = new Uint32Array(capacity);
  const items = new Uint32Array(capacity);
  const otherKeys = new Uint32Array(capacity);
  const otherItems = new Uint32Array(capacity);
  const bins = new Uint32Array(Math.max(1 << DIGIT_BITS, 4 * capacity) + 1);

  const byInsertion = (count: number): void => {
    for (let i = 1; i < count; i++) {
      const key = keys[i] as number;
      const item = items[i] as number;
      let j = i - 1;
      for (; j >= 0 && (keys[j] as number) > key; j--) {
        keys[j + 1] = keys[j] as number;
        items[j + 1] = items[j] as number;
      }
      keys[j + 1] = key;
      items[j + 1] = item;
    }
  };

  /** Moves pairs from one pair of arrays to the other, in the order of `(key >>> shift) & mask`. */
  const pass = (
    fromKeys: Uint32Array,
    fromItems: Uint32Array,
    toKeys: Uint32Array,
    toItems: Uint32Array,
    count: number,
    shift: number,
    mask: number,
    binCount: number,
  ): void => {
    bins.fill(0, 0, binCount);
    for (let i = 0; i < count; i++) {
      const bin = ((fromKeys[i] as number) >>> shift) & mask;
      bins[bin] = (bins[bin] as number) + 1;
    }
    let start = 0;
    for (let bin = 0; bin < binCount; bin++) {
      const size = bins[bin] as number;
      bins[bin] = start;
      start += size;
    }
    for (let i = 0; i < count; i++) {
      const key = fromKeys[i] as number;
      const bin = (key >>> shift) & mask;
      const at = bins[bin] as number;
      bins[bin] = at + 1;
      toKeys[at] = key;
      toItems[at] = fromItems[i] as number;
    }
  };

  const sort = (count: number, maxKey: number): void => {
    if (count <= FEW) {
      byInsertion(count);
      return;
    }
    let inOther = false;
    if (maxKey < 4 * count) {
      pass(keys, items, otherKeys, otherItems, count, 0, 0xffffffff, maxKey + 1);
      inOther = true;
    } else {
      for (let shift = 0; shift < 32 && maxKey >>> shift > 0; shift += DIGIT_BITS) {
        const bits = 1 << DIGIT_BITS;
        if (inOther) pass(otherKeys, otherItems, keys, items, count, shift, bits - 1, bits);
        else pass(keys, items, otherKeys, otherItems, count, shift, bits - 1, bits);
        inOther = !inOther;
      }
    }
    if (!inOther) return;
    keys.set(otherKeys.subarray(0, count));
    items.set(otherItems.subarray(0, count));
  };

  return { keys, items, sort };
};
