import type { OnnxConstant, OnnxGraph, OnnxNode } from '../onnx/onnx-model.ts';
import { ModelFileError } from './model-file-error.ts';
import type { LiteLayer, LiteNetwork, LitePadding, LiteTensor } from './tflite.ts';

/**
 * onnxruntime keeps pictures in blocks of 16 channels between convolutions, which is twice to three times as fast, but
 * only from channel counts that it can cut into blocks. So counts are rounded up to this, with zeros.
 */
const BLOCK = 16;

/**
 * The same network as an ONNX graph: NHWC becomes NCHW, and two layers that would force onnxruntime out of its blocked
 * layout are written as convolutions: PRELU as `slope * x + (1 - slope) * relu(x)`, PAD of channels as an identity.
 * Inputs are 1 x channels x height x width; outputs keep the TensorFlow Lite shape where a RESHAPE makes them, and are
 * 1 x channels x 1 x 1 otherwise.
 * @throws ModelFileError if a layer is used in a way that the face networks do not use it
 */
export function tfliteToOnnx(network: LiteNetwork): OnnxGraph {
  return new Converter(network).convert();
}

class Converter {
  private readonly nodes: OnnxNode[] = [];
  private readonly constants: OnnxConstant[] = [];
  private readonly network: LiteNetwork;
  /** Tensors whose channels must stay as many as they are, because something other than a convolution reads them. */
  private readonly exact: ReadonlySet<number>;

  constructor(network: LiteNetwork) {
    this.network = network;
    const reshaped = network.layers.flatMap((layer) => (layer.op === 'RESHAPE' ? [layer.inputs[0]!] : []));
    this.exact = new Set([...network.inputs, ...network.outputs, ...reshaped]);
  }

  convert(): OnnxGraph {
    for (const layer of this.network.layers) this.layer(layer);
    const port = (index: number) => ({ name: name(index), shape: this.shape(index) });
    return {
      nodes: this.nodes,
      constants: this.constants,
      inputs: this.network.inputs.map(port),
      outputs: this.network.outputs.map(port),
    };
  }

  private layer(layer: LiteLayer): void {
    const [first, ...rest] = layer.inputs;
    if (first === undefined) throw new ModelFileError(`${layer.op} has no input`);
    const result = layer.relu ? `${name(layer.output)}_before_relu` : name(layer.output);
    switch (layer.op) {
      case 'CONV_2D':
      case 'DEPTHWISE_CONV_2D':
        this.convolution(layer, first, result);
        break;
      case 'MAX_POOL_2D':
        this.nodes.push({
          op: 'MaxPool',
          inputs: [name(first)],
          output: result,
          attributes: this.window(layer, first),
        });
        break;
      case 'ADD':
        this.nodes.push({ op: 'Add', inputs: layer.inputs.map(name), output: result });
        break;
      case 'RELU':
        this.nodes.push({ op: 'Relu', inputs: [name(first)], output: result });
        break;
      case 'PRELU':
        this.prelu(first, this.constant(rest[0]), result);
        break;
      case 'PAD':
        this.padChannels(first, this.constant(rest[0]), layer.output, result);
        break;
      case 'RESHAPE':
        this.reshape(first, layer.output, result);
        break;
      case 'CONCATENATION':
        if (this.tensor(layer.output).shape.length === 4) throw new ModelFileError('joins pictures, not lists');
        this.nodes.push({
          op: 'Concat',
          inputs: layer.inputs.map(name),
          output: result,
          attributes: { axis: layer.axis },
        });
        break;
    }
    if (layer.relu) this.nodes.push({ op: 'Relu', inputs: [result], output: name(layer.output) });
  }

  private convolution(
    layer: LiteLayer & { op: 'CONV_2D' | 'DEPTHWISE_CONV_2D'; stride: readonly [number, number]; padding: LitePadding },
    first: number,
    result: string,
  ): void {
    const kernel = this.constant(layer.inputs[1]);
    const bias = this.constant(layer.inputs[2]);
    const [, height = 0, width = 0] = kernel.shape;
    const depthwise = layer.op === 'DEPTHWISE_CONV_2D';
    const outputs = this.channels(layer.output);
    const inputs = depthwise ? 1 : this.channels(first);
    const [sourceOutputs, sourceInputs] = depthwise ? [kernel.shape[3]!, 1] : [kernel.shape[0]!, kernel.shape[3]!];
    const values = new Float32Array(outputs * inputs * height * width);
    for (let o = 0; o < sourceOutputs; o++) {
      for (let i = 0; i < sourceInputs; i++) {
        for (let at = 0; at < height * width; at++) {
          const source = depthwise ? at * sourceOutputs + o : (o * height * width + at) * sourceInputs + i;
          values[(o * inputs + i) * height * width + at] = kernel.values[source]!;
        }
      }
    }
    const attributes = this.window({ ...layer, window: [height, width] }, first);
    this.convolve(name(first), result, [outputs, inputs, height, width], values, widen(bias.values, outputs), {
      ...attributes,
      group: depthwise ? outputs : 1,
    });
  }

  private prelu(first: number, slope: ConstantTensor, result: string): void {
    const channels = this.channels(first);
    const slopes = widen(slope.values, channels);
    const [positive, straight, bent] = [`${result}_relu`, `${result}_straight`, `${result}_bent`];
    const shape = [channels, 1, 1, 1];
    this.nodes.push({ op: 'Relu', inputs: [name(first)], output: positive });
    this.convolve(name(first), straight, shape, slopes, undefined, { group: channels });
    const complement = slopes.map((value) => 1 - value);
    this.convolve(positive, bent, shape, complement, undefined, { group: channels });
    this.nodes.push({ op: 'Add', inputs: [bent, straight], output: result });
  }

  private padChannels(first: number, amounts: ConstantTensor, output: number, result: string): void {
    const [n0, n1, h0, h1, w0, w1, before] = amounts.values;
    if (n0 || n1 || h0 || h1 || w0 || w1 || before) throw new ModelFileError('PAD adds more than channels at the end');
    const [from, to] = [this.channels(first), this.channels(output)];
    if (from === to) {
      this.nodes.push({ op: 'Identity', inputs: [name(first)], output: result });
      return;
    }
    const identity = new Float32Array(to * from);
    for (let i = 0; i < from; i++) identity[i * from + i] = 1;
    this.convolve(name(first), result, [to, from, 1, 1], identity, undefined, {});
  }

  private reshape(first: number, output: number, result: string): void {
    const lastAgain = `${result}_nhwc`;
    const shape = this.tensor(output).shape;
    this.nodes.push({ op: 'Transpose', inputs: [name(first)], output: lastAgain, attributes: { perm: [0, 2, 3, 1] } });
    this.constants.push({ name: `${result}_shape`, shape: [shape.length], values: BigInt64Array.from(shape, BigInt) });
    this.nodes.push({ op: 'Reshape', inputs: [lastAgain, `${result}_shape`], output: result });
  }

  private convolve(
    input: string,
    output: string,
    shape: readonly number[],
    weights: Float32Array,
    bias: Float32Array | undefined,
    attributes: NonNullable<OnnxNode['attributes']>,
  ): void {
    const inputs = [input, `${output}_weights`];
    this.constants.push({ name: `${output}_weights`, shape, values: weights });
    if (bias !== undefined) {
      inputs.push(`${output}_bias`);
      this.constants.push({ name: `${output}_bias`, shape: [bias.length], values: bias });
    }
    this.nodes.push({ op: 'Conv', inputs, output, attributes: { kernel_shape: shape.slice(2), ...attributes } });
  }

  /** Window, stride and explicit padding; SAME pads so that the output is ceil(size / stride), the odd pixel at the end. */
  private window(
    layer: { stride: readonly [number, number]; window: readonly [number, number]; padding: LitePadding },
    input: number,
  ): { kernel_shape: readonly number[]; strides: readonly number[]; pads: readonly number[] } {
    const { shape } = this.tensor(input);
    const total = [0, 1].map((axis) => {
      const [size, stride, window] = [shape[axis + 1]!, layer.stride[axis]!, layer.window[axis]!];
      return layer.padding === 'VALID' ? 0 : Math.max((Math.ceil(size / stride) - 1) * stride + window - size, 0);
    });
    const before = total.map((pad) => Math.floor(pad / 2));
    const after = total.map((pad) => Math.ceil(pad / 2));
    return { kernel_shape: layer.window, strides: layer.stride, pads: [...before, ...after] };
  }

  private tensor(index: number): LiteTensor {
    const tensor = this.network.tensors[index];
    if (tensor === undefined) throw new ModelFileError(`names a tensor ${index} that is not there`);
    return tensor;
  }

  private constant(index: number | undefined): ConstantTensor {
    const tensor = index === undefined ? undefined : this.tensor(index);
    if (tensor?.values === undefined) throw new ModelFileError('a layer lacks its weights');
    return { shape: tensor.shape, values: tensor.values };
  }

  private channels(index: number): number {
    const { shape } = this.tensor(index);
    if (shape.length !== 4) throw new ModelFileError(`a picture has ${shape.length} dimensions, not four`);
    return this.exact.has(index) ? shape[3]! : Math.ceil(shape[3]! / BLOCK) * BLOCK;
  }

  private shape(index: number): readonly number[] {
    const { shape } = this.tensor(index);
    const [batch, height, width, channels] = shape;
    return shape.length === 4 ? [batch!, channels!, height!, width!] : shape;
  }
}

type ConstantTensor = Required<Pick<LiteTensor, 'shape' | 'values'>>;

const name = (index: number): string => `t${index}`;

/** The values, followed by zeros up to a length. */
function widen(values: ArrayLike<number>, length: number): Float32Array {
  const out = new Float32Array(length);
  out.set(values);
  return out;
}
