import type { Adam } from './adam.ts';
import type { Tensors } from './backend.ts';
import type { Network, Shape } from './network.ts';
import {
  floatsOf,
  metadataOf,
  readSafetensors,
  SafetensorsError,
  tensorsFor,
  writeSafetensors,
} from './safetensors.ts';

/**
 * A fold's training after a whole epoch: what the next epoch goes on from. The order of rows and what is varied at random
 * follow from seed, fold and epoch, and so are no part of it.
 */
export interface TrainingState {
  readonly epoch: number;
  /** Mean loss of that epoch. */
  readonly loss: number;
  readonly tensors: Tensors;
  readonly adam: ReturnType<Adam['state']>;
}

/** What a finished fold gives to the result. */
export interface FoldOutcome {
  readonly predicted: Uint16Array;
  /** Mean loss of the last epoch. */
  readonly loss: number;
}

/** Remembers a run's folds beyond the life of its process. What is remembered of another run, or is damaged, is not there. */
export interface TrainingMemory {
  state(fold: number, network: Network): Promise<TrainingState | null>;
  outcome(fold: number): Promise<FoldOutcome | null>;
  /** Whole or not at all; takes the place of the fold's earlier states. */
  keepState(fold: number, state: TrainingState, network: Network): Promise<void>;
  /** @param last the tensors that were evaluated: the fold's checkpoint */
  keepOutcome(
    fold: number,
    outcome: FoldOutcome,
    last: { readonly epoch: number; readonly tensors: Tensors },
    network: Network,
  ): Promise<void>;
}

const shapesOf = (network: Network): ReadonlyMap<string, Shape> =>
  new Map([...network.parameters, ...network.statistics]);

/** A checkpoint as a safetensors file, with torch's names. */
export const checkpointFile = (
  network: Network,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>>,
): Uint8Array =>
  writeSafetensors(
    new Map(
      [...shapesOf(network)].map(([name, shape]) => [name, { shape, values: tensors.get(name) as Float32Array }]),
    ),
    { format: 'pt', ...metadata },
  );

/** @param identity of the run: everything that its result follows from */
export const stateFile = (
  network: Network,
  { epoch, loss, tensors, adam }: TrainingState,
  identity: string,
): Uint8Array => {
  const all = new Map<string, { shape: Shape; values: Float32Array }>();
  for (const [name, shape] of shapesOf(network)) {
    all.set(`tensor ${name}`, { shape, values: tensors.get(name) as Float32Array });
    const moments = adam.moments.get(name);
    if (moments === undefined) continue;
    all.set(`first ${name}`, { shape, values: moments.first });
    all.set(`second ${name}`, { shape, values: moments.second });
  }
  return writeSafetensors(all, { identity, epoch: String(epoch), loss: String(loss), steps: String(adam.steps) });
};

/** Null where the file is damaged, or of another run. */
export const readStateFile = (network: Network, file: Uint8Array, identity: string): TrainingState | null =>
  ifSound(file, identity, (metadata, stored) => {
    const prefixed = (kind: string, wanted: ReadonlyMap<string, Shape>): Map<string, Float32Array> =>
      new Map(
        [...tensorsFor(new Map([...wanted].map(([name, shape]) => [`${kind} ${name}`, shape])), stored)].map(
          ([name, values]) => [name.slice(kind.length + 1), values],
        ),
      );
    const moved = new Map([...network.parameters].filter(([name]) => stored.has(`first ${name}`)));
    const [first, second] = [prefixed('first', moved), prefixed('second', moved)];
    return {
      epoch: Number(metadata.epoch),
      loss: Number(metadata.loss),
      tensors: prefixed('tensor', shapesOf(network)),
      adam: {
        steps: Number(metadata.steps),
        moments: new Map(
          [...first].map(([name, values]) => [name, { first: values, second: second.get(name) as Float32Array }]),
        ),
      },
    };
  });

/** @param more words to keep with it */
export const outcomeFile = (
  { predicted, loss }: FoldOutcome,
  identity: string,
  more: Readonly<Record<string, string>> = {},
): Uint8Array =>
  writeSafetensors(new Map([['predicted', { shape: [predicted.length], values: Float32Array.from(predicted) }]]), {
    ...more,
    identity,
    loss: String(loss),
  });

/** Null where the file is damaged, or of another run. */
export const readOutcomeFile = (file: Uint8Array, identity: string): FoldOutcome | null =>
  ifSound(file, identity, (metadata, stored) => {
    const tensor = stored.get('predicted');
    if (tensor === undefined) throw new SafetensorsError('no predictions');
    return { predicted: Uint16Array.from(floatsOf('predicted', tensor)), loss: Number(metadata.loss) };
  });

const ifSound = <Kept>(
  file: Uint8Array,
  identity: string,
  read: (metadata: Readonly<Record<string, string>>, stored: ReturnType<typeof readSafetensors>) => Kept,
): Kept | null => {
  try {
    const stored = readSafetensors(file);
    const metadata = metadataOf(file);
    return metadata.identity === identity ? read(metadata, stored) : null;
  } catch (error) {
    if (error instanceof SafetensorsError) return null;
    throw error;
  }
};
