import type { Tensors } from './backend.ts';
import type { Network } from './network.ts';
import { resnet50 } from './resnet50.ts';
import { readSafetensors, tensorsFor } from './safetensors.ts';

const BACKBONE = 'backbone.';

/**
 * What a network begins with of ResNet-50's ImageNet weights: all of its backbone; the last layer is new, as the paper's.
 * @param file safetensors with torchvision's names; all of its 267 tensors must be there, whatever the network uses
 * @throws SafetensorsError naming what is missing, or of another shape
 */
export const pretrainedTensors = (network: Network, file: Uint8Array): Tensors => {
  const { parameters, statistics } = resnet50(1000);
  const stored = tensorsFor(new Map([...parameters, ...statistics]), readSafetensors(file));
  const wanted = [...network.parameters.keys(), ...network.statistics.keys()].filter((name) =>
    name.startsWith(BACKBONE),
  );
  return new Map(wanted.map((name) => [name, stored.get(name.slice(BACKBONE.length)) as Float32Array]));
};
