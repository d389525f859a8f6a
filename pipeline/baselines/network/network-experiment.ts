import { setImmediate } from 'node:timers/promises';
import { type SeededRandom, seededRandom } from '../../labels/seeded-random.ts';
import { type BaselineResult, type RunOptions, runExperiment } from '../experiment.ts';
import { namingMemory, RunProblem } from '../run-problem.ts';
import type { Backend, Tensors } from './backend.ts';
import { ONNX_BACKEND } from './backend-at-hand.ts';
import { initialTensors } from './initial-tensors.ts';
import type { NetworkKey } from './models.ts';
import type { Network } from './network.ts';
import type { TrainingMemory } from './training-state.ts';

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
  /** What trains and evaluates; onnxruntime without it. */
  readonly backend?: Backend;
  /** Keeps every epoch, so that a run that was cut off goes on from the last one, and the checkpoint of every fold. */
  readonly memory?: TrainingMemory;
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
 * For each fold a network learns from the rows of the other folds' patients, in an order that follows from seed, fold and
 * epoch, and predicts those withheld with running statistics. The last batch of an epoch is smaller where rows do not fill
 * it; one single row is left out there, since a batch norm has nothing to norm by.
 * @throws RangeError as `runExperiment`; RunProblem where a fold leaves nothing to learn from or one class, a number that is
 * read is not finite, or memory ends; the signal's reason when aborted
 */
export const runNetworkExperiment = async (
  experiment: NetworkKey,
  network: Network,
  options: NetworkRunOptions,
): Promise<NetworkResult> => {
  const { rows, seed, classes, signal, onProgress, onEpoch, memory, threads = 1, backend = ONNX_BACKEND } = options;
  const { batch } = NETWORK_TRAINING;
  const { epochs = NETWORK_TRAINING.epochs, rate = NETWORK_TRAINING.rate } = options;
  const losses: number[] = [];
  /** Epochs that an earlier attempt has made. */
  let takenUp = 0;
  const result = await runExperiment(experiment, rows.patients, options, async (fold, labels, { index, of }) => {
    const { number, train, test } = fold;
    const batches = Math.ceil(train.length / batch);
    requireClasses(number, train, labels);
    const tell = (epoch: number, at: number, loss: number): void => {
      const done = (index * epochs + epoch - 1) * batches + at;
      onProgress?.({ done, total: of * epochs * batches, before: takenUp * batches, fold: number, epoch, loss });
    };
    const earlier = await memory?.outcome(number);
    if (earlier?.predicted.length === test.length) {
      losses.push(earlier.loss);
      takenUp += epochs;
      tell(epochs, batches, earlier.loss);
      return earlier.predicted;
    }
    const before = await memory?.state(number, network);
    takenUp += before?.epoch ?? 0;
    const tensors = initialTensors(network, seed, number * 8 + STREAM.tensors, before?.tensors ?? options.pretrained);
    const trainer = backend.trainer(network, tensors, { rate, norms: 'batch', threads });
    if (before) trainer.adam.restore(before.adam);
    let loss = Number.NaN;
    try {
      for (let epoch = (before?.epoch ?? 0) + 1; epoch <= epochs; epoch++) {
        const shuffled = shuffle(train, seededRandom(seed, number * 8 + STREAM.order, epoch));
        const variation = seededRandom(seed, number * 8 + STREAM.variation, epoch);
        let sum = 0;
        let counted = 0;
        for (let at = 0; at < batches; at++) {
          await setImmediate();
          signal?.throwIfAborted();
          const some = shuffled.subarray(at * batch, (at + 1) * batch);
          if (some.length < 2) continue;
          const step = await trainer.step(
            finite(await rows.inputs(some, variation), some),
            Array.from(some, (row) => labels[row] as number),
          );
          if (!Number.isFinite(step.loss))
            throw new RunProblem('NOT_FINITE', `The loss of fold ${number}, epoch ${epoch} is no number.`);
          sum += step.loss * some.length;
          counted += some.length;
          tell(epoch, at + 1, sum / counted);
        }
        loss = sum / counted;
        onEpoch?.({ fold: number, epoch, loss });
        await memory?.keepState(number, { epoch, tensors, adam: trainer.adam.state(), loss }, network);
      }
      if (Number.isNaN(loss)) loss = before?.loss ?? Number.NaN;
    } catch (error) {
      throw namingMemory(error);
    } finally {
      await trainer.close();
    }
    losses.push(loss);
    const predicted = await predictRows(backend, network, tensors, rows, test, {
      classes,
      threads,
      batch,
      ...(signal && { signal }),
    });
    await memory?.keepOutcome(number, { predicted, loss }, { epoch: epochs, tensors }, network);
    return predicted;
  });
  return { ...result, epochs, losses };
};

/** @throws RunProblem where a fold's training rows leave nothing to tell apart */
const requireClasses = (fold: number, train: Uint32Array, labels: Uint16Array): void => {
  if (train.length < 2) throw new RunProblem('NOTHING_TO_LEARN', `Fold ${fold} leaves nothing to learn from.`);
  if (train.every((row) => labels[row] === labels[train[0] as number]))
    throw new RunProblem('ONE_CLASS', `Fold ${fold} leaves one class alone to learn from: nothing can be told apart.`);
};

/** @throws RunProblem naming the input and the row, counted from 1 in the order of the run */
const finite = (
  inputs: Readonly<Record<string, Float32Array>>,
  some: Uint32Array,
): Readonly<Record<string, Float32Array>> => {
  for (const [name, values] of Object.entries(inputs)) {
    let at = 0;
    while (at < values.length && Number.isFinite(values[at])) at += 1;
    if (at === values.length) continue;
    const row = (some[Math.floor(at / (values.length / some.length))] ?? 0) + 1;
    throw new RunProblem('NOT_FINITE', `The ${name} of row ${row} hold a number that is not finite.`);
  }
  return inputs;
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
  backend: Backend,
  network: Network,
  tensors: Tensors,
  rows: NetworkRows,
  test: Uint32Array,
  { classes, threads, batch, signal }: { classes: number; threads: number; batch: number; signal?: AbortSignal },
): Promise<Uint16Array> => {
  const predicted = new Uint16Array(test.length);
  const pass = await backend.forward(network, tensors, { batch, threads });
  try {
    for (let at = 0; at < test.length; at += batch) {
      signal?.throwIfAborted();
      const some = test.subarray(at, at + batch);
      // The graph takes whole batches: the last is filled up with its first row.
      const whole = Uint32Array.from({ length: batch }, (_, i) => some[i] ?? (some[0] as number));
      const [logits] = await pass.run(finite(await rows.inputs(whole, null), whole));
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
