import { GraphWriter } from '../../onnx/graph-writer.ts';
import type { OnnxGraph } from '../../onnx/onnx-model.ts';
import type { Tensors } from './backend.ts';
import type { Shape } from './network.ts';

/** Stages of EfficientNet-Lite0 (tensorflow/tpu, efficientnet/lite): how often, kernel, stride of the first, growth inside, channels. */
const STAGES = [
  { repeat: 1, kernel: 3, stride: 1, grow: 1, out: 16 },
  { repeat: 2, kernel: 3, stride: 2, grow: 6, out: 24 },
  { repeat: 2, kernel: 5, stride: 2, grow: 6, out: 40 },
  { repeat: 3, kernel: 3, stride: 2, grow: 6, out: 80 },
  { repeat: 3, kernel: 5, stride: 1, grow: 6, out: 112 },
  { repeat: 4, kernel: 5, stride: 2, grow: 6, out: 192 },
  { repeat: 1, kernel: 3, stride: 1, grow: 6, out: 320 },
] as const;
const STEM = 32;
const EPSILON = 1e-3;

/** Pixels along each side, and numbers after the mean over space. */
export const LITE0_SIDE = 224;
export const LITE0_NUMBERS = 1280;

/** What a block of convolutions is made with: one that only notes tensors, and one that writes a graph. */
interface Maker {
  /** Convolution, batch norm and, where asked, ReLU6. */
  conv(
    name: string,
    norm: string,
    from: string,
    of: { into: number; out: number; kernel: number; stride: number; depthwise: boolean; relu: boolean; size: number },
  ): string;
  add(a: string, b: string): string;
}

/** @returns the last feature map, 1,280 channels */
const features = (make: Maker, image: string): string => {
  let size = LITE0_SIDE;
  const plain = { kernel: 1, stride: 1, depthwise: false, relu: true };
  let at = make.conv('_conv_stem', '_bn0', image, { ...plain, into: 3, out: STEM, kernel: 3, stride: 2, size });
  size /= 2;
  let channels: number = STEM;
  let block = 0;
  for (const { repeat, kernel, stride, grow, out } of STAGES) {
    for (let again = 0; again < repeat; again++, block++) {
      const name = `_blocks.${block}.`;
      const step = again === 0 ? stride : 1;
      const inner = channels * grow;
      let inside = at;
      if (grow > 1)
        inside = make.conv(`${name}_expand_conv`, `${name}_bn0`, at, { ...plain, into: channels, out: inner, size });
      inside = make.conv(`${name}_depthwise_conv`, `${name}_bn1`, inside, {
        ...{ into: inner, out: inner, kernel, stride: step, depthwise: true, relu: true, size },
      });
      size /= step;
      inside = make.conv(`${name}_project_conv`, `${name}_bn2`, inside, {
        ...{ ...plain, into: inner, out, relu: false, size },
      });
      at = step === 1 && channels === out ? make.add(inside, at) : inside;
      channels = out;
    }
  }
  return make.conv('_conv_head', '_bn1', at, { ...plain, into: channels, out: LITE0_NUMBERS, size });
};

/** Names and shapes of its tensors, the classifier's among them. */
export const LITE0_TENSORS: ReadonlyMap<string, Shape> = (() => {
  const tensors = new Map<string, Shape>();
  features(
    {
      conv: (name, norm, _from, { into, out, kernel, depthwise }) => {
        tensors.set(`${name}.weight`, [out, depthwise ? 1 : into, kernel, kernel]);
        for (const tensor of ['weight', 'bias', 'running_mean', 'running_var']) tensors.set(`${norm}.${tensor}`, [out]);
        return name;
      },
      add: (a) => a,
    },
    '',
  );
  return tensors.set('_fc.weight', [1000, LITE0_NUMBERS]).set('_fc.bias', [1000]);
})();

/** Input `image` 1 x 3 x 224 x 224, each value (byte - 127) / 128; output `features`, 1 x 1,280, and `logits`, 1 x 1,000. */
export const lite0Graph = (tensors: Tensors): OnnxGraph => {
  const graph = new GraphWriter();
  const image = graph.input('image', [1, 3, LITE0_SIDE, LITE0_SIDE]);
  for (const [name, shape] of LITE0_TENSORS) graph.tensor(name, shape, tensors.get(name) as Float32Array);
  const map = features(
    {
      conv(name, norm, from, { out, kernel, stride, depthwise, relu, size }) {
        // TensorFlow's SAME: what is odd goes to the right and below.
        const over = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
        const [before, after] = [Math.floor(over / 2), Math.ceil(over / 2)];
        const convolved = graph.apply('Conv', [from, `${name}.weight`], {
          kernel_shape: [kernel, kernel],
          strides: [stride, stride],
          pads: [before, before, after, after],
          group: depthwise ? out : 1,
        });
        const normed = graph.apply(
          'BatchNormalization',
          [convolved, ...['weight', 'bias', 'running_mean', 'running_var'].map((tensor) => `${norm}.${tensor}`)],
          { epsilon: { float: EPSILON } },
        );
        return relu ? graph.apply('Clip', [normed, graph.scalar(0), graph.scalar(6)]) : normed;
      },
      add: (a, b) => graph.apply('Add', [a, b]),
    },
    image,
  );
  const mean = graph.apply('ReduceMean', [map], { axes: [2, 3], keepdims: 0 });
  graph.output('features', mean, [1, LITE0_NUMBERS]);
  graph.output('logits', graph.apply('Gemm', [mean, '_fc.weight', '_fc.bias'], { transB: 1 }), [1, 1000]);
  return graph.graph();
};
