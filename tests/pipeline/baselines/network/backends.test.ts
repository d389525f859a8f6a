import * as cpu from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
// The union package, and so tfjs-node, registers these itself.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PatientFacts } from '../../../../pipeline/baselines/evaluate.ts';
import type { Backend } from '../../../../pipeline/baselines/network/backend.ts';
import { findBackends, ONNX_BACKEND } from '../../../../pipeline/baselines/network/backend-at-hand.ts';
import { initialTensors } from '../../../../pipeline/baselines/network/initial-tensors.ts';
import { networkOf } from '../../../../pipeline/baselines/network/models.ts';
import { type Network, NetworkBuilder, product } from '../../../../pipeline/baselines/network/network.ts';
import { runNetworkExperiment } from '../../../../pipeline/baselines/network/network-experiment.ts';
import { tfjsBackend } from '../../../../pipeline/baselines/network/tfjs-backend.ts';
import { foldsOf } from '../../../../pipeline/labels/folds.ts';
import { numbersOf } from './formula.ts';

/** Every backend keeps this contract. The slow one of TensorFlow.js has the same operations as tfjs-node and tfjs-node-gpu, which no registry alone can install. */
const BACKENDS: Record<string, Backend> = {
  'onnxruntime-node': ONNX_BACKEND,
  'TensorFlow.js': tfjsBackend(tf, { name: 'tfjs cpu', gpu: false }),
};
beforeAll(async () => {
  expect(cpu.version_cpu).toBe(tf.version_core);
  await tf.setBackend('cpu');
});

/** A bottleneck of ResNet-50 with its stem: convolutions of 7, 3 and 1, stride 2, max pooling, a way round, sums. */
const block = (): Network => {
  const builder = new NetworkBuilder();
  const norm = (name: string, from: number): number => builder.batchNorm(name, from);
  const stem = builder.conv('conv1', builder.input('image', [3, 20, 18]), 4, { kernel: 7, stride: 2, pad: 3 });
  const pooled = builder.maxPool(builder.relu(norm('bn1', stem)), 3, 2, 1);
  const one = builder.relu(norm('bn2', builder.conv('conv2', pooled, 3, { kernel: 1 })));
  const two = builder.relu(norm('bn3', builder.conv('conv3', one, 3, { kernel: 3, stride: 2, pad: 1 })));
  const three = norm('bn4', builder.conv('conv4', two, 6, { kernel: 1 }));
  const round = norm('down', builder.conv('downsample', pooled, 6, { kernel: 1, stride: 2 }));
  return builder.build(builder.linear('fc', builder.mean(builder.relu(builder.plus(three, round))), 2));
};
const small = { kind: 'embedding', numbers: 24 } as const;
const NETWORKS: Record<string, () => Network> = {
  'a block of ResNet-50': block,
  'fusion 1': () => networkOf('fusion-1', 2, small),
  'fusion 3': () => networkOf('fusion-3', 4, small),
  'static audio': () => networkOf('static-audio', 2, small),
};
const BATCH = 6;
const batchOf = (network: Network, step: number): Record<string, Float32Array> =>
  Object.fromEntries(
    network.layers.flatMap((layer, place) =>
      layer.kind === 'input'
        ? [[layer.name, numbersOf(`${layer.name}.${step}`, BATCH * product(network.shapes[place]!), (u) => u)] as const]
        : [],
    ),
  );
const worst = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  Array.from(one).reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);

/** What three steps and an evaluation say. */
async function trained(backend: Backend, network: Network, norms: 'batch' | 'running') {
  const tensors = initialTensors(network, 5, 1);
  const classes = network.shapes[network.output]![0]!;
  const trainer = backend.trainer(network, tensors, { rate: 1e-3, norms });
  const labels = Array.from({ length: BATCH }, (_, row) => row % classes);
  const losses: number[] = [];
  const gradients = new Map<string, Float32Array>();
  for (let step = 1; step <= 3; step++) {
    losses.push((await trainer.step(batchOf(network, step), labels)).loss);
    if (step === 1) for (const [name, values] of trainer.gradients) gradients.set(name, values.slice());
  }
  await trainer.close();
  const pass = await backend.forward(network, tensors, { batch: BATCH });
  const [logits] = await pass.run(batchOf(network, 1));
  await pass.close();
  return { losses, gradients, tensors, logits: logits! };
}

describe.each(Object.keys(NETWORKS))('%s', (name) => {
  it.each(['batch', 'running'] as const)('learns alike on every backend, with norms by %s', async (norms) => {
    const network = NETWORKS[name]!();
    const [one, other] = await Promise.all(Object.values(BACKENDS).map((each) => trained(each, network, norms)));
    expect(worst(one!.losses, other!.losses)).toBeLessThan(5e-5);
    expect([...one!.gradients.keys()].sort()).toEqual([...other!.gradients.keys()].sort());
    for (const [tensor, values] of one!.gradients) {
      const scale = Math.max(Math.hypot(...values), 1e-3);
      expect(worst(values, other!.gradients.get(tensor)!) / scale, tensor).toBeLessThan(1e-4);
    }
    // Adam moves a tensor whose gradient is nothing but rounding by its sign: three steps of 1e-3 each.
    for (const [tensor, values] of one!.tensors)
      expect(worst(values, other!.tensors.get(tensor)!), tensor).toBeLessThan(6.1e-3);
    expect(worst(one!.logits, other!.logits)).toBeLessThan(5e-3);
  });
});

describe.each(Object.entries(BACKENDS))('%s', (_, backend) => {
  const tiny = (): Network => {
    const builder = new NetworkBuilder();
    return builder.build(builder.linear('fc', builder.input('numbers', [3]), 2));
  };
  const options = { rate: 1e-2, norms: 'batch' as const };

  it('gives the same again from the same seed, bit for bit', async () => {
    const [one, again] = [await trained(backend, block(), 'batch'), await trained(backend, block(), 'batch')];
    expect(again).toEqual(one);
  });

  it('names the tensor that is missing, the label that is no class, and the input of another size', async () => {
    const network = tiny();
    expect(() => backend.trainer(network, new Map(), options)).toThrow('fc.weight is missing, or not of 2 x 3');
    await expect(backend.forward(network, new Map(), { batch: 1 })).rejects.toThrow('fc.weight is missing');
    const trainer = backend.trainer(network, initialTensors(network, 1, 1), options);
    const numbers = new Float32Array(6);
    await expect(trainer.step({ numbers }, [0, 2])).rejects.toThrow('The label 2 of row 1 is none of 2 classes');
    await expect(trainer.step({ numbers: numbers.subarray(1) }, [0, 1])).rejects.toThrow(
      'numbers is not 2 x 3 numbers',
    );
    await trainer.close();
  });

  it('leaves alone what is not trained, and keeps nothing of a step', async () => {
    const network = networkOf('fusion-1', 2, small);
    const tensors = initialTensors(network, 5, 1);
    const before = new Map([...tensors].map(([name, values]) => [name, values.slice()]));
    const isTrained = (tensor: string): boolean => tensor.startsWith('head');
    const trainer = backend.trainer(network, tensors, { rate: 1e-3, norms: 'running', isTrained });
    await trainer.step(batchOf(network, 1), [0, 1, 0, 1, 0, 1]);
    const { numTensors } = tf.memory();
    await trainer.step(batchOf(network, 1), [0, 1, 0, 1, 0, 1]);
    expect(tf.memory().numTensors).toBe(numTensors);
    await trainer.close();
    for (const [name, values] of tensors)
      expect([name, worst(values, before.get(name)!) > 0]).toEqual([name, isTrained(name)]);
  });

  it('runs an experiment: every withheld patient is predicted, and the giveaway of a class is learnt', async () => {
    const patients = Array.from(
      { length: 6 },
      (_, i): PatientFacts => ({
        ...{ patient: `P${i}`, painLevel: i % 2 === 0 ? 'NONE' : 'SEVERE' },
        ...{ sex: 'F', skinType: 'I_III', sourceDevice: null },
      }),
    );
    const codes = patients.flatMap(({ patient }) => Array<string>(8).fill(patient));
    const result = await runNetworkExperiment(
      'resnet50-2-static',
      networkOf('resnet50-2-static', 2, { kind: 'embedding', numbers: 4 }),
      {
        ...{ patients, seed: 3, classes: 2, rate: 5e-2, epochs: 20, backend },
        rows: {
          patients: codes,
          inputs: async (wanted) => ({
            image: Float32Array.from({ length: wanted.length * 4 }, (_, at) => {
              const row = wanted[Math.floor(at / 4)]!;
              return (Number(codes[row]!.slice(1)) % 2) + ((row * 7 + at) % 5) / 10;
            }),
          }),
        },
        folds: foldsOf([
          ['P0', 'P1'],
          ['P2', 'P3'],
          ['P4', 'P5'],
        ]),
      },
    );
    expect([result.evaluation.patients, result.evaluation.overall]).toEqual([6, 1]);
  });
});

describe('the backend in use', () => {
  const absent = (name: string) =>
    Promise.reject(Object.assign(new Error(`no ${name}`), { code: 'ERR_MODULE_NOT_FOUND' }));

  it('is onnxruntime where TensorFlow’s are not installed, and says which are not', async () => {
    const { used, missing } = await findBackends(absent);
    expect(used).toBe(ONNX_BACKEND);
    expect(missing).toEqual([
      { name: '@tensorflow/tfjs-node-gpu', why: 'not installed' },
      { name: '@tensorflow/tfjs-node', why: 'not installed' },
    ]);
  });

  it('is the first of TensorFlow’s that loads; one that is there and does not load is said with its reason', async () => {
    const { used, missing } = await findBackends((name) =>
      name.endsWith('gpu') ? Promise.reject(new Error('libcudart is missing\nmore')) : Promise.resolve({ default: tf }),
    );
    expect([used.name, used.gpu]).toEqual(['@tensorflow/tfjs-node', false]);
    expect(missing).toEqual([
      { name: '@tensorflow/tfjs-node-gpu', why: 'installed, but it does not load: libcudart is missing' },
    ]);
  });
});
