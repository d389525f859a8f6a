import { seededRandom } from '../../labels/seeded-random.ts';
import { type Network, product } from './network.ts';

/**
 * Tensors to begin with, as torch's layers begin: weights and biases of convolutions and linear layers uniform within
 * 1 / sqrt(fan-in) (kaiming_uniform with a = sqrt(5)), batch norms one and zero. Each tensor's numbers depend on the
 * seed, the stream and its place alone.
 * @param given tensors that are known already, such as pretrained ones; they are copied
 */
export const initialTensors = (
  network: Network,
  seed: number,
  stream: number,
  given: ReadonlyMap<string, Float32Array> = new Map(),
): Map<string, Float32Array> => {
  const normed = new Set(network.layers.flatMap((layer) => (layer.kind === 'batchNorm' ? [layer.name] : [])));
  const tensors = new Map<string, Float32Array>();
  let place = 0;
  for (const [name, shape] of [...network.parameters, ...network.statistics]) {
    place += 1;
    const known = given.get(name);
    const layer = name.slice(0, name.lastIndexOf('.'));
    if (known !== undefined) tensors.set(name, known.slice());
    else if (normed.has(layer)) {
      const one = name.endsWith('.weight') || name.endsWith('.running_var');
      tensors.set(name, new Float32Array(product(shape)).fill(one ? 1 : 0));
    } else {
      const weight = network.parameters.get(`${layer}.weight`) as readonly number[];
      const bound = 1 / Math.sqrt(product(weight.slice(1)));
      const random = seededRandom(seed, stream, place);
      tensors.set(
        name,
        Float32Array.from({ length: product(shape) }, () => ((random.below(2 ** 31) + 0.5) / 2 ** 30 - 1) * bound),
      );
    }
  }
  return tensors;
};
