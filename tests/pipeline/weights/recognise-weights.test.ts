import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { LITE0_NUMBERS, LITE0_TENSORS, lite0Graph } from '../../../pipeline/baselines/network/efficientnet-lite0.ts';
import { resnet50 } from '../../../pipeline/baselines/network/resnet50.ts';
import { readSafetensors, tensorsFor, writeSafetensors } from '../../../pipeline/baselines/network/safetensors.ts';
import { writeOnnx } from '../../../pipeline/onnx/onnx-model.ts';
import { KNOWN_WEIGHTS } from '../../../pipeline/weights/known-weights.ts';
import { recogniseWeights } from '../../../pipeline/weights/recognise-weights.ts';
import { parityWith } from '../../support/parity.ts';
import { hasShared, sharedPath } from '../../support/shared.ts';
import { formulaTensors, integerOf, numbersOf } from '../baselines/network/formula.ts';
import { goldenRows } from '../baselines/network/golden.ts';

/** The second network of MTCNN, small enough for every case; some tensors changed. */
const rnet = (change: (all: Map<string, { shape: readonly number[]; values: Float32Array }>) => void = () => {}) => {
  const kind = KNOWN_WEIGHTS.find(({ key }) => key === 'mtcnn-rnet')!;
  const all = new Map(
    [...kind.tensors].map(([name, shape]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, values: numbersOf(name, count, (u) => u) }] as const;
    }),
  );
  change(all);
  return writeSafetensors(all);
};

describe('weights are recognised by what they hold', () => {
  it('ResNet-50 of torchvision’s names, with weights from a formula', () => {
    const network = resnet50(1000);
    const values = formulaTensors(network);
    const shapes = new Map([...network.parameters, ...network.statistics]);
    const file = writeSafetensors(
      new Map([...shapes].map(([name, shape]) => [name, { shape, values: values.get(name)! }])),
    );
    expect(recogniseWeights(file).key).toBe('resnet50-imagenet');
  });

  it.skipIf(!hasShared).each([
    ['efficientnet-lite0', 'lite0/efficientnet-lite0'],
    ['mtcnn-pnet', 'mtcnn/pnet'],
    ['mtcnn-rnet', 'mtcnn/rnet'],
    ['mtcnn-onet', 'mtcnn/onet'],
  ])('%s as a user would fetch it (shared models; skipped where they are absent)', (key, path) => {
    expect(recogniseWeights(readFileSync(sharedPath('models', `${path}.safetensors`))).key).toBe(key);
  });

  const shape = (name: string, to: readonly number[]) =>
    rnet((all) => void all.set(name, { shape: to, values: new Float32Array(to.reduce((a, b) => a * b, 1)) }));
  it.each<[string, () => Uint8Array, string]>([
    [
      'a missing tensor',
      () => rnet((all) => void all.delete('dense4.bias')),
      'It is nearest to MTCNN, second network, but: The file has no dense4.bias.',
    ],
    [
      'one of another shape',
      () => shape('conv3.weight', [64, 48, 3, 3]),
      'conv3.weight is of 64 x 48 x 3 x 3 in the file, and of 64 x 48 x 2 x 2 in the network.',
    ],
    ['one too many', () => shape('extra.weight', [3]), 'extra.weight is none of its tensors.'],
    [
      'a number that is none',
      () => rnet((all) => void all.get('conv1.bias')!.values.fill(Number.NaN, 5, 6)),
      'conv1.bias: number 5 is not finite.',
    ],
    ['a file that ends too early', () => rnet().subarray(0, -4), 'outside the file'],
    [
      'something else altogether',
      () => writeSafetensors(new Map([['w', { shape: [1], values: Float32Array.of(1) }]])),
      'These are none of the weights that are known',
    ],
    ['no safetensors file', () => Buffer.from('no weights at all'), 'The header is said to have'],
  ])('%s is named', (_what, file, message) => {
    expect(() => recogniseWeights(file())).toThrow(message);
  });
});

describe.skipIf(!hasShared)('EfficientNet-Lite0 (shared models; skipped where they are absent)', () => {
  it('answers as its original does', async () => {
    const file = readSafetensors(readFileSync(sharedPath('models', 'lite0', 'efficientnet-lite0.safetensors')));
    const session = await InferenceSession.create(writeOnnx(lite0Graph(tensorsFor(LITE0_TENSORS, file))));
    const side = 224;
    const picture = Float32Array.from({ length: 3 * side * side }, (_, i) => {
      const [c, y, x] = [Math.floor(i / (side * side)), Math.floor(i / side) % side, i % side];
      const at = integerOf('image224x224', (y * side + x) * 3 + c) & 31;
      return (((3 * x + 5 * y + 40 * c + at) & 255) - 127) / 128;
    });
    const inputs: Record<string, Float32Array> = {
      noise: numbersOf('lite0.input', 3 * side * side, (u) => u),
      image: picture,
    };
    for (const [name, input] of Object.entries(inputs)) {
      const results = await session.run({ image: new Tensor('float32', input, [1, 3, side, side]) });
      expect(results.features!.data.length).toBe(LITE0_NUMBERS);
      for (const what of ['features', 'logits']) {
        const parity = parityWith('networks/lite0_eval.tsv', `${name}: ${what}`, 5e-5);
        for (const row of goldenRows('lite0_eval.tsv').filter((one) => one.input === name && one.what === what))
          parity.add((results[what]!.data as Float32Array)[Number(row.index)]! - Number(row.f64));
        parity.end();
      }
    }
    await session.release();
  }, 60_000);
});
