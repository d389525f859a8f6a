import type * as TF from '@tensorflow/tfjs-core';
import { Adam } from './adam.ts';
import {
  type Backend,
  blendStatistics,
  type ForwardPass,
  requireNumbers,
  requireTensors,
  type Trainer,
  truthOf,
} from './backend.ts';
import { BATCH_NORM_MOMENTUM, type Network, type Shape } from './network.ts';
import { type TensorFlow, tfjsForward } from './tfjs-layers.ts';

type Inputs = Readonly<Record<string, Float32Array>>;

/**
 * Trains and runs networks with TensorFlow.js, on whatever it computes with. Tensors stay ours between steps, and Adam is ours, so that a step is the same
 * but for rounding wherever it is made.
 * @param tf the module, ready
 * @param of how it is called in the record of a result, and whether it computes on a GPU
 */
export const tfjsBackend = (tf: TensorFlow, of: { readonly name: string; readonly gpu: boolean }): Backend => {
  const inputsOf = (network: Network, batch: number, given: Inputs): Map<string, TF.Tensor> => {
    const wanted = network.layers.flatMap((layer, place) =>
      layer.kind === 'input' ? [[layer.name, [batch, ...(network.shapes[place] as Shape)]] as const] : [],
    );
    const numbers = wanted.map(([name, shape]) => [name, shape, requireNumbers(given[name], shape, name)] as const);
    return new Map(numbers.map(([name, shape, values]) => [name, tf.tensor(values, [...shape])]));
  };
  const tensorsOf = (wanted: ReadonlyMap<string, Shape>, values: ReadonlyMap<string, Float32Array>) =>
    new Map([...wanted].map(([name, shape]) => [name, tf.tensor(values.get(name) as Float32Array, [...shape])]));
  const numbersOf = async (tensor: TF.Tensor): Promise<Float32Array> => Float32Array.from(await tensor.data());

  return {
    ...of,
    trainer(network, tensors, { rate, norms, isTrained = () => true }): Trainer {
      const used = new Map([...network.parameters, ...(norms === 'running' ? network.statistics : [])]);
      requireTensors(used, tensors);
      const [classes] = network.shapes[network.output] as readonly [number];
      const learned = [...network.parameters.keys()].filter(isTrained);
      const adam = new Adam(rate);
      const last = new Map<string, Float32Array>();
      return {
        adam,
        gradients: last,
        async step(given, labels) {
          const batch = labels.length;
          const truth = tf.tensor2d(truthOf(labels, classes), [batch, classes]);
          const inputs = inputsOf(network, batch, given);
          const own = tensorsOf(used, tensors);
          const kept: { logits?: TF.Tensor; statistics: ReturnType<typeof tfjsForward>['statistics'] } = {
            statistics: [],
          };
          const mean = (...moving: TF.Tensor[]): TF.Scalar => {
            const named = new Map([...inputs, ...own, ...learned.map((name, at) => [name, moving[at]] as const)]);
            const { values, statistics } = tfjsForward(
              tf,
              network,
              norms,
              batch,
              (name) => named.get(name) as TF.Tensor,
            );
            kept.logits = tf.keep(values[network.output] as TF.Tensor);
            kept.statistics = statistics;
            for (const one of statistics) for (const tensor of [one.mean, one.variance]) tf.keep(tensor);
            return tf.mul(tf.sum(tf.mul(tf.logSoftmax(kept.logits), truth)), -1 / batch) as TF.Scalar;
          };
          const { value, grads } = tf.valueAndGrads(mean)(learned.map((name) => own.get(name) as TF.Tensor));
          const logits = kept.logits as TF.Tensor;
          try {
            const said = { loss: (await value.data())[0] as number, logits: await numbersOf(logits) };
            for (const [at, name] of learned.entries()) last.set(name, await numbersOf(grads[at] as TF.Tensor));
            adam.step(learned.map((name) => [name, tensors.get(name) as Float32Array, last.get(name) as Float32Array]));
            for (const { name, values, ...seen } of kept.statistics) {
              const statistics = { mean: await seen.mean.data(), variance: await seen.variance.data(), values };
              blendStatistics(tensors, name, statistics, BATCH_NORM_MOMENTUM);
            }
            return said;
          } finally {
            const seen = kept.statistics.flatMap((one) => [one.mean, one.variance]);
            tf.dispose([truth, value, logits, ...grads, ...inputs.values(), ...own.values(), ...seen]);
          }
        },
        close: async () => {},
      };
    },
    async forward(network, tensors, { batch, places = [network.output] }): Promise<ForwardPass> {
      const used = new Map([...network.parameters, ...network.statistics]);
      requireTensors(used, tensors);
      const own = tensorsOf(used, tensors);
      return {
        async run(given) {
          const inputs = inputsOf(network, batch, given);
          const named = new Map([...inputs, ...own]);
          const results = tf.tidy(() => {
            const { values } = tfjsForward(tf, network, 'evaluation', batch, (name) => named.get(name) as TF.Tensor);
            return places.map((place) => values[place] as TF.Tensor);
          });
          try {
            return await Promise.all(results.map(numbersOf));
          } finally {
            tf.dispose([...inputs.values(), ...results]);
          }
        },
        close: async () => tf.dispose([...own.values()]),
      };
    },
  };
};
