import type { Network } from '../../../../pipeline/baselines/network/network.ts';

/** Numbers in [-1, 1) that follow from a name alone (golden/README.md, "The formula"); `at` is the i-th integer. */
export const integerOf = (name: string, i: number): number => {
  let hash = 0x811c9dc5;
  for (let k = 0; k < name.length; k++) hash = Math.imul(hash ^ name.charCodeAt(k), 0x01000193) >>> 0;
  let x = (hash + i) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
};

export const numbersOf = (name: string, count: number, of: (u: number) => number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => of(integerOf(name, i) / 2 ** 31 - 1));

/** The value rule of a tensor by its name and shape. */
export const tensorOf = (name: string, shape: readonly number[]): Float32Array => {
  const count = shape.reduce((all, size) => all * size, 1);
  if (shape.length >= 2) return numbersOf(name, count, (u) => Math.sqrt(3 / (count / (shape[0] as number))) * u);
  if (name.endsWith('.weight')) return numbersOf(name, count, (u) => 1 + 0.1 * u);
  if (name.endsWith('.running_mean')) return numbersOf(name, count, (u) => 0.05 * u);
  if (name.endsWith('.running_var')) return numbersOf(name, count, (u) => 1 + 0.2 * Math.abs(u));
  return numbersOf(name, count, (u) => 0.1 * u);
};

export const formulaTensors = ({ parameters, statistics }: Network): Map<string, Float32Array> =>
  new Map([...parameters, ...statistics].map(([name, shape]) => [name, tensorOf(name, shape)]));
