import { describe, expect, it } from 'vitest';
import { type Network, NetworkBuilder } from '../../../../pipeline/baselines/network/network.ts';
import { onnxForward } from '../../../../pipeline/baselines/network/onnx-forward.ts';
import { onnxTrainer } from '../../../../pipeline/baselines/network/onnx-trainer.ts';
import { parityWith } from '../../../support/parity.ts';
import { hasShared } from '../../../support/shared.ts';
import { formulaTensors, numbersOf } from './formula.ts';
import { goldenRows } from './golden.ts';

/** The small networks of golden/README.md, which have every layer that the fusion models are made of. */
const map = (builder: NetworkBuilder): number => {
  const stem = builder.batchNorm(
    'bn1',
    builder.conv('conv1', builder.input('image', [3, 32, 32]), 8, { kernel: 3, stride: 2, pad: 1 }),
  );
  const pooled = builder.maxPool(builder.relu(stem), 3, 2, 1);
  return builder.relu(builder.batchNorm('bn2', builder.conv('conv2', pooled, 16, { kernel: 3, stride: 2, pad: 1 })));
};

const NETWORKS: Record<string, () => Network> = {
  fusion1() {
    const builder = new NetworkBuilder();
    const logits = builder.linear('fc', builder.mean(map(builder)), 2);
    const both = builder.concat(logits, builder.input('landmarks', [1404]));
    return builder.build(builder.linear('head2', builder.relu(builder.linear('head1', both, 64)), 2));
  },
  fusion3() {
    const builder = new NetworkBuilder();
    const picture = builder.reshape(map(builder), [256]);
    const landmarks = builder.relu(builder.linear('lm', builder.input('landmarks', [1404]), 32));
    const scores = builder.relu(builder.linear('scores', builder.input('scores', [12]), 16));
    const line = builder.reshape(builder.concat(picture, landmarks, scores), [1, 1, 304]);
    const first = builder.relu(builder.conv1d('head1', line, 8, 5, 2, 2));
    const second = builder.relu(builder.conv1d('head2', first, 16, 5, 2, 2));
    return builder.build(builder.linear('out', builder.mean(second), 2));
  },
};

const batchOf = (step: number, network: Network): Record<string, Float32Array> => {
  const inputs: Record<string, Float32Array> = {
    image: numbersOf(`fusion.image.${step}`, 16 * 3 * 32 * 32, (u) => 2 * u),
    landmarks: numbersOf(`fusion.landmarks.${step}`, 16 * 1404, (u) => 0.5 + 0.5 * u),
    scores: numbersOf(`fusion.scores.${step}`, 16 * 12, (u) => 5 + 5 * u),
  };
  const read = new Set(network.layers.flatMap((layer) => (layer.kind === 'input' ? [layer.name] : [])));
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => read.has(name)));
};

describe.skipIf(!hasShared)('a fusion network (shared reference results; skipped where they are absent)', () => {
  it.each(Object.keys(NETWORKS))('%s learns as torch does, five batches', async (name) => {
    const network = NETWORKS[name]!();
    const tensors = formulaTensors(network);
    const trainer = onnxTrainer(network, tensors, { rate: 1e-4, norms: 'batch' });
    const labels = Array.from({ length: 16 }, (_, row) => row % 2);
    const logits = new Map<string, Float32Array>();
    const losses: number[] = [];
    for (let step = 1; step <= 5; step++) {
      const said = await trainer.step(batchOf(step, network), labels);
      losses.push(said.loss);
      logits.set(String(step), said.logits.slice());
    }
    await trainer.close();
    const pass = await onnxForward(network, tensors, { batch: 16 });
    logits.set('eval', (await pass.run(batchOf(1, network)))[0]!);
    await pass.close();

    const golden = (file: string, what: string, tolerance: number) =>
      parityWith(`networks/fusion_${file}.tsv`, `${name}: ${what}`, tolerance);
    const losing = golden('loss', 'losses', 2e-6);
    for (const row of goldenRows('fusion_loss.tsv').filter(({ model }) => model === name))
      losing.add(losses[Number(row.step) - 1]! - Number(row.loss_f64));
    losing.end();
    const answering = golden('logits', 'logits', 5e-6);
    for (const row of goldenRows('fusion_logits.tsv').filter(({ model }) => model === name)) {
      const value = logits.get(row.step!)![Number(row.row) * 2 + Number(row.class)]!;
      answering.add(value - Number(row.f64));
    }
    answering.end();
    const ending = golden('end', 'sums of tensors after five steps', 1e-4);
    for (const row of goldenRows('fusion_end.tsv').filter(({ model }) => model === name)) {
      if (row.tensor!.endsWith('num_batches_tracked')) continue;
      const sum = tensors.get(row.tensor!)!.reduce((all, value) => all + value, 0);
      ending.add(sum - Number(row.sum_f64), 1e-4, row.tensor);
    }
    ending.end();
  });
});

describe('a trainer', () => {
  const tiny = (): Network => {
    const builder = new NetworkBuilder();
    return builder.build(builder.linear('fc', builder.input('numbers', [3]), 2));
  };
  const options = { rate: 1e-2, norms: 'batch' as const };

  it('says which tensor is missing or has another size', () => {
    expect(() => onnxTrainer(tiny(), new Map(), options)).toThrow('fc.weight is missing, or not of 2 x 3');
  });

  it('takes no label that is no class, and no input of another size', async () => {
    const trainer = onnxTrainer(tiny(), formulaTensors(tiny()), options);
    const numbers = new Float32Array(6);
    await expect(trainer.step({ numbers }, [0, 2])).rejects.toThrow('The label 2 of row 1 is none of 2 classes');
    await expect(trainer.step({ numbers: new Float32Array(5) }, [0, 1])).rejects.toThrow(
      'numbers is not 2 x 3 numbers',
    );
    await trainer.close();
  });

  it('leaves alone what is not trained, and learns the rest', async () => {
    const network = NETWORKS.fusion1!();
    const tensors = formulaTensors(network);
    const before = new Map([...tensors].map(([name, values]) => [name, values.slice()]));
    const isTrained = (name: string): boolean => name.startsWith('head');
    const trainer = onnxTrainer(network, tensors, { rate: 1e-3, norms: 'running', isTrained });
    const labels = Array.from({ length: 16 }, (_, row) => row % 2);
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) losses.push((await trainer.step(batchOf(1, network), labels)).loss);
    await trainer.close();
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
    for (const [name, values] of tensors)
      expect([name, Buffer.from(values.buffer).equals(Buffer.from(before.get(name)!.buffer))]).toEqual([
        name,
        !isTrained(name),
      ]);
  });
});
