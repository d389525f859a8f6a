import { InferenceSession, Tensor } from 'onnxruntime-node';
import { writeOnnx } from '../onnx/onnx-model.ts';
import { ModelFileError } from './model-file-error.ts';
import { readTflite } from './tflite.ts';
import { tfliteToOnnx } from './tflite-to-onnx.ts';

/** A network with one picture as its input, ready to run in one thread. */
export interface Network {
  /** Where the caller puts the picture, 3 x size x size, before `run`. */
  readonly input: Float32Array;
  readonly size: number;
  /** The outputs in the file's order; the arrays are the caller's. */
  run(): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/**
 * Turns a .tflite file into a session of onnxruntime on the processor.
 * @param name for messages
 * @throws ModelFileError if the file cannot be read as one of MediaPipe's face networks
 */
export async function openNetwork(name: string, tflite: Uint8Array): Promise<Network> {
  try {
    const graph = tfliteToOnnx(readTflite(tflite));
    const [port, ...more] = graph.inputs;
    const [batch, channels, height, width] = port?.shape ?? [];
    if (port === undefined || more.length > 0 || batch !== 1 || channels !== 3 || !height || height !== width) {
      throw new ModelFileError('its input is not one square picture');
    }
    const session = await InferenceSession.create(writeOnnx(graph), {
      // One thread: idle threads spin, and several processes use the cores better (design page on faces).
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      logSeverityLevel: 3,
    });
    const input = new Float32Array(3 * height * height);
    const feeds = { [port.name]: new Tensor('float32', input, [1, 3, height, height]) };
    const outputs = graph.outputs.map((output) => output.name);
    return {
      input,
      size: height,
      async run() {
        const results = await session.run(feeds, outputs);
        return outputs.map((output) => results[output]!.data as Float32Array);
      },
      close: () => session.release(),
    };
  } catch (cause) {
    throw new ModelFileError(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
