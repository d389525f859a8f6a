import { FlatTable } from './flatbuffer.ts';
import { ModelFileError } from './model-file-error.ts';

/** A tensor of a TensorFlow Lite network: shape in its own order (NHWC), and its values if it is a constant. */
export interface LiteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values?: Float32Array | Int32Array;
}

export type LitePadding = 'SAME' | 'VALID';

/** The kinds of layer that MediaPipe's face networks use; any other is refused. */
export type LiteLayerKind =
  | {
      readonly op: 'CONV_2D' | 'DEPTHWISE_CONV_2D';
      readonly padding: LitePadding;
      readonly stride: readonly [number, number];
    }
  | {
      readonly op: 'MAX_POOL_2D';
      readonly padding: LitePadding;
      readonly stride: readonly [number, number];
      readonly window: readonly [number, number];
    }
  | { readonly op: 'CONCATENATION'; readonly axis: number }
  | { readonly op: 'ADD' | 'PAD' | 'PRELU' | 'RELU' | 'RESHAPE' };

/** One layer: indices into the tensors; pairs are height, width. `relu` says that the result goes through a ReLU. */
export type LiteLayer = LiteLayerKind & {
  readonly inputs: readonly number[];
  readonly output: number;
  readonly relu: boolean;
};

/** A network as a list of layers in the order in which they run. */
export interface LiteNetwork {
  readonly tensors: readonly LiteTensor[];
  readonly layers: readonly LiteLayer[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const CODES = new Map<number, LiteLayer['op'] | 'DEQUANTIZE'>([
  [0, 'ADD'],
  [2, 'CONCATENATION'],
  [3, 'CONV_2D'],
  [4, 'DEPTHWISE_CONV_2D'],
  [6, 'DEQUANTIZE'],
  [17, 'MAX_POOL_2D'],
  [19, 'RELU'],
  [22, 'RESHAPE'],
  [34, 'PAD'],
  [54, 'PRELU'],
]);

/**
 * Reads a .tflite file. Weights stored as 16-bit floats are widened to 32 bits.
 * Field numbers are those of TensorFlow Lite's schema.fbs, version 3.
 * @throws ModelFileError if the file is cut short, damaged, or has layers or types that the face networks do not have
 */
export function readTflite(bytes: Uint8Array): LiteNetwork {
  const model = FlatTable.root(bytes, 'TFL3');
  const graphs = model.tables(2);
  if (graphs.length !== 1) throw new ModelFileError(`has ${graphs.length} graphs, not one`);
  const graph = graphs[0]!;
  const buffers = model.tables(4);
  const codes = model.tables(1).map((code) => Math.max(code.int8(0), code.int32(3)));
  const tensors: LiteTensor[] = graph.tables(0).map((tensor) => readTensor(tensor, buffers));
  const layers: LiteLayer[] = [];
  for (const operator of graph.tables(3)) {
    const code = codes[operator.int32(0)];
    const op = code === undefined ? undefined : CODES.get(code);
    if (op === undefined) throw new ModelFileError(`has a layer of unknown kind ${code}`);
    const inputs = operator.int32s(1);
    const [output, ...more] = operator.int32s(2);
    if (output === undefined || more.length > 0) throw new ModelFileError(`${op} does not have exactly one result`);
    for (const index of [...inputs, output]) {
      if (index < 0 || index >= tensors.length)
        throw new ModelFileError(`${op} names a tensor ${index} that is not there`);
    }
    if (op === 'DEQUANTIZE') tensors[output] = widened(tensors, inputs[0], output);
    else layers.push({ ...readOptions(op, operator.table(4)), inputs, output });
  }
  return { tensors, layers, inputs: graph.int32s(1), outputs: graph.int32s(2) };
}

function readTensor(tensor: FlatTable, buffers: readonly FlatTable[]): LiteTensor {
  const name = new TextDecoder().decode(tensor.octets(3));
  const shape = tensor.int32s(0);
  const buffer = buffers[tensor.int32(2)];
  if (buffer === undefined) throw new ModelFileError(`tensor ${name} has no buffer`);
  const data = buffer.octets(0);
  if (data.byteLength === 0) return { name, shape };
  const values = readValues(tensor.int8(1), data, name);
  if (values.length !== shape.reduce((product, size) => product * size, 1)) {
    throw new ModelFileError(`tensor ${name} has ${values.length} values for shape ${shape.join(' x ')}`);
  }
  return { name, shape, values };
}

function readValues(type: number, data: Uint8Array, name: string): Float32Array | Int32Array {
  // A copy, because a view of 32-bit values must start at a multiple of four (and a Buffer's slice would be no copy).
  const { buffer } = new Uint8Array(data);
  const size = type === 1 ? 2 : 4;
  if (data.byteLength % size !== 0) throw new ModelFileError(`tensor ${name} ends inside a value`);
  if (type === 0) return new Float32Array(buffer);
  if (type === 2) return new Int32Array(buffer);
  if (type === 1) return widenHalves(new Uint16Array(buffer));
  throw new ModelFileError(`tensor ${name} has the unknown type ${type}`);
}

function widened(tensors: readonly LiteTensor[], from: number | undefined, to: number): LiteTensor {
  const source = from === undefined ? undefined : tensors[from];
  if (source?.values === undefined) throw new ModelFileError('widens a tensor that is not a constant');
  return { ...tensors[to]!, values: source.values };
}

function readOptions(op: LiteLayer['op'], options: FlatTable | undefined): LiteLayerKind & { readonly relu: boolean } {
  const padding = (): LitePadding => (options?.int8(0) === 1 ? 'VALID' : 'SAME');
  const stride = (): [number, number] => [options?.int32(2) ?? 1, options?.int32(1) ?? 1];
  switch (op) {
    case 'CONV_2D':
      refuseUnless(options?.int32(4, 1) === 1 && options.int32(5, 1) === 1, `${op} is dilated`);
      return { op, padding: padding(), stride: stride(), relu: activation(options?.int8(3)) };
    case 'DEPTHWISE_CONV_2D':
      refuseUnless(options?.int32(5, 1) === 1 && options.int32(6, 1) === 1, `${op} is dilated`);
      refuseUnless(options?.int32(3) === 1, `${op} multiplies its channels`);
      return { op, padding: padding(), stride: stride(), relu: activation(options?.int8(4)) };
    case 'MAX_POOL_2D': {
      const window = [options?.int32(4) ?? 1, options?.int32(3) ?? 1] as const;
      return { op, padding: padding(), stride: stride(), window, relu: activation(options?.int8(5)) };
    }
    case 'CONCATENATION':
      return { op, axis: options?.int32(0) ?? 0, relu: activation(options?.int8(1)) };
    case 'ADD':
      return { op, relu: activation(options?.int8(0)) };
    default:
      return { op, relu: false };
  }
}

function activation(code = 0): boolean {
  refuseUnless(code === 0 || code === 1, `has the unknown activation ${code}`);
  return code === 1;
}

function refuseUnless(fine: boolean, what: string): void {
  if (!fine) throw new ModelFileError(what);
}

/** A loop, because `Float32Array.from` with a function takes four times as long. */
function widenHalves(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = halfToFloat(halves[i]!);
  return out;
}

/** 2 to the power of each exponent that a half-precision number can have. */
const POWERS = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 15));

/** IEEE 754 half precision to a number. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * POWERS[exponent]!;
}
