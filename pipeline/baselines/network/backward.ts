import type { GraphWriter } from '../../onnx/graph-writer.ts';
import { type BatchNorms, byChannel, type Forward, weightOf } from './forward.ts';
import { type Layer, type Network, product, type Shape } from './network.ts';

/** Names of the gradients of trainable tensors. */
export type Gradients = ReadonlyMap<string, string>;

/**
 * Writes the gradients of a network's trainable tensors by the chain rule, last layer first, given that of its logits
 * (batch x classes). Layers above which nothing is trained are passed over.
 */
export const writeBackward = (
  graph: GraphWriter,
  network: Network,
  batch: number,
  norms: BatchNorms,
  forward: Forward,
  logitsGradient: string,
  isTrained: (tensor: string) => boolean,
): Gradients => {
  const needed = neededLayers(network, isTrained);
  const gradients = new Map<string, string>();
  // What flows into each layer's result from every layer that reads it.
  const flows = network.layers.map((): string[] => []);
  flows[network.output]?.push(logitsGradient);
  const tools: Tools = {
    graph,
    network,
    batch,
    norms,
    forward,
    keep: (tensor, gradient) => {
      if (isTrained(tensor)) gradients.set(tensor, gradient());
    },
    pass: (place, gradient) => {
      if (needed[place] === true) flows[place]?.push(gradient());
    },
  };
  for (let place = network.layers.length - 1; place >= 0; place--) {
    const into = flows[place] as string[];
    const layer = network.layers[place] as Layer;
    if (into.length === 0 || needed[place] !== true) continue;
    backThrough(tools, layer, place, into.length === 1 ? (into[0] as string) : graph.apply('Sum', into));
  }
  return gradients;
};

interface Tools {
  readonly graph: GraphWriter;
  readonly network: Network;
  readonly batch: number;
  readonly norms: BatchNorms;
  readonly forward: Forward;
  /** Notes a tensor's gradient; written only where it is trained. */
  readonly keep: (tensor: string, gradient: () => string) => void;
  /** Hands a gradient on to an earlier layer; written only where something above it is trained. */
  readonly pass: (place: number, gradient: () => string) => void;
}

/** Layers with a trained tensor of their own or above them. */
const neededLayers = (network: Network, isTrained: (tensor: string) => boolean): readonly boolean[] => {
  const needed: boolean[] = [];
  for (const layer of network.layers) {
    const own = 'name' in layer && ['weight', 'bias'].some((tensor) => isTrained(`${layer.name}.${tensor}`));
    const above = readBy(layer).some((place) => needed[place] === true);
    needed.push(above || (layer.kind !== 'input' && own));
  }
  return needed;
};

const readBy = (layer: Layer): readonly number[] => {
  switch (layer.kind) {
    case 'input':
      return [];
    case 'add':
      return [layer.from, layer.and];
    case 'concat':
      return layer.of;
    default:
      return [layer.from];
  }
};

const backThrough = (tools: Tools, layer: Layer, place: number, gradient: string): void => {
  const { graph, network, batch, forward, keep, pass } = tools;
  const shapeOf = (at: number): Shape => network.shapes[at] as Shape;
  switch (layer.kind) {
    case 'input':
      return;
    case 'add':
      pass(layer.from, () => gradient);
      pass(layer.and, () => gradient);
      return;
    case 'concat': {
      let first = 0;
      for (const part of layer.of) {
        const begin = first;
        const end = begin + (shapeOf(part)[0] as number);
        pass(part, () => graph.slice(gradient, [1], [begin], [end], [1]));
        first = end;
      }
      return;
    }
    case 'reshape':
      pass(layer.from, () => graph.reshape(gradient, batch, ...shapeOf(layer.from)));
      return;
    case 'relu':
      pass(layer.from, () => {
        const positive = graph.apply('Greater', [forward.values[place] as string, graph.scalar(0)]);
        return graph.apply('Where', [positive, gradient, graph.scalar(0)]);
      });
      return;
    case 'mean':
      pass(layer.from, () => {
        const [channels, height, width] = shapeOf(layer.from) as readonly [number, number, number];
        const share = graph.apply('Mul', [gradient, graph.scalar(1 / (height * width))]);
        return graph.apply('Expand', [
          graph.reshape(share, batch, channels, 1, 1),
          graph.integers(batch, channels, height, width),
        ]);
      });
      return;
    case 'maxPool':
      pass(layer.from, () => {
        const size = batch * product(shapeOf(layer.from));
        const nothing = graph.apply('Expand', [graph.scalar(0), graph.integers(size)]);
        const places = graph.reshape(forward.kept[place]?.places as string, -1);
        const spread = graph.apply('ScatterElements', [nothing, places, graph.reshape(gradient, -1)], {
          axis: 0,
          reduction: 'add',
        });
        return graph.reshape(spread, batch, ...shapeOf(layer.from));
      });
      return;
    case 'linear':
      keep(`${layer.name}.weight`, () =>
        graph.apply('Gemm', [gradient, forward.values[layer.from] as string], { transA: 1 }),
      );
      keep(`${layer.name}.bias`, () => graph.sumOver(gradient, 0));
      pass(layer.from, () => graph.apply('MatMul', [gradient, `${layer.name}.weight`]));
      return;
    case 'batchNorm':
      backThroughNorm(tools, layer, place, gradient);
      return;
    case 'conv':
      backThroughConv(tools, layer, place, gradient);
      return;
  }
};

const backThroughNorm = (tools: Tools, layer: Layer & { kind: 'batchNorm' }, place: number, gradient: string): void => {
  const { graph, norms, forward, keep, pass } = tools;
  const normalised = forward.kept[place]?.normalised as string;
  const inverse = forward.kept[place]?.inverse as string;
  keep(`${layer.name}.weight`, () => graph.sumOver(graph.apply('Mul', [gradient, normalised]), 0, 2, 3));
  keep(`${layer.name}.bias`, () => graph.sumOver(gradient, 0, 2, 3));
  pass(layer.from, () => {
    const scale = graph.apply('Mul', [byChannel(graph, `${layer.name}.weight`), inverse]);
    if (norms === 'running') return graph.apply('Mul', [gradient, scale]);
    // The batch's mean and variance depend on every value (Ioffe and Szegedy 2015, section 3).
    const over = { axes: [0, 2, 3], keepdims: 1 };
    const mean = graph.apply('ReduceMean', [gradient], over);
    const slope = graph.apply('ReduceMean', [graph.apply('Mul', [gradient, normalised])], over);
    const left = graph.apply('Sub', [graph.apply('Sub', [gradient, mean]), graph.apply('Mul', [normalised, slope])]);
    return graph.apply('Mul', [left, scale]);
  });
};

const backThroughConv = (tools: Tools, layer: Layer & { kind: 'conv' }, place: number, gradient: string): void => {
  const { graph, network, keep, pass } = tools;
  if (layer.bias) keep(`${layer.name}.bias`, () => graph.sumOver(gradient, 0, 2, 3));
  keep(`${layer.name}.weight`, () => weightGradient(tools, layer, place, gradient));
  pass(layer.from, () => {
    const weight = weightOf(graph, network, layer);
    const [height, width] = layer.kernel;
    const [padY, padX] = layer.pad;
    const [stepY, stepX] = layer.stride;
    if (stepY === 1 && stepX === 1) {
      // A convolution with the kernel turned round and channels changed places: the fastest that the runtime has.
      const swapped = graph.apply('Transpose', [weight], { perm: [1, 0, 2, 3] });
      const turned =
        height * width === 1 ? swapped : graph.slice(swapped, [2, 3], [-1, -1], [BEGINNING, BEGINNING], [-1, -1]);
      const [y, x] = [height - 1 - padY, width - 1 - padX];
      return graph.apply('Conv', [gradient, turned], { kernel_shape: [height, width], pads: [y, x, y, x] });
    }
    const [, fromHeight, fromWidth] = network.shapes[layer.from] as readonly [number, number, number];
    const [, toHeight, toWidth] = network.shapes[place] as readonly [number, number, number];
    return graph.apply('ConvTranspose', [gradient, weight], {
      kernel_shape: [height, width],
      strides: [stepY, stepX],
      pads: [padY, padX, padY, padX],
      // Rows and columns at the end that no step reached.
      output_padding: [
        fromHeight - ((toHeight - 1) * stepY - 2 * padY + height),
        fromWidth - ((toWidth - 1) * stepX - 2 * padX + width),
      ],
    });
  });
};

/** Before the first place, for slices that go backwards. */
const BEGINNING = -2147483648;

/** Every place of the kernel as a shifted picture, multiplied with the gradient: one large matrix product a batch. */
const weightGradient = (
  { graph, network, batch, forward }: Tools,
  layer: Layer & { kind: 'conv' },
  place: number,
  gradient: string,
): string => {
  const [height, width] = layer.kernel;
  const [padY, padX] = layer.pad;
  const [stepY, stepX] = layer.stride;
  const [channels] = network.shapes[layer.from] as readonly [number];
  const [out, toHeight, toWidth] = network.shapes[place] as readonly [number, number, number];
  const value = forward.values[layer.from] as string;
  const padded =
    padY + padX === 0 ? value : graph.apply('Pad', [value, graph.integers(0, 0, padY, padX, 0, 0, padY, padX)]);
  const shifted: string[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const plain = height * width === 1 && stepY === 1 && stepX === 1;
      shifted.push(
        plain
          ? padded
          : graph.slice(
              padded,
              [2, 3],
              [y, x],
              [y + (toHeight - 1) * stepY + 1, x + (toWidth - 1) * stepX + 1],
              [stepY, stepX],
            ),
      );
    }
  }
  const columns = shifted.length === 1 ? (shifted[0] as string) : graph.apply('Concat', shifted, { axis: 1 });
  const kernel = height * width;
  const places = toHeight * toWidth;
  const left = graph.reshape(gradient, batch, out, places);
  const right = graph.apply('Transpose', [graph.reshape(columns, batch, kernel * channels, places)], {
    perm: [0, 2, 1],
  });
  const sum = graph.reshape(graph.sumOver(graph.apply('MatMul', [left, right]), 0), out, kernel, channels);
  const shape = network.parameters.get(`${layer.name}.weight`) as Shape;
  return graph.reshape(graph.apply('Transpose', [sum], { perm: [0, 2, 1] }), ...shape);
};
