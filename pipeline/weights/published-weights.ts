import { createHash, type Hash } from 'node:crypto';
import { readSafetensors, type StoredTensor } from '../baselines/network/safetensors.ts';
import type { KnownWeights } from './known-weights.ts';

/** A file of weights whose SHA-256 stands in public documents, so that anybody can tell that they hold it. */
export interface PublishedWeights {
  readonly key: KnownWeights['key'];
  readonly name: string;
  readonly sha256: string;
  /** Where that hash is to be read. */
  readonly document: string;
}

/**
 * torchvision's own file is a pickle, which is not read here; the same tensors were saved as safetensors by timm, whose model card says whose they are.
 * Of IMAGENET1K_V2 no such hash was found.
 */
export const PUBLISHED_WEIGHTS: readonly PublishedWeights[] = [
  {
    key: 'resnet50-imagenet',
    name: 'torchvision ResNet-50 IMAGENET1K_V1',
    sha256: '5d061a3c593d795bfe682d9b152bafbcf550579873492def3515b46db1189888',
    document: 'Hugging Face hub, timm/resnet50.tv_in1k, model.safetensors of revision aa6c2d3',
  },
];

/**
 * Which published weights a file holds: that very file, or one of the same tensors that somebody has saved in another order, with other metadata or
 * without the counters of batch norms. null where they are none that is known, or only said to be.
 * @throws SafetensorsError where the file is damaged
 */
export function publishedWeights(
  file: Uint8Array,
  published: readonly PublishedWeights[] = PUBLISHED_WEIGHTS,
): PublishedWeights | null {
  const find = (hash: Hash): PublishedWeights | undefined => {
    const sha256 = hash.digest('hex');
    return published.find((one) => one.sha256 === sha256);
  };
  const itself = find(createHash('sha256').update(file));
  if (itself) return itself;
  const tensors = readSafetensors(file);
  for (const counters of COUNTERS)
    for (const metadata of [{ format: 'pt' }, null]) {
      const found = find(hashAsSaved(counters(tensors), metadata));
      if (found) return found;
    }
  return null;
}

type Stored = ReadonlyMap<string, StoredTensor>;

const NORM = /\.running_mean$/;
const COUNTER = '.num_batches_tracked';

/** What nothing reads and every tool saves as it likes: how many batches a norm has seen. Left out, or zero as where a model was loaded without them. */
const COUNTERS: readonly ((tensors: Stored) => Stored)[] = [
  (tensors) => new Map([...without(tensors), ...[...tensors.keys()].flatMap(zeroCounter)]),
  (tensors) => without(tensors),
];

const without = (tensors: Stored): Stored => new Map([...tensors].filter(([name]) => !name.endsWith(COUNTER)));

const zeroCounter = (name: string): [string, StoredTensor][] =>
  NORM.test(name) ? [[name.replace(NORM, COUNTER), { dtype: 'I64', shape: [], bytes: new Uint8Array(8) }]] : [];

/** In the order of the library's types, the widest first. */
const TYPES = ['U64', 'I64', 'F64', 'F32', 'U32', 'I32', 'BF16', 'F16', 'U16', 'I16', 'I8', 'U8', 'BOOL'];

/**
 * SHA-256 of the file that the safetensors library writes of tensors: by type, then name, the header as compact JSON, padded to eight bytes
 * (seen of version 0.8; the tests hold it against files of the library).
 */
export function hashAsSaved(tensors: Stored, metadata: Readonly<Record<string, string>> | null): Hash {
  const ordered = [...tensors].sort(
    ([a, one], [b, other]) => TYPES.indexOf(one.dtype) - TYPES.indexOf(other.dtype) || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = metadata === null ? {} : { __metadata__: metadata };
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of ordered) {
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.byteLength] };
    end += bytes.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.byteLength / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.byteLength));
  const hash = createHash('sha256').update(length).update(padded);
  for (const [, { bytes }] of ordered) hash.update(bytes);
  return hash;
}
