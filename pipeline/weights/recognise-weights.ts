import { readSafetensors, SafetensorsError, tensorsFor } from '../baselines/network/safetensors.ts';
import { KNOWN_WEIGHTS, type KnownWeights } from './known-weights.ts';

/** Counters of batch norms, which some files leave out and nothing here reads. */
const COUNTER = /\.num_batches_tracked$/;

/**
 * Says which weights a safetensors file holds, by names and shapes of its tensors and never by its name; every number is looked at.
 * @throws SafetensorsError where the file is damaged; or naming, of the kind that it is nearest to, the first tensor that is missing, too many,
 * or of another shape or type
 */
export const recogniseWeights = (file: Uint8Array): KnownWeights => {
  const stored = readSafetensors(file);
  const names = [...stored.keys()].filter((name) => !COUNTER.test(name));
  const shared = (kind: KnownWeights): number => {
    const common = names.filter((name) => kind.tensors.has(name));
    const fitting = common.filter((name) => kind.tensors.get(name)?.join() === stored.get(name)?.shape.join());
    return (common.length + fitting.length) / (names.length + kind.tensors.size);
  };
  const [nearest] = [...KNOWN_WEIGHTS].sort((a, b) => shared(b) - shared(a)) as [KnownWeights];
  if (shared(nearest) < 0.5)
    throw new SafetensorsError(
      `These are none of the weights that are known: ${KNOWN_WEIGHTS.map(({ title }) => title).join('; ')}.`,
    );
  const of = (error: unknown): unknown =>
    error instanceof SafetensorsError
      ? new SafetensorsError(`It is nearest to ${nearest.title}, but: ${error.message}`, { cause: error })
      : error;
  try {
    tensorsFor(nearest.tensors, stored);
    for (const name of names) {
      if (!nearest.tensors.has(name)) throw new SafetensorsError(`${name} is none of its tensors.`);
      const dtype = stored.get(name)?.dtype;
      if (dtype !== 'F32') throw new SafetensorsError(`${name} holds ${dtype}, not 32-bit floats.`);
    }
  } catch (error) {
    throw of(error);
  }
  return nearest;
};
