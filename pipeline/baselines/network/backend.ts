import type { Adam } from './adam.ts';
import type { BatchNorms } from './forward.ts';
import { type Network, product, type Shape } from './network.ts';

/** Named tensors: parameters and running statistics. A trainer changes them in place. */
export type Tensors = ReadonlyMap<string, Float32Array>;

export interface TrainerOptions {
  /** Adam's step size. */
  readonly rate: number;
  /** `running` freezes the statistics of batch norms; their scale and shift still learn. */
  readonly norms: Exclude<BatchNorms, 'evaluation'>;
  /** Which tensors learn; all without it. */
  readonly isTrained?: (tensor: string) => boolean;
  /** Of the processor, where the backend lets one choose. */
  readonly threads?: number;
}

/** What a step says, from before its update. */
export interface Step {
  /** Mean cross entropy of the batch. */
  readonly loss: number;
  /** batch x classes. */
  readonly logits: Float32Array;
}

/** Trains a network step by step. */
export interface Trainer {
  /**
   * One step of Adam on the mean cross entropy.
   * @param inputs by the names of the network's inputs, batch x their shape
   * @param labels class of each row; their number is the size of the batch
   * @throws RangeError where an input has another size, or a label is no class
   */
  step(inputs: Readonly<Record<string, Float32Array>>, labels: ArrayLike<number>): Promise<Step>;
  /** Gradients of the last step. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly adam: Adam;
  close(): Promise<void>;
}

export interface ForwardOptions {
  readonly batch: number;
  /** Places of layers whose results are wanted; the logits without it. */
  readonly places?: readonly number[];
  readonly threads?: number;
}

/** A trained network that only answers. */
export interface ForwardPass {
  /** Results of the places asked for, batch x their shape, in that order. */
  run(inputs: Readonly<Record<string, Float32Array>>): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}

/**
 * What trains and runs networks as they are described (`network.ts`). The same tensors, inputs and options give the same result on the same backend, and
 * on another the same but for rounding; Adam, the order of rows and all that is random are not its own.
 */
export interface Backend {
  /** For the record of a result. */
  readonly name: string;
  /** True where it computes on a GPU. */
  readonly gpu: boolean;
  /** @throws RangeError where a tensor is missing or has another size */
  trainer(network: Network, tensors: Tensors, options: TrainerOptions): Trainer;
  /** In evaluation mode, with running statistics. @throws RangeError where a tensor is missing or has another size */
  forward(network: Network, tensors: Tensors, options: ForwardOptions): Promise<ForwardPass>;
}

/** @throws RangeError where one of the tensors is missing or has another size */
export const requireTensors = (wanted: ReadonlyMap<string, Shape>, tensors: Tensors): void => {
  for (const [name, shape] of wanted) {
    if (tensors.get(name)?.length !== product(shape))
      throw new RangeError(`${name} is missing, or not of ${shape.join(' x ')}`);
  }
};

/** Each row's class as a one among zeros, batch x classes. @throws RangeError where a label is no class */
export const truthOf = (labels: ArrayLike<number>, classes: number): Float32Array => {
  const truth = new Float32Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    if (!(label >= 0 && label < classes))
      throw new RangeError(`The label ${label} of row ${row} is none of ${classes} classes`);
    truth[row * classes + label] = 1;
  }
  return truth;
};

/** Numbers of an input. @throws RangeError where they are missing or too many */
export const requireNumbers = (
  values: Float32Array | undefined,
  shape: readonly number[],
  name: string,
): Float32Array => {
  if (values?.length !== product(shape)) throw new RangeError(`${name} is not ${shape.join(' x ')} numbers`);
  return values;
};

/** Moves running statistics of a batch norm towards a batch's; torch keeps the unbiased variance. @param values numbers that each is a mean of */
export const blendStatistics = (
  tensors: Tensors,
  name: string,
  { mean, variance, values }: { mean: ArrayLike<number>; variance: ArrayLike<number>; values: number },
  momentum: number,
): void => {
  const blend = (running: Float32Array | undefined, now: ArrayLike<number>, factor: number): void => {
    if (running === undefined) return;
    for (let i = 0; i < running.length; i++) {
      const kept = (1 - momentum) * (running[i] as number);
      running[i] = kept + momentum * factor * (now[i] as number);
    }
  };
  blend(tensors.get(`${name}.running_mean`), mean, 1);
  blend(tensors.get(`${name}.running_var`), variance, values / (values - 1));
};
