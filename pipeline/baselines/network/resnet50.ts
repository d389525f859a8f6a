import { type Network, NetworkBuilder } from './network.ts';

/** Bottlenecks of each of the four layers, and the channels of their 3 x 3 convolutions (He et al. 2016, table 1). */
const LAYERS = [
  { blocks: 3, channels: 64, stride: 1 },
  { blocks: 4, channels: 128, stride: 2 },
  { blocks: 6, channels: 256, stride: 2 },
  { blocks: 3, channels: 512, stride: 2 },
] as const;

/** A bottleneck puts out four times its channels. */
const EXPANSION = 4;

/**
 * Adds torchvision's resnet50 up to the mean over space: the stride of a bottleneck lies in its 3 x 3 convolution.
 * @param prefix of the names, such as `backbone.`
 * @returns places of the mean (2,048 numbers), and of the first 1 x 1 convolution of layer 4, which the paper's
 *   Fusion 3 calls `layer-4-conv2D-1`
 */
export const resnet50Trunk = (
  builder: NetworkBuilder,
  image: number,
  prefix = '',
): { readonly mean: number; readonly layer4Conv1: number; readonly layers: readonly number[] } => {
  const stem = builder.batchNorm(
    `${prefix}bn1`,
    builder.conv(`${prefix}conv1`, image, 64, { kernel: 7, stride: 2, pad: 3 }),
  );
  let at = builder.maxPool(builder.relu(stem), 3, 2, 1);
  let layer4Conv1 = -1;
  const layers: number[] = [];
  for (const [index, { blocks, channels, stride }] of LAYERS.entries()) {
    for (let block = 0; block < blocks; block++) {
      const name = `${prefix}layer${index + 1}.${block}`;
      const step = block === 0 ? stride : 1;
      const conv1 = builder.conv(`${name}.conv1`, at, channels, { kernel: 1 });
      if (index === 3 && block === 0) layer4Conv1 = conv1;
      const conv2 = builder.conv(`${name}.conv2`, builder.relu(builder.batchNorm(`${name}.bn1`, conv1)), channels, {
        kernel: 3,
        stride: step,
        pad: 1,
      });
      const conv3 = builder.conv(
        `${name}.conv3`,
        builder.relu(builder.batchNorm(`${name}.bn2`, conv2)),
        channels * EXPANSION,
        { kernel: 1 },
      );
      const straight =
        block === 0
          ? builder.batchNorm(
              `${name}.downsample.1`,
              builder.conv(`${name}.downsample.0`, at, channels * EXPANSION, { kernel: 1, stride: step }),
            )
          : at;
      at = builder.relu(builder.plus(builder.batchNorm(`${name}.bn3`, conv3), straight));
    }
    layers.push(at);
  }
  return { mean: builder.mean(at), layer4Conv1, layers };
};

/** torchvision's resnet50 with as many classes, over pictures of 3 x size x size. */
export const resnet50 = (classes: number, size = 224): Network => {
  const builder = new NetworkBuilder();
  const image = builder.input('image', [3, size, size]);
  return builder.build(builder.linear('fc', resnet50Trunk(builder, image).mean, classes));
};
