import type { GraphWriter } from '../../onnx/graph-writer.ts';
import { BATCH_NORM_EPSILON, type Layer, type Network } from './network.ts';

/** Batch norms take the batch's own mean and variance, or the running ones; for evaluation, in one operation that keeps nothing. */
export type BatchNorms = 'batch' | 'running' | 'evaluation';

/** Results of a layer that its gradient needs again. */
export interface Kept {
  /** Batch norm: the normalised values, one over the standard deviation, and (batch) the mean and the biased variance, 1 x C x 1 x 1. */
  readonly normalised?: string;
  readonly inverse?: string;
  readonly mean?: string;
  readonly variance?: string;
  /** Max pooling: places of the largest values in the flattened input. */
  readonly places?: string;
}

export interface Forward {
  /** Name of each layer's result. */
  readonly values: readonly string[];
  readonly kept: readonly Kept[];
}

/** Writes a network's layers. Tensors are inputs or constants of the graph under their state-dict names. */
export const writeForward = (
  graph: GraphWriter,
  network: Network,
  batch: number,
  norms: BatchNorms,
  inputs: ReadonlyMap<string, string>,
): Forward => {
  const values: string[] = [];
  const kept: Kept[] = [];
  const resultOf = (place: number): string => values[place] as string;
  const write = (layer: Layer, place: number): readonly [string, Kept] => {
    switch (layer.kind) {
      case 'input':
        return [inputs.get(layer.name) as string, {}];
      case 'conv': {
        const [padY, padX] = layer.pad;
        const weight = weightOf(graph, network, layer);
        const tensors = layer.bias ? [weight, `${layer.name}.bias`] : [weight];
        return [
          graph.apply('Conv', [resultOf(layer.from), ...tensors], {
            kernel_shape: layer.kernel,
            strides: layer.stride,
            pads: [padY, padX, padY, padX],
          }),
          {},
        ];
      }
      case 'batchNorm':
        if (norms === 'evaluation') {
          const tensors = ['weight', 'bias', 'running_mean', 'running_var'].map((tensor) => `${layer.name}.${tensor}`);
          const epsilon = { float: BATCH_NORM_EPSILON };
          return [graph.apply('BatchNormalization', [resultOf(layer.from), ...tensors], { epsilon }), {}];
        }
        return norms === 'batch'
          ? normaliseByBatch(graph, layer.name, resultOf(layer.from))
          : normaliseByRunning(graph, layer.name, resultOf(layer.from));
      case 'relu':
        return [graph.apply('Relu', [resultOf(layer.from)]), {}];
      case 'maxPool': {
        const { kernel, stride, pad } = layer;
        const [value, places] = graph.applyForTwo('MaxPool', [resultOf(layer.from)], {
          kernel_shape: [kernel, kernel],
          strides: [stride, stride],
          pads: [pad, pad, pad, pad],
        });
        return [value, { places }];
      }
      case 'mean':
        return [graph.apply('ReduceMean', [resultOf(layer.from)], { axes: [2, 3], keepdims: 0 }), {}];
      case 'linear':
        return [
          graph.apply('Gemm', [resultOf(layer.from), `${layer.name}.weight`, `${layer.name}.bias`], { transB: 1 }),
          {},
        ];
      case 'add':
        return [graph.apply('Add', [resultOf(layer.from), resultOf(layer.and)]), {}];
      case 'concat':
        return [graph.apply('Concat', layer.of.map(resultOf), { axis: 1 }), {}];
      case 'reshape':
        return [graph.reshape(resultOf(layer.from), batch, ...(network.shapes[place] ?? [])), {}];
    }
  };
  for (const [place, layer] of network.layers.entries()) {
    const [value, keep] = write(layer, place);
    values.push(value);
    kept.push(keep);
  }
  return { values, kept };
};

/** A convolution's weights with four dimensions. */
export const weightOf = (graph: GraphWriter, network: Network, layer: Layer & { kind: 'conv' }): string => {
  const name = `${layer.name}.weight`;
  if (!layer.flat) return name;
  const [out, channels] = network.parameters.get(name) as readonly number[];
  return graph.reshape(name, out as number, channels as number, ...layer.kernel);
};

/** A tensor of one number a channel, as 1 x C x 1 x 1. */
export const byChannel = (graph: GraphWriter, name: string): string => graph.reshape(name, 1, -1, 1, 1);

const scaled = (graph: GraphWriter, name: string, normalised: string): string =>
  graph.apply('Add', [
    graph.apply('Mul', [normalised, byChannel(graph, `${name}.weight`)]),
    byChannel(graph, `${name}.bias`),
  ]);

const inverseOf = (graph: GraphWriter, variance: string): string =>
  graph.apply('Reciprocal', [graph.apply('Sqrt', [graph.apply('Add', [variance, graph.scalar(BATCH_NORM_EPSILON)])])]);

const normaliseByBatch = (graph: GraphWriter, name: string, value: string): readonly [string, Kept] => {
  const over = { axes: [0, 2, 3], keepdims: 1 };
  const mean = graph.apply('ReduceMean', [value], over);
  const centred = graph.apply('Sub', [value, mean]);
  const variance = graph.apply('ReduceMean', [graph.apply('Mul', [centred, centred])], over);
  const inverse = inverseOf(graph, variance);
  const normalised = graph.apply('Mul', [centred, inverse]);
  return [scaled(graph, name, normalised), { normalised, inverse, mean, variance }];
};

const normaliseByRunning = (graph: GraphWriter, name: string, value: string): readonly [string, Kept] => {
  const inverse = inverseOf(graph, byChannel(graph, `${name}.running_var`));
  const centred = graph.apply('Sub', [value, byChannel(graph, `${name}.running_mean`)]);
  const normalised = graph.apply('Mul', [centred, inverse]);
  return [scaled(graph, name, normalised), { normalised, inverse }];
};
