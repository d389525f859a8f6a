/** A tensor of a safetensors file. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** The file's bytes of it, little-endian. */
  readonly bytes: Uint8Array;
}

/** A file that is no safetensors file, or a damaged one; the message says what is wrong and where. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

/** Bytes of a number of each type. */
const SIZES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

/** Bytes of a header; the format allows fifty times as many, which no network here comes near and which a hostile file could make slow to read. */
const MOST_HEADER = 2_000_000;

/**
 * Reads a safetensors file strictly (github.com/huggingface/safetensors, "Format"): a length, a JSON header that begins
 * with `{`, and the bytes of tensors that fill the rest without gap or overlap.
 * @throws SafetensorsError
 */
export const readSafetensors = (file: Uint8Array): ReadonlyMap<string, StoredTensor> => {
  if (file.byteLength < 8)
    throw new SafetensorsError(`The file has ${file.byteLength} bytes: it is no safetensors file.`);
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MOST_HEADER))
    throw new SafetensorsError(`The header is said to have ${length} bytes, more than ${MOST_HEADER}.`);
  const headerBytes = Number(length);
  if (8 + headerBytes > file.byteLength)
    throw new SafetensorsError(`The header is said to have ${headerBytes} bytes; the file ends before it.`);
  const entries = Object.entries(headerOf(file.subarray(8, 8 + headerBytes))).filter(
    ([name]) => name !== '__metadata__',
  );
  const data = file.subarray(8 + headerBytes);
  const tensors = entries.map(([name, entry]) => ({ name, ...checked(name, entry, data.byteLength) }));
  let end = 0;
  for (const { name, first, last } of [...tensors].sort((a, b) => a.first - b.first || a.last - b.last)) {
    if (first < end) throw new SafetensorsError(`${name} lies over another tensor.`);
    if (first > end)
      throw new SafetensorsError(`There are ${first - end} bytes before ${name} that belong to nothing.`);
    end = last;
  }
  if (end !== data.byteLength)
    throw new SafetensorsError(`There are ${data.byteLength - end} bytes at the end that belong to nothing.`);
  return new Map(
    tensors.map(({ name, dtype, shape, first, last }) => [name, { dtype, shape, bytes: data.subarray(first, last) }]),
  );
};

/** What a sound file says of itself beside its tensors; nothing where it says nothing. */
export const metadataOf = (file: Uint8Array): Readonly<Record<string, string>> => {
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  const stated = headerOf(file.subarray(8, 8 + length)).__metadata__ ?? {};
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => typeof value === 'string'));
};

const headerOf = (bytes: Uint8Array): Record<string, unknown> => {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new SafetensorsError('The header is no JSON.', { cause });
  }
  if (!text.startsWith('{') || typeof header !== 'object' || header === null)
    throw new SafetensorsError('The header is no JSON object.');
  const names = repeatedName(text);
  if (names !== null) throw new SafetensorsError(`The header names ${names} twice.`);
  return header as Record<string, unknown>;
};

/** A tensor that the header names twice: JSON.parse would keep the last and say nothing. */
const repeatedName = (text: string): string | null => {
  const seen = new Set<string>();
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    else if (depth === 1) {
      const name = JSON.parse(token) as string;
      if (seen.has(name)) return token;
      seen.add(name);
    }
  }
  return null;
};

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const checked = (
  name: string,
  entry: unknown,
  available: number,
): { dtype: string; shape: readonly number[]; first: number; last: number } => {
  const wrong = (what: string): SafetensorsError => new SafetensorsError(`${name}: ${what}.`);
  if (typeof entry !== 'object' || entry === null) throw wrong('its entry is no object');
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const size = typeof dtype === 'string' && Object.hasOwn(SIZES, dtype) ? SIZES[dtype] : undefined;
  if (typeof dtype !== 'string' || size === undefined) throw wrong(`${JSON.stringify(dtype)} is no type of numbers`);
  if (!Array.isArray(shape) || !shape.every(isSize)) throw wrong('its shape is no list of sizes');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
    throw wrong('its place is no pair of offsets');
  const [first, last] = offsets as [number, number];
  if (last < first || last > available) throw wrong(`it lies from ${first} to ${last}, outside the file`);
  const bytes = (shape as number[]).reduce((all, one) => all * one, size);
  if (bytes !== last - first) throw wrong(`its shape asks for ${bytes} bytes, its place has ${last - first}`);
  return { dtype, shape: shape as number[], first, last };
};

/**
 * A tensor's numbers as 32-bit floats: F32, F16, BF16 or F64.
 * @throws SafetensorsError for other types
 */
export const floatsOf = (name: string, { dtype, bytes }: StoredTensor): Float32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = SIZES[dtype] as number;
  const read = READERS[dtype];
  if (read === undefined) throw new SafetensorsError(`${name}: numbers of type ${dtype} are no weights.`);
  const floats = new Float32Array(bytes.byteLength / size);
  for (let i = 0; i < floats.length; i++) floats[i] = read(view, i * size);
  return floats;
};

const READERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  F32: (view, at) => view.getFloat32(at, true),
  F64: (view, at) => view.getFloat64(at, true),
  F16: (view, at) => halfOf(view.getUint16(at, true)),
  BF16: (view, at) => {
    WORD.setUint32(0, view.getUint16(at, true) << 16);
    return WORD.getFloat32(0);
  },
};
const WORD = new DataView(new ArrayBuffer(4));

/** IEEE 754 binary16. */
const halfOf = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/**
 * The tensors of a network out of a file, each with its name and shape.
 * @param except tensors that the file need not have, such as a last layer of other classes
 * @throws SafetensorsError naming the first that is missing or has another shape
 */
export const tensorsFor = (
  wanted: ReadonlyMap<string, readonly number[]>,
  file: ReadonlyMap<string, StoredTensor>,
  except: (name: string) => boolean = () => false,
): Map<string, Float32Array> => {
  const tensors = new Map<string, Float32Array>();
  for (const [name, shape] of wanted) {
    if (except(name)) continue;
    const stored = file.get(name);
    if (stored === undefined) throw new SafetensorsError(`The file has no ${name}.`);
    if (stored.shape.join() !== shape.join())
      throw new SafetensorsError(
        `${name} is of ${stored.shape.join(' x ')} in the file, and of ${shape.join(' x ')} in the network.`,
      );
    const floats = floatsOf(name, stored);
    const bad = floats.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new SafetensorsError(`${name}: number ${bad} is not finite.`);
    tensors.set(name, floats);
  }
  return tensors;
};

/** A safetensors file of 32-bit floats, tensors in the order of their names, the header padded to eight bytes. */
export const writeSafetensors = (
  tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array => {
  const names = [...tensors.keys()].sort();
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const name of names) {
    const { shape, values } = tensors.get(name) as { shape: readonly number[]; values: Float32Array };
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const padded = Math.ceil(json.byteLength / 8) * 8;
  const file = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(json, 8);
  let at = 8 + padded;
  for (const name of names) {
    const values = tensors.get(name)?.values as Float32Array;
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
};
