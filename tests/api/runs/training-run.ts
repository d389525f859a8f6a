// A small training that any process can make the same: node --import tsx tests/api/runs/training-run.ts FOLDER prints a line for each epoch.
import { fileStore } from '../../../api/adapters/objects/file-store.ts';
import { type RunMemory, runMemory } from '../../../api/services/runs/training-memory.ts';
import type { PatientFacts } from '../../../pipeline/baselines/evaluate.ts';
import { networkOf } from '../../../pipeline/baselines/network/models.ts';
import {
  type NetworkResult,
  type NetworkRunOptions,
  runNetworkExperiment,
} from '../../../pipeline/baselines/network/network-experiment.ts';
import { foldsOf } from '../../../pipeline/labels/folds.ts';
import { seededRandom } from '../../../pipeline/labels/seeded-random.ts';

export const RUN_ID = '00000000-0000-4000-8000-000000000001';
const NUMBERS = 16;
export const NETWORK = networkOf('resnet50-2-static', 2, { kind: 'embedding', numbers: NUMBERS });

const patients: PatientFacts[] = Array.from({ length: 6 }, (_, index) => ({
  patient: `P${index}`,
  painLevel: index % 2 === 0 ? 'NONE' : 'SEVERE',
  sex: 'F',
  skinType: 'I_III',
  sourceDevice: null,
}));
const codes = patients.flatMap(({ patient }) => Array<string>(11).fill(patient));
const random = seededRandom(4);
const table = Float32Array.from({ length: codes.length * NUMBERS }, () => random.below(2000) / 1000 - 1);

/** Inputs with noise drawn in training, so that what is random has to go on where it was. */
const rows: NetworkRunOptions['rows'] = {
  patients: codes,
  inputs: async (wanted, variation) => ({
    image: Float32Array.from(
      { length: wanted.length * NUMBERS },
      (_, i) =>
        (table[(wanted[Math.floor(i / NUMBERS)] as number) * NUMBERS + (i % NUMBERS)] as number) +
        (variation === null ? 0 : variation.below(1000) / 10_000),
    ),
  }),
};

export const memoryIn = (folder: string, identity = 'the same'): RunMemory =>
  runMemory(fileStore(folder), RUN_ID, identity);

export const train = (
  memory: NetworkRunOptions['memory'] | undefined,
  onEpoch: NonNullable<NetworkRunOptions['onEpoch']> = () => {},
  onProgress: NonNullable<NetworkRunOptions['onProgress']> = () => {},
): Promise<NetworkResult> =>
  runNetworkExperiment('resnet50-2-static', NETWORK, {
    ...{ patients, rows, seed: 3, classes: 2, rate: 1e-3, onEpoch, onProgress },
    folds: foldsOf([
      ['P0', 'P1'],
      ['P2', 'P3'],
      ['P4', 'P5'],
    ]),
    ...(memory && { memory }),
  });

if (process.argv[1] === import.meta.filename)
  await train(memoryIn(process.argv[2] as string), ({ fold, epoch }) => {
    process.stdout.write(`fold ${fold} epoch ${epoch}\n`);
  });
