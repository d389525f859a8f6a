import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  metadataOf,
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../../../pipeline/baselines/network/safetensors.ts';
import {
  hashAsSaved,
  PUBLISHED_WEIGHTS,
  type PublishedWeights,
  publishedWeights,
} from '../../../pipeline/weights/published-weights.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';

const values = Float32Array.of(1, -2, 0.5, 4);
const floats = (bytes: Float32Array): StoredTensor => ({
  ...{ dtype: 'F32', shape: [bytes.length], bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) },
});
const tensors = new Map([
  ['bn1.running_mean', floats(values.subarray(0, 2))],
  ['a.weight', floats(values)],
]);
const counted = (count: bigint): ReadonlyMap<string, StoredTensor> =>
  new Map([
    ...tensors,
    [
      'bn1.num_batches_tracked',
      { dtype: 'I64', shape: [], bytes: new Uint8Array(BigInt64Array.of(count).buffer) },
    ] as const,
  ]);
const known = (of: ReadonlyMap<string, StoredTensor>, metadata: Record<string, string> | null): PublishedWeights[] => [
  {
    ...{ key: 'resnet50-imagenet', name: 'the published ones', document: 'a page' },
    sha256: hashAsSaved(of, metadata).digest('hex'),
  },
];
/** The same tensors as somebody else saves them: other metadata, no counters. */
const saved = writeSafetensors(
  new Map([
    ['a.weight', { shape: [4], values }],
    ['bn1.running_mean', { shape: [2], values: values.subarray(0, 2) }],
  ]),
  { by: 'somebody' },
);

describe('published weights', () => {
  it('are known in the file whose hash is public, and in no other', () => {
    const published = [{ ...known(tensors, null)[0]!, sha256: createHash('sha256').update(saved).digest('hex') }];
    expect(publishedWeights(saved, published)?.name).toBe('the published ones');
    const other = saved.slice();
    other[other.length - 1]! ^= 1;
    expect(publishedWeights(other, published)).toBeNull();
    expect(publishedWeights(saved)).toBeNull();
  });

  it.each([
    ['with metadata, without counters', known(tensors, { format: 'pt' })],
    ['without metadata or counters', known(tensors, null)],
    ['with metadata and counters of a model that was loaded without them', known(counted(0n), { format: 'pt' })],
    ['with counters alone', known(counted(0n), null)],
  ])('are known by their tensors however they were saved: published %s', (_, published) => {
    expect(publishedWeights(saved, published)?.name).toBe('the published ones');
  });

  it('are not known where one number differs', () => {
    const other = saved.slice();
    other[other.length - 1]! ^= 1;
    for (const published of [known(tensors, null), known(counted(0n), { format: 'pt' })])
      expect(publishedWeights(other, published)).toBeNull();
  });

  it('are ResNet-50’s first of torchvision, with where their hash is to be read', () => {
    expect(PUBLISHED_WEIGHTS.map(({ key, name }) => [key, name])).toEqual([
      ['resnet50-imagenet', 'torchvision ResNet-50 IMAGENET1K_V1'],
    ]);
  });
});

describe.skipIf(!hasShared)('the library’s own files (shared reference results; skipped where they are absent)', () => {
  it.each([
    [['golden', 'networks', 'tiny.safetensors'], true],
    [['models', 'lite0', 'efficientnet-lite0.safetensors'], false],
  ] as const)('%s is, byte for byte, what its tensors make', (path, described) => {
    const file = readFileSync(sharedPath(...path));
    const made = hashAsSaved(readSafetensors(file), described ? metadataOf(file) : null).digest('hex');
    expect(made).toBe(createHash('sha256').update(file).digest('hex'));
  });
});
