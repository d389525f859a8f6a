import { LANDMARK_VALUES } from '../../../governance/modality.ts';
import type { BaselineKey } from '../../published/baselines.ts';
import { type Network, NetworkBuilder } from './network.ts';
import { resnet50Trunk } from './resnet50.ts';

/** Numbers that a model reads of a row, beside its picture. */
/** Nine scores, sex, skin type and timeframe. */
export const SCORE_NUMBERS = 12;
export const AUDIO_NUMBERS = 25;

/**
 * What looks at the picture. `resnet50` is trained with the rest, as in the paper; `embedding` stands for a picture that
 * a fixed network has turned into numbers already, so that a desk can train in minutes.
 */
export type Backbone =
  | { readonly kind: 'resnet50'; readonly size: number }
  | { readonly kind: 'embedding'; readonly numbers: number };

/** Experiments that are neural networks. */
export type NetworkKey = Exclude<BaselineKey, 'random-forest-landmarks' | 'random-forest-pain'>;

/** What of a row each of them reads, by the names of the networks' inputs. */
export const NETWORK_INPUTS: Readonly<Record<NetworkKey, readonly ('image' | 'landmarks' | 'scores' | 'audio')[]>> = {
  'resnet50-4-static': ['image'],
  'resnet50-2-static': ['image'],
  'fusion-1': ['image', 'landmarks'],
  'fusion-2': ['image', 'landmarks', 'scores'],
  'fusion-3': ['image', 'landmarks', 'scores'],
  'static-audio': ['image', 'audio'],
};

/**
 * Widths where the paper is silent: appendix F draws these networks without numbers.
 */
const HEAD = 64;
const PART = 32;
const LINE = { channels: [8, 16], kernel: 5, stride: 2, pad: 2 } as const;

/** The network of an experiment (paper, section 4 and appendix F). */
export const networkOf = (key: NetworkKey, classes: number, backbone: Backbone): Network => {
  const builder = new NetworkBuilder();
  switch (key) {
    case 'resnet50-4-static':
    case 'resnet50-2-static':
      return builder.build(builder.linear('fc', pooled(builder, backbone), classes));
    case 'fusion-1':
    case 'fusion-2': {
      // The picture's own logits beside the raw numbers, early fusion.
      const logits = builder.linear('fc', pooled(builder, backbone), classes);
      const raw = [
        builder.input('landmarks', [LANDMARK_VALUES]),
        ...(key === 'fusion-2' ? [builder.input('scores', [SCORE_NUMBERS])] : []),
      ];
      const hidden = builder.relu(builder.linear('head1', builder.concat(logits, ...raw), HEAD));
      return builder.build(builder.linear('head2', hidden, classes));
    }
    case 'fusion-3': {
      const landmarks = part(builder, 'lm', builder.input('landmarks', [LANDMARK_VALUES]), PART);
      const scores = part(builder, 'scores', builder.input('scores', [SCORE_NUMBERS]), PART / 2);
      return builder.build(line(builder, [featureMap(builder, backbone), landmarks, scores], classes));
    }
    case 'static-audio':
      return builder.build(
        line(
          builder,
          [featureMap(builder, backbone), part(builder, 'audio', builder.input('audio', [AUDIO_NUMBERS]), PART)],
          classes,
        ),
      );
  }
};

const part = (builder: NetworkBuilder, name: string, from: number, width: number): number =>
  builder.relu(builder.linear(name, from, width));

/** A fixed network's numbers have any scale: normalised by what training has seen of them. */
const embedded = (builder: NetworkBuilder, numbers: number): number =>
  builder.flatten(builder.batchNorm('embedding', builder.reshape(builder.input('image', [numbers]), [numbers, 1, 1])));

/** The picture's numbers after the mean over space. */
const pooled = (builder: NetworkBuilder, backbone: Backbone): number =>
  backbone.kind === 'embedding'
    ? embedded(builder, backbone.numbers)
    : resnet50Trunk(builder, builder.input('image', [3, backbone.size, backbone.size]), { prefix: 'backbone.' }).end;

/** The feature map that the paper calls `layer-4-conv2D-1`, as a line of numbers. */
const featureMap = (builder: NetworkBuilder, backbone: Backbone): number => {
  if (backbone.kind === 'embedding') return embedded(builder, backbone.numbers);
  const { size } = backbone;
  const map = resnet50Trunk(builder, builder.input('image', [3, size, size]), {
    prefix: 'backbone.',
    end: 'layer4.0.conv1',
  }).end;
  return builder.flatten(map);
};

/** The convolutional head over everything in a line, as one channel. */
const line = (builder: NetworkBuilder, parts: readonly number[], classes: number): number => {
  const whole = builder.concat(...parts);
  const { channels, kernel, stride, pad } = LINE;
  const first = builder.relu(builder.conv1d('head1', builder.asLine(whole), channels[0], kernel, stride, pad));
  const second = builder.relu(builder.conv1d('head2', first, channels[1], kernel, stride, pad));
  return builder.linear('out', builder.mean(second), classes);
};
