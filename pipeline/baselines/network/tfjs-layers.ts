import type * as TF from '@tensorflow/tfjs-core';
import type { BatchNorms } from './forward.ts';
import { BATCH_NORM_EPSILON, type Layer, type Network, type Shape } from './network.ts';

export type TensorFlow = typeof TF;
type Tensor = TF.Tensor;

/** The mean and the biased variance that a batch norm has seen. */
export interface BatchStatistics {
  readonly name: string;
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** Numbers that each is a mean of. */
  readonly values: number;
}

export interface TfjsForward {
  /** Each layer's result, batch x its shape. */
  readonly values: readonly Tensor[];
  /** Of batch norms, where they take the batch's own. */
  readonly statistics: readonly BatchStatistics[];
}

/** Lower than any number that a network here computes. */
const LOWEST = -3.4e38;

/**
 * A network's layers as operations of TensorFlow.js, from which it derives the gradients itself. Pictures are channels last inside, as its processor's
 * kernels want them, and padding is an operation of its own: the gradients of tfjs-node's convolutions know none.
 * @param named tensors by their state-dict names, and inputs by theirs, as torch has them (channels first)
 */
export const tfjsForward = (
  tf: TensorFlow,
  network: Network,
  norms: BatchNorms,
  batch: number,
  named: (name: string) => Tensor,
): TfjsForward => {
  const inside: Tensor[] = [];
  const statistics: BatchStatistics[] = [];
  const lastToFirst = (value: Tensor): Tensor => tf.transpose(value, [0, 3, 1, 2]);
  const firstToLast = (value: Tensor): Tensor => tf.transpose(value, [0, 2, 3, 1]);
  const shapeOf = (place: number): Shape => network.shapes[place] as Shape;
  const isPicture = (place: number): boolean => shapeOf(place).length === 3;
  const resultOf = (place: number): Tensor => inside[place] as Tensor;
  const padded = (value: Tensor, y: number, x: number, constant = 0): TF.Tensor4D =>
    (y + x === 0
      ? value
      : tf.pad(
          value,
          [
            [0, 0],
            [y, y],
            [x, x],
            [0, 0],
          ],
          constant,
        )) as TF.Tensor4D;

  const normalise = (name: string, value: Tensor): Tensor => {
    let [mean, variance] = [named(`${name}.running_mean`), named(`${name}.running_var`)];
    if (norms === 'batch') {
      const seen = tf.moments(value, [0, 1, 2]);
      [mean, variance] = [seen.mean, seen.variance];
      statistics.push({ name, mean, variance, values: value.size / mean.size });
    }
    const normalised = tf.mul(tf.sub(value, mean), tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
    return tf.add(tf.mul(normalised, named(`${name}.weight`)), named(`${name}.bias`));
  };

  const write = (layer: Layer, place: number): Tensor => {
    switch (layer.kind) {
      case 'input':
        return isPicture(place) ? firstToLast(named(layer.name)) : named(layer.name);
      case 'conv': {
        const [out, channels] = network.parameters.get(`${layer.name}.weight`) as readonly [number, number];
        const weight = tf.reshape(named(`${layer.name}.weight`), [out, channels, ...layer.kernel]);
        const filter = tf.transpose(weight, [2, 3, 1, 0]) as TF.Tensor4D;
        const result = tf.conv2d(padded(resultOf(layer.from), ...layer.pad), filter, [...layer.stride], 'valid');
        return layer.bias ? tf.add(result, named(`${layer.name}.bias`)) : result;
      }
      case 'batchNorm':
        return normalise(layer.name, resultOf(layer.from));
      case 'relu':
        return tf.relu(resultOf(layer.from));
      case 'maxPool':
        return tf.maxPool(
          padded(resultOf(layer.from), layer.pad, layer.pad, LOWEST),
          layer.kernel,
          layer.stride,
          'valid',
        );
      case 'mean':
        return tf.mean(resultOf(layer.from), [1, 2]);
      case 'linear': {
        const weight = named(`${layer.name}.weight`) as TF.Tensor2D;
        return tf.add(tf.matMul(resultOf(layer.from) as TF.Tensor2D, weight, false, true), named(`${layer.name}.bias`));
      }
      case 'add':
        return tf.add(resultOf(layer.from), resultOf(layer.and));
      case 'concat':
        return tf.concat(layer.of.map(resultOf), isPicture(place) ? 3 : 1);
      case 'reshape': {
        const from = isPicture(layer.from) ? lastToFirst(resultOf(layer.from)) : resultOf(layer.from);
        const reshaped = tf.reshape(from, [batch, ...shapeOf(place)]);
        return isPicture(place) ? firstToLast(reshaped) : reshaped;
      }
    }
  };
  for (const [place, layer] of network.layers.entries()) inside.push(write(layer, place));
  return {
    values: inside.map((value, place) => (isPicture(place) ? lastToFirst(value) : value)),
    statistics,
  };
};
