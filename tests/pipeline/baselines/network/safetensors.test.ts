import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  floatsOf,
  readSafetensors,
  SafetensorsError,
  tensorsFor,
  writeSafetensors,
} from '../../../../pipeline/baselines/network/safetensors.ts';
import { hasShared, sharedPath } from '../../../support/shared.ts';
import { goldenRows } from './golden.ts';

const fileOf = (header: unknown, data: number, length?: bigint): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.byteLength + data);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.byteLength), true);
  file.set(json, 8);
  return file;
};
const f32 = (shape: unknown, ...offsets: number[]) => ({ dtype: 'F32', shape, data_offsets: offsets });

describe('a safetensors file', () => {
  it('that we wrote is read again, whatever order its tensors came in', () => {
    const values = Float32Array.of(1, -2, 3.5, NaN);
    const file = writeSafetensors(
      new Map([
        ['b', { shape: [2, 2], values }],
        ['a', { shape: [], values: Float32Array.of(7) }],
      ]),
      { made: 'by a test' },
    );
    const read = readSafetensors(file);
    expect([...read.keys()]).toEqual(['a', 'b']);
    expect(floatsOf('b', read.get('b')!)).toEqual(values);
    expect(read.get('b')!.shape).toEqual([2, 2]);
    expect(file.byteLength % 4).toBe(0);
  });

  it.each([
    ['empty', new Uint8Array(0), 'The file has 0 bytes'],
    [
      'with a header longer than the file',
      fileOf({}, 0, 900n),
      'The header is said to have 900 bytes; the file ends before it.',
    ],
    ['with a huge header', fileOf({}, 0, 2n ** 63n), 'more than 2000000'],
    ['with a header that is no JSON', fileOf('{"a":', 0), 'The header is no JSON.'],
    ['with a list for a header', fileOf([], 0), 'The header is no JSON object.'],
    ['with an unknown type', fileOf({ a: { ...f32([1], 0, 4), dtype: 'F31' } }, 4), 'a: "F31" is no type of numbers.'],
    [
      'with the name of a method for a type',
      fileOf({ a: { ...f32([1], 0, 4), dtype: 'toString' } }, 4),
      'a: "toString" is no type',
    ],
    ['with a tensor beyond its end', fileOf({ a: f32([2], 0, 8) }, 4), 'a: it lies from 0 to 8, outside the file.'],
    ['with a negative size', fileOf({ a: f32([-1], 0, 4) }, 4), 'a: its shape is no list of sizes.'],
    ['with a place that ends before it begins', fileOf({ a: f32([1], 4, 0) }, 4), 'a: it lies from 4 to 0'],
    [
      'with a shape that asks for other bytes',
      fileOf({ a: f32([3], 0, 8) }, 8),
      'a: its shape asks for 12 bytes, its place has 8.',
    ],
    ['whose tensors overlap', fileOf({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), 'b lies over another tensor.'],
    ['with a hole', fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), '4 bytes before b that belong to nothing.'],
    ['with bytes behind its tensors', fileOf({ a: f32([1], 0, 4) }, 9), '5 bytes at the end that belong to nothing.'],
    [
      'that names a tensor twice',
      fileOf(`{"a":${JSON.stringify(f32([1], 0, 4))},"\\u0061":${JSON.stringify(f32([1], 0, 4))}}`, 4),
      'twice',
    ],
  ])('%s is refused', (_, file, message) => {
    expect(() => readSafetensors(file)).toThrow(SafetensorsError);
    expect(() => readSafetensors(file)).toThrow(message);
  });

  it('gives a network its tensors, or says which one does not fit', () => {
    const file = readSafetensors(
      writeSafetensors(
        new Map([
          ['w', { shape: [2], values: Float32Array.of(1, 2) }],
          ['bad', { shape: [1], values: Float32Array.of(Infinity) }],
        ]),
      ),
    );
    expect(tensorsFor(new Map([['w', [2]]]), file).get('w')).toEqual(Float32Array.of(1, 2));
    expect(() => tensorsFor(new Map([['w', [1, 2]]]), file)).toThrow(
      'w is of 2 in the file, and of 1 x 2 in the network.',
    );
    expect(() => tensorsFor(new Map([['v', [2]]]), file)).toThrow('The file has no v.');
    expect(() => tensorsFor(new Map([['bad', [1]]]), file)).toThrow('bad: number 0 is not finite.');
    expect(tensorsFor(new Map([['v', [2]]]), file, (name) => name === 'v').size).toBe(0);
  });

  describe.skipIf(!hasShared)('of the reference library (shared; skipped where it is absent)', () => {
    it('has the numbers that it wrote, in three types', () => {
      const file = readSafetensors(readFileSync(sharedPath('golden', 'networks', 'tiny.safetensors')));
      const read = (name: string): Float32Array => floatsOf(name, file.get(name)!);
      const rows = goldenRows('tiny_safetensors.tsv');
      expect(rows).toHaveLength(24);
      rows.forEach((row, index) => {
        expect(read('fc.weight')[index]).toBe(Math.fround(Number(row.f32)));
        expect(read('half')[index]).toBe(Number(row.f16));
        expect(read('brain')[index]).toBe(Number(row.bf16));
      });
    });
  });
});
