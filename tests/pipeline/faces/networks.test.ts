import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { readFaceMeshPackage } from '../../../pipeline/faces/face-mesh-package.ts';
import { type LiteLayer, type LiteNetwork, type LiteTensor, readTflite } from '../../../pipeline/faces/tflite.ts';
import { tfliteToOnnx } from '../../../pipeline/faces/tflite-to-onnx.ts';
import { writeOnnx } from '../../../pipeline/onnx/onnx-model.ts';
import { interpret } from './lite-interpreter.ts';

/** A repeatable stream of numbers in [-1, 1). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** The outputs of the ONNX graph in NHWC, for a picture given in NHWC. */
async function runOnnx(network: LiteNetwork, picture: Float32Array): Promise<Float32Array[]> {
  const graph = tfliteToOnnx(network);
  const [port] = graph.inputs;
  const [, channels, height, width] = port!.shape as [number, number, number, number];
  const planes = new Float32Array(picture.length);
  picture.forEach((value, i) => {
    planes[(i % channels) * height * width + Math.floor(i / channels)] = value;
  });
  const session = await InferenceSession.create(writeOnnx(graph), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const results = await session.run({ [port!.name]: new Tensor('float32', planes, port!.shape) });
  const outputs = graph.outputs.map(({ name, shape }) => {
    const data = results[name]!.data as Float32Array;
    const [, depth = 1, ...plane] = shape.length === 4 ? shape : [];
    const area = plane.reduce((product, size) => product * size, 1);
    return shape.length === 4 ? data.map((_, i) => data[(i % depth) * area + Math.floor(i / depth)]!) : data;
  });
  await session.release();
  return outputs;
}

/** Largest difference, as a share of the largest value. */
function difference(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - found[i]!))) / largest;
}

/** A network of one chain of layers; each gives its result's shape and its constants. */
function chain(
  input: readonly number[],
  steps: readonly { layer: object; shape: readonly number[]; constants?: readonly LiteTensor[] }[],
): LiteNetwork {
  const tensors: LiteTensor[] = [{ name: 'input', shape: input }];
  const layers: LiteLayer[] = [];
  let last = 0;
  for (const { layer, shape, constants = [] } of steps) {
    const inputs = [last, ...constants.map((constant) => tensors.push(constant) - 1)];
    last = tensors.push({ name: `t${tensors.length}`, shape }) - 1;
    layers.push({ relu: false, ...layer, inputs, output: last } as object as LiteLayer);
  }
  return { tensors, layers, inputs: [0], outputs: [last] };
}

const random = numbers(7);
const constant = (...shape: number[]): LiteTensor => ({
  name: 'constant',
  shape,
  values: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, random),
});
const same = { padding: 'SAME', stride: [2, 2] };
const conv = { op: 'CONV_2D', ...same };

describe('the ONNX graph gives what TensorFlow Lite defines', () => {
  const cases: [string, LiteNetwork][] = [
    [
      'a strided convolution of an odd picture, padded to the same size',
      chain([1, 7, 9, 3], [{ layer: conv, shape: [1, 4, 5, 5], constants: [constant(5, 3, 3, 3), constant(5)] }]),
    ],
    [
      'a strided convolution of an even picture, where the odd pixel of padding is at the end',
      chain([1, 8, 8, 3], [{ layer: conv, shape: [1, 4, 4, 5], constants: [constant(5, 3, 3, 3), constant(5)] }]),
    ],
    [
      'a 5 x 5 convolution with a ReLU of its own',
      chain(
        [1, 8, 8, 3],
        [{ layer: { ...conv, relu: true }, shape: [1, 4, 4, 2], constants: [constant(2, 5, 5, 3), constant(2)] }],
      ),
    ],
    [
      'depthwise, PReLU, pooling, padded channels, ReLU and a 1 x 1 convolution one after another',
      chain(
        [1, 8, 8, 3],
        [
          { layer: conv, shape: [1, 4, 4, 18], constants: [constant(18, 3, 3, 3), constant(18)] },
          {
            layer: { op: 'DEPTHWISE_CONV_2D', padding: 'SAME', stride: [1, 1] },
            shape: [1, 4, 4, 18],
            constants: [constant(1, 3, 3, 18), constant(18)],
          },
          { layer: { op: 'PRELU' }, shape: [1, 4, 4, 18], constants: [constant(1, 1, 18)] },
          { layer: { op: 'MAX_POOL_2D', padding: 'VALID', stride: [2, 2], window: [2, 2] }, shape: [1, 2, 2, 18] },
          {
            layer: { op: 'PAD' },
            shape: [1, 2, 2, 40],
            constants: [{ name: 'pads', shape: [4, 2], values: Int32Array.of(0, 0, 0, 0, 0, 0, 0, 22) }],
          },
          { layer: { op: 'PRELU' }, shape: [1, 2, 2, 40], constants: [constant(1, 1, 40)] },
          {
            layer: { op: 'CONV_2D', padding: 'VALID', stride: [1, 1] },
            shape: [1, 2, 2, 6],
            constants: [constant(6, 1, 1, 40), constant(6)],
          },
          { layer: { op: 'RESHAPE' }, shape: [1, 12, 2] },
        ],
      ),
    ],
  ];
  test.each(cases)('%s', async (_, network) => {
    const size = network.tensors[0]!.shape.reduce((product, value) => product * value, 1);
    const picture = Float32Array.from({ length: size }, random);
    const [found] = await runOnnx(network, picture);
    expect(difference(found!, interpret(network, picture)[0]!)).toBeLessThan(1e-5);
  });

  test.each(['detector', 'mesh'] as const)('all of MediaPipe’s %s', async (which) => {
    const network = readTflite(readFaceMeshPackage()[which]);
    const size = network.tensors[network.inputs[0]!]!.shape.reduce((product, value) => product * value, 1);
    const stream = numbers(11);
    const picture = Float32Array.from({ length: size }, stream);
    const expected = interpret(network, picture);
    const found = await runOnnx(network, picture);
    for (const [i, values] of expected.entries()) expect(difference(found[i]!, values)).toBeLessThan(1e-4);
  });
});

describe('a layer that the face networks do not use that way is refused', () => {
  test('padding of rows', () => {
    const pads = { name: 'pads', shape: [4, 2], values: Int32Array.of(0, 0, 1, 1, 0, 0, 0, 0) };
    const network = chain([1, 4, 4, 3], [{ layer: { op: 'PAD' }, shape: [1, 6, 4, 3], constants: [pads] }]);
    expect(() => tfliteToOnnx(network)).toThrow('PAD adds more than channels at the end');
  });

  test('a convolution without weights', () => {
    const network = chain([1, 4, 4, 3], [{ layer: conv, shape: [1, 2, 2, 5] }]);
    expect(() => tfliteToOnnx(network)).toThrow('a layer lacks its weights');
  });
});
