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

/** Where a trunk ends: after the mean over space (2,048 numbers), or after the first convolution of layer 4 (512 channels). */
export type TrunkEnd = 'mean' | 'layer4.0.conv1';

/**
 * Adds torchvision's resnet50 without its last layer: the stride of a bottleneck lies in its 3 x 3 convolution.
 * @param prefix of the names, such as `backbone.`
 * @returns place of its end, and of the results of its layers
 */
export const resnet50Trunk = (
  builder: NetworkBuilder,
  image: number,
  { prefix = '', end = 'mean' }: { prefix?: string; end?: TrunkEnd } = {},
): { readonly end: number; readonly layers: readonly number[] } => {
  const stem = builder.batchNorm(
    `${prefix}bn1`,
    builder.conv(`${prefix}conv1`, image, 64, { kernel: 7, stride: 2, pad: 3 }),
  );
  let at = builder.maxPool(builder.relu(stem), 3, 2, 1);
  const layers: number[] = [];
  for (const [index, { blocks, channels, stride }] of LAYERS.entries()) {
    for (let block = 0; block < blocks; block++) {
      const name = `layer${index + 1}.${block}`;
      const full = prefix + name;
      const step = block === 0 ? stride : 1;
      const conv1 = builder.conv(`${full}.conv1`, at, channels, { kernel: 1 });
      if (`${name}.conv1` === end) return { end: conv1, layers };
      const conv2 = builder.conv(`${full}.conv2`, builder.relu(builder.batchNorm(`${full}.bn1`, conv1)), channels, {
        kernel: 3,
        stride: step,
        pad: 1,
      });
      const conv3 = builder.conv(
        `${full}.conv3`,
        builder.relu(builder.batchNorm(`${full}.bn2`, conv2)),
        channels * EXPANSION,
        { kernel: 1 },
      );
      const straight =
        block === 0
          ? builder.batchNorm(
              `${full}.downsample.1`,
              builder.conv(`${full}.downsample.0`, at, channels * EXPANSION, { kernel: 1, stride: step }),
            )
          : at;
      at = builder.relu(builder.plus(builder.batchNorm(`${full}.bn3`, conv3), straight));
    }
    layers.push(at);
  }
  return { end: builder.mean(at), layers };
};

/** torchvision's resnet50 with as many classes, over pictures of 3 x size x size. */
export const resnet50 = (classes: number, size = 224): Network => {
  const builder = new NetworkBuilder();
  const image = builder.input('image', [3, size, size]);
  return builder.build(builder.linear('fc', resnet50Trunk(builder, image).end, classes));
};
