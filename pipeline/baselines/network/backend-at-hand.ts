import type { Backend } from './backend.ts';
import { onnxForward } from './onnx-forward.ts';
import { onnxTrainer } from './onnx-trainer.ts';
import { tfjsBackend } from './tfjs-backend.ts';
import type { TensorFlow } from './tfjs-layers.ts';

/** The fastest that npm alone brings (docs/decisions/networks-as-onnx.md). */
export const ONNX_BACKEND: Backend = {
  name: 'onnxruntime-node',
  gpu: false,
  trainer: onnxTrainer,
  forward: onnxForward,
};

/** Taken where an operator has installed them, the first before the second; no part of what this package needs. */
const OPTIONAL = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

export interface BackendsFound {
  /** The one that runs use. */
  readonly used: Backend;
  /** The others that would have come first, and why they are not used. */
  readonly missing: readonly { readonly name: string; readonly why: string }[];
}

/** Looks which backends are installed. @param load how a package is loaded */
export const findBackends = async (
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<BackendsFound> => {
  const missing: { name: string; why: string }[] = [];
  for (const name of OPTIONAL) {
    try {
      const module = (await load(name)) as { default?: TensorFlow } & TensorFlow;
      const tf = module.default ?? module;
      await tf.ready();
      const gpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
      return { used: tfjsBackend(tf, { name: `${name}${gpu ? ', GPU' : ''}`, gpu }), missing };
    } catch (error) {
      missing.push({ name, why: whyNot(error) });
    }
  }
  return { used: ONNX_BACKEND, missing };
};

const whyNot = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND'
    ? 'not installed'
    : `installed, but it does not load: ${(error as Error).message.split('\n')[0]}`;

let found: Promise<BackendsFound> | undefined;

/** The backends of this machine, looked for once in a process. */
export const backendsAtHand = (): Promise<BackendsFound> => {
  found ??= findBackends();
  return found;
};
