import type { LiteLayer, LiteNetwork } from '../../../pipeline/faces/tflite.ts';

interface Picture {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Runs a network as TensorFlow Lite defines its layers, NHWC, by plain loops: the truth that the ONNX graph must give again. */
export function interpret(network: LiteNetwork, input: ArrayLike<number>): number[][] {
  const known: Picture[] = network.tensors.map(({ shape, values }) => ({ shape, values: values ?? [] }));
  known[network.inputs[0]!] = { shape: network.tensors[network.inputs[0]!]!.shape, values: input };
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((index) => known[index]!);
    const shape = network.tensors[layer.output]!.shape;
    const values = evaluate(layer, inputs, shape);
    known[layer.output] = { shape, values: layer.relu ? values.map((value) => Math.max(0, value)) : values };
  }
  return network.outputs.map((index) => Array.from(known[index]!.values));
}

function evaluate(layer: LiteLayer, inputs: readonly Picture[], shape: readonly number[]): number[] {
  const [first, second, third] = inputs as [Picture, Picture, Picture];
  const size = shape.reduce((product, value) => product * value, 1);
  const channels = shape[shape.length - 1]!;
  const value = (index: number) => first.values[index]!;
  switch (layer.op) {
    case 'ADD':
      return Array.from({ length: size }, (_, i) => value(i) + second.values[i]!);
    case 'RELU':
      return Array.from({ length: size }, (_, i) => Math.max(0, value(i)));
    case 'PRELU':
      return Array.from({ length: size }, (_, i) =>
        value(i) < 0 ? value(i) * second.values[i % channels]! : value(i),
      );
    case 'RESHAPE':
      return Array.from(first.values);
    case 'CONCATENATION':
      return inputs.flatMap(({ values }) => Array.from(values)); // of lists, along their first dimension but one
    case 'PAD': {
      const before = first.shape[3]!;
      return Array.from({ length: size }, (_, i) =>
        i % channels < before ? value(Math.floor(i / channels) * before + (i % channels)) : 0,
      );
    }
    case 'MAX_POOL_2D':
      return slide(layer, layer.window, first, shape, (taps, channel) =>
        Math.max(...taps.map(({ at }) => value(at + channel))),
      );
    case 'DEPTHWISE_CONV_2D': {
      const window = [second.shape[1]!, second.shape[2]!] as const;
      return slide(layer, window, first, shape, (taps, channel) =>
        taps.reduce(
          (sum, { at, tap }) => sum + value(at + channel) * second.values[tap * channels + channel]!,
          third.values[channel]!,
        ),
      );
    }
    case 'CONV_2D': {
      const [, height, width, depth] = second.shape as [number, number, number, number];
      return slide(layer, [height, width], first, shape, (taps, channel) => {
        let sum = third.values[channel]!;
        for (const { at, tap } of taps) {
          for (let i = 0; i < depth; i++)
            sum += value(at + i) * second.values[(channel * height * width + tap) * depth + i]!;
        }
        return sum;
      });
    }
  }
}

/** Calls `cell` for every place and channel of the result with the pixels under the window: where each starts, and its number in the window. */
function slide(
  { stride, padding }: { stride: readonly [number, number]; padding: 'SAME' | 'VALID' },
  window: readonly [number, number],
  { shape }: Picture,
  result: readonly number[],
  cell: (taps: { at: number; tap: number }[], channel: number) => number,
): number[] {
  const [, height, width, depth] = shape as [number, number, number, number];
  const [, rows, columns, channels] = result as [number, number, number, number];
  const before = [rows, columns].map((count, axis) => {
    const missing = (count - 1) * stride[axis]! + window[axis]! - [height, width][axis]!;
    return padding === 'SAME' ? Math.floor(Math.max(missing, 0) / 2) : 0;
  });
  const out: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const taps: { at: number; tap: number }[] = [];
      for (let tap = 0; tap < window[0] * window[1]; tap++) {
        const y = row * stride[0] - before[0]! + Math.floor(tap / window[1]);
        const x = column * stride[1] - before[1]! + (tap % window[1]);
        if (y >= 0 && y < height && x >= 0 && x < width) taps.push({ at: (y * width + x) * depth, tap });
      }
      for (let channel = 0; channel < channels; channel++) out.push(cell(taps, channel));
    }
  }
  return out;
}
