import { setImmediate } from 'node:timers/promises';
import { type SeededRandom, seededRandom } from '../../labels/seeded-random.ts';
import { type BaselineResult, type RunOptions, runExperiment } from '../experiment.ts';
import { initialTensors } from './initial-tensors.ts';
import type { NetworkKey } from './models.ts';
import type { Network } from './network.ts';
import { onnxForward } from './onnx-forward.ts';
import { onnxTrainer, type Tensors } from './onnx-trainer.ts';

/** Data of a network's rows. */
export interface NetworkRows {
  /** Patient of each row. */
  readonly patients: readonly string[];
  /**
   * Numbers of some rows by the names of the network's inputs, row after row.
   * @param random in training: for what is varied at random (crop, flip); null in evaluation
   */
  inputs(rows: Uint32Array, random: SeededRandom | null): Promise<Readonly<Record<string, Float32Array>>>;
}

export interface NetworkRunOptions extends RunOptions {
  readonly rows: NetworkRows;
  /** Tensors to begin with where they are known: pretrained ones. */
  readonly pretrained?: Tensors;
  /** 10, as in the paper, without it. */
  readonly epochs?: number;
  /** Adam's step size; 1e-4, as in the paper, without it. */
  readonly rate?: number;
  readonly threads?: number;
  /** Told after every epoch of a fold, with the mean loss of its batches. */
  readonly onEpoch?: (epoch: { readonly fold: number; readonly epoch: number; readonly loss: number }) => void;
}

export interface NetworkResult extends BaselineResult {
  readonly epochs: number;
  /** Mean loss of the last epoch, fold by fold. */
  readonly losses: readonly number[];
}

/** Training details of the paper (section 4): batches of 16, Adam at 1e-4, ten epochs, the tenth is evaluated. */
export const NETWORK_TRAINING = { batch: 16, rate: 1e-4, epochs: 10 } as const;

/** Streams of one seed, so that the order of rows, what is varied and the first tensors do not depend on each other. */
const STREAM = { tensors: 1, order: 2, variation: 3 } as const;

/**
 * For each fold a network learns from the rows of the other folds' patients, in an order that follows from the seed, and
 * predicts those withheld with running statistics. The last batch of an epoch is smaller where rows do not fill it; one
 * single row is left out there, since a batch norm has nothing to norm by.
 * @throws RangeError as `runExperiment`, or where a fold leaves nothing to learn from; the signal's reason when aborted
 */
export const runNetworkExperiment = async (
  experiment: NetworkKey,
  network: Network,
  options: NetworkRunOptions,
): Promise<NetworkResult> => {
  const { rows, seed, classes, signal, onProgress, onEpoch, threads = 1 } = options;
  const { batch } = NETWORK_TRAINING;
  const { epochs = NETWORK_TRAINING.epochs, rate = NETWORK_TRAINING.rate } = options;
  const losses: number[] = [];
  const result = await runExperiment(experiment, rows.patients, options, async (fold, labels, { index, of }) => {
    const { number, train, test } = fold;
    if (train.length < 2) throw new RangeError(`Fold ${number} leaves nothing to learn from`);
    const tensors = initialTensors(network, seed, number * 8 + STREAM.tensors, options.pretrained);
    const order = seededRandom(seed, number * 8 + STREAM.order);
    const variation = seededRandom(seed, number * 8 + STREAM.variation);
    const batches = Math.ceil(train.length / batch);
    const trainer = onnxTrainer(network, tensors, { rate, norms: 'batch', threads });
    try {
      for (let epoch = 1; epoch <= epochs; epoch++) {
        const shuffled = shuffle(train, order);
        let sum = 0;
        let counted = 0;
        for (let at = 0; at < batches; at++) {
          await setImmediate();
          signal?.throwIfAborted();
          const some = shuffled.subarray(at * batch, (at + 1) * batch);
          if (some.length < 2) continue;
          const { loss } = await trainer.step(
            await rows.inputs(some, variation),
            Array.from(some, (row) => labels[row] as number),
          );
          if (!Number.isFinite(loss)) throw new RangeError(`The loss of fold ${number}, epoch ${epoch} is no number`);
          sum += loss * some.length;
          counted += some.length;
          const done = (index * epochs + epoch - 1) * batches + at + 1;
          onProgress?.({ done, total: of * epochs * batches, fold: number, epoch, loss: sum / counted });
        }
        onEpoch?.({ fold: number, epoch, loss: sum / counted });
        if (epoch === epochs) losses.push(sum / counted);
      }
    } finally {
      await trainer.close();
    }
    return predictRows(network, tensors, rows, test, { classes, threads, batch, ...(signal && { signal }) });
  });
  return { ...result, epochs, losses };
};

/** A random order (Fisher and Yates). */
const shuffle = (rows: Uint32Array, random: SeededRandom): Uint32Array => {
  const shuffled = rows.slice();
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const row = shuffled[last] as number;
    shuffled[last] = shuffled[other] as number;
    shuffled[other] = row;
  }
  return shuffled;
};

/** The likeliest class of each row, with running statistics; of equals the lowest. */
const predictRows = async (
  network: Network,
  tensors: Tensors,
  rows: NetworkRows,
  test: Uint32Array,
  { classes, threads, batch, signal }: { classes: number; threads: number; batch: number; signal?: AbortSignal },
): Promise<Uint16Array> => {
  const predicted = new Uint16Array(test.length);
  const pass = await onnxForward(network, tensors, { batch, threads });
  try {
    for (let at = 0; at < test.length; at += batch) {
      signal?.throwIfAborted();
      const some = test.subarray(at, at + batch);
      // The graph takes whole batches: the last is filled up with its first row.
      const whole = Uint32Array.from({ length: batch }, (_, i) => some[i] ?? (some[0] as number));
      const [logits] = await pass.run(await rows.inputs(whole, null));
      for (let i = 0; i < some.length; i++) {
        const own = (logits as Float32Array).subarray(i * classes, (i + 1) * classes);
        predicted[at + i] = own.indexOf(Math.max(...own));
      }
    }
  } finally {
    await pass.close();
  }
  return predicted;
};
