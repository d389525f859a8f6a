import { describe, expect, it } from 'vitest';
import { LANDMARK_VALUES } from '../../../../governance/modality.ts';
import type { PatientFacts } from '../../../../pipeline/baselines/evaluate.ts';
import { initialTensors } from '../../../../pipeline/baselines/network/initial-tensors.ts';
import {
  AUDIO_NUMBERS,
  NETWORK_INPUTS,
  type NetworkKey,
  networkOf,
  SCORE_NUMBERS,
} from '../../../../pipeline/baselines/network/models.ts';
import { product } from '../../../../pipeline/baselines/network/network.ts';
import {
  type NetworkRows,
  type NetworkRunOptions,
  runNetworkExperiment,
} from '../../../../pipeline/baselines/network/network-experiment.ts';
import { foldsOf } from '../../../../pipeline/labels/folds.ts';
import { seededRandom } from '../../../../pipeline/labels/seeded-random.ts';

const EMBEDDING = 24;
const SIZES = { image: EMBEDDING, landmarks: LANDMARK_VALUES, scores: SCORE_NUMBERS, audio: AUDIO_NUMBERS };
const KEYS = Object.keys(NETWORK_INPUTS) as NetworkKey[];

const patients: PatientFacts[] = Array.from({ length: 8 }, (_, index) => ({
  patient: `P${index}`,
  painLevel: index % 2 === 0 ? 'NONE' : 'SEVERE',
  sex: 'F',
  skinType: 'I_III',
  sourceDevice: null,
}));
const folds = foldsOf([
  ['P0', 'P1'],
  ['P2', 'P3'],
  ['P4', 'P5'],
  ['P6', 'P7'],
]);

/** Twenty rows a patient; a quarter of each input's numbers says whether they are in pain, where it is told. */
const rowsOf = (key: NetworkKey, told: boolean): NetworkRows => {
  const codes = patients.flatMap(({ patient }) => Array<string>(20).fill(patient));
  const random = seededRandom(5, 5);
  const noise = (): number => random.below(1000) / 500 - 1;
  const inPain = (code: string): boolean => patients.find(({ patient }) => patient === code)?.painLevel === 'SEVERE';
  const tables = Object.fromEntries(
    NETWORK_INPUTS[key].map((name) => [
      name,
      codes.map((code) =>
        Float32Array.from(
          { length: SIZES[name] },
          (_, i) => noise() + (told && i % 4 === 0 ? (inPain(code) ? 1 : -1) : 0),
        ),
      ),
    ]),
  );
  return {
    patients: codes,
    inputs: async (rows) =>
      Object.fromEntries(
        Object.entries(tables).map(([name, table]) => {
          const size = SIZES[name as 'image'];
          const values = new Float32Array(rows.length * size);
          rows.forEach((row, at) => {
            values.set(table[row]!, at * size);
          });
          return [name, values];
        }),
      ),
  };
};

const run = (key: NetworkKey, told: boolean, more: Partial<NetworkRunOptions> = {}) =>
  runNetworkExperiment(key, networkOf(key, 2, { kind: 'embedding', numbers: EMBEDDING }), {
    ...{ patients, folds, classes: 2, seed: 9, rows: rowsOf(key, told) },
    ...more,
  });

describe('an experiment with a network', () => {
  it.each(KEYS)('%s finds what its inputs tell, in patients who were withheld', async (key) => {
    const { evaluation, epochs, losses, folds: made } = await run(key, true, { epochs: 30, rate: 3e-3 });
    expect(evaluation.overall).toBeGreaterThan(0.8);
    expect([epochs, losses.length]).toEqual([30, 4]);
    expect(made.map(({ trainRows, testRows }) => [trainRows, testRows])).toEqual(Array(4).fill([120, 40]));
  });

  it('finds nothing where they tell nothing', async () => {
    const { evaluation } = await run('fusion-2', false, { epochs: 5 });
    expect(evaluation.overall).toBeGreaterThan(0.2);
    expect(evaluation.overall).toBeLessThan(0.8);
  });

  it('is chance again where the levels are dealt to other patients, though its inputs tell the true ones', async () => {
    const dealt = patients.map((one, index) => ({
      ...one,
      painLevel: Math.floor(index / 2) % 2 === 0 ? ('NONE' as const) : ('SEVERE' as const),
    }));
    const apart = foldsOf([
      ['P0', 'P3'],
      ['P1', 'P2'],
      ['P4', 'P7'],
      ['P5', 'P6'],
    ]);
    const more = { epochs: 30, rate: 3e-3 };
    const [told, permuted] = [
      await run('resnet50-2-static', true, { ...more, folds: apart }),
      await run('resnet50-2-static', true, { ...more, folds: apart, patients: dealt }),
    ];
    expect(told.evaluation.overall).toBeGreaterThan(0.9);
    expect(permuted.evaluation.overall).toBeLessThan(0.75);
  });

  it('gives the same for the same seed, and something else for another', async () => {
    const [first, again, other] = [
      await run('fusion-1', true, { epochs: 2 }),
      await run('fusion-1', true, { epochs: 2 }),
      await run('fusion-1', true, { epochs: 2, seed: 10 }),
    ];
    expect(again).toEqual(first);
    expect(other.losses).not.toEqual(first.losses);
  });

  it('tells its progress batch by batch, and stops when it is told to', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const running = run('static-audio', true, {
      signal: stop.signal,
      onProgress: ({ done, total }) => {
        seen.push(done);
        expect(total).toBe(4 * 10 * 8);
        if (done === 11) stop.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(seen).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
  });

  it('learns nothing from one row, and says so', async () => {
    const rows = rowsOf('fusion-1', true);
    const one = { ...rows, patients: ['P0', 'P1', 'P2'] };
    await expect(run('fusion-1', true, { rows: one, folds: foldsOf([['P0', 'P1'], ['P2']]) })).rejects.toThrow(
      'Fold 1 leaves nothing to learn from',
    );
  });

  it('tells nothing apart where training has one class alone, and says so', async () => {
    const folds = foldsOf([
      ['P0', 'P2', 'P4', 'P6'],
      ['P1', 'P3', 'P5', 'P7'],
    ]);
    await expect(run('fusion-1', true, { folds })).rejects.toMatchObject({ code: 'ONE_CLASS' });
  });

  it('says of a class that training lacks that nothing can be predicted to be of it', async () => {
    const mixed = patients.map((one, index) => (index === 0 ? { ...one, painLevel: 'LOW' as const } : one));
    const network = networkOf('resnet50-4-static', 4, { kind: 'embedding', numbers: EMBEDDING });
    const { untaught } = await runNetworkExperiment('resnet50-4-static', network, {
      ...{ patients: mixed, folds, classes: 4, seed: 9, rows: rowsOf('resnet50-4-static', true), epochs: 1 },
    });
    expect(untaught).toEqual([{ fold: 1, classes: [1] }]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('names the input and the row that hold %d', async (bad) => {
    const rows = rowsOf('fusion-2', true);
    const inputs: typeof rows.inputs = async (wanted, random) => {
      const given = await rows.inputs(wanted, random);
      const at = wanted.indexOf(37);
      if (at >= 0) given.landmarks![at * LANDMARK_VALUES + 7] = bad;
      return given;
    };
    await expect(run('fusion-2', true, { rows: { ...rows, inputs } })).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: 'The landmarks of row 38 hold a number that is not finite.',
    });
  });

  it('says it where memory ends', async () => {
    const rows = rowsOf('fusion-2', true);
    const inputs = async (): Promise<never> => {
      throw new RangeError('Array buffer allocation failed');
    };
    await expect(run('fusion-2', true, { rows: { ...rows, inputs } })).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
  });

  it.each([1.5, -1, Number.NaN, 2 ** 32])('takes no seed of %d', async (seed) => {
    await expect(run('fusion-2', true, { seed })).rejects.toThrow('A seed is a whole number');
  });

  it.each(KEYS)('%s: rows that are withheld, telling as they may be, help nobody to be predicted', async (key) => {
    // Every patient carries a mark of their own, in their rows alone; what it means is known of the others only.
    const plain = rowsOf(key, false);
    const [name] = NETWORK_INPUTS[key];
    const size = SIZES[name!];
    const marked: typeof plain.inputs = async (wanted, random) => {
      const given = await plain.inputs(wanted, random);
      wanted.forEach((row, at) => {
        const index = Math.floor(row / 20);
        // Both classes at every place modulo four, which a convolution of stride two, twice, could tell apart.
        given[name!]![at * size + 8 + (index % 2) * 4 + Math.floor(index / 2)] = 10;
      });
      return given;
    };
    const rows = { ...plain, inputs: marked };
    const { evaluation } = await run(key, false, { rows, epochs: 20, rate: 3e-3 });
    // The same mark where everybody is learnt from as well: then it tells all.
    const doubled = { ...plain, patients: [...plain.patients, ...plain.patients.map((code) => `${code}'`)] };
    const seen = await run(key, false, {
      ...{ epochs: 20, rate: 3e-3 },
      rows: {
        ...doubled,
        inputs: (wanted, random) =>
          marked(
            wanted.map((row) => row % 160),
            random,
          ),
      },
      patients: [...patients, ...patients.map((one) => ({ ...one, patient: `${one.patient}'` }))],
      folds: foldsOf([patients.map(({ patient }) => patient), patients.map(({ patient }) => `${patient}'`)]),
    });
    expect(seen.evaluation.overall).toBeGreaterThan(0.95);
    expect(evaluation.overall).toBeLessThan(0.75);
  });
});

describe('the networks of the paper', () => {
  it.each(KEYS)('%s stands on ResNet-50 with all its tensors where it is trained whole', (key) => {
    const network = networkOf(key, key === 'resnet50-4-static' ? 4 : 2, { kind: 'resnet50', size: 224 });
    const names = [...network.parameters.keys()];
    const whole = names.includes('backbone.layer4.2.conv3.weight');
    expect([names.includes('backbone.layer4.0.conv1.weight'), whole]).toEqual([
      true,
      !['fusion-3', 'static-audio'].includes(key),
    ]);
    expect(network.shapes[network.output]).toEqual([key === 'resnet50-4-static' ? 4 : 2]);
  });

  it('begin as torch’s layers do: within one over the root of their inputs, norms at one and zero', () => {
    const network = networkOf('static-audio', 2, { kind: 'resnet50', size: 64 });
    const tensors = initialTensors(network, 1, 2);
    expect(tensors.size).toBe(network.parameters.size + network.statistics.size);
    const conv = tensors.get('backbone.conv1.weight')!;
    const bound = 1 / Math.sqrt(3 * 49);
    expect(Math.max(...conv)).toBeLessThanOrEqual(bound);
    expect(Math.max(...conv)).toBeGreaterThan(0.99 * bound);
    expect(conv.reduce((sum, value) => sum + value * value, 0) / conv.length).toBeCloseTo(bound ** 2 / 3, 3);
    expect([...new Set(tensors.get('backbone.bn1.weight'))]).toEqual([1]);
    expect([...new Set(tensors.get('backbone.bn1.running_mean'))]).toEqual([0]);
    for (const [name, shape] of network.parameters)
      expect([name, tensors.get(name)?.length]).toEqual([name, product(shape)]);
    const pretrained = new Map([['backbone.conv1.weight', new Float32Array(64 * 3 * 49).fill(0.5)]]);
    expect(initialTensors(network, 1, 2, pretrained).get('backbone.conv1.weight')![0]).toBe(0.5);
  });
});
