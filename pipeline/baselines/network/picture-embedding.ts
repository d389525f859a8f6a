import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import type { FaceMeshModels } from '../../faces/face-mesh-package.ts';
import { cropAndResize } from '../../faces/pillow-resize.ts';
import type { RgbImage } from '../../faces/rgb-image.ts';
import { readTflite } from '../../faces/tflite.ts';
import { tfliteToOnnx } from '../../faces/tflite-to-onnx.ts';
import { writeOnnx } from '../../onnx/onnx-model.ts';
import { LITE0_NUMBERS, LITE0_SIDE, LITE0_TENSORS, lite0Graph } from './efficientnet-lite0.ts';
import { sessionOptions } from './onnx-trainer.ts';
import { readSafetensors, tensorsFor } from './safetensors.ts';

/** A fixed network that turns a picture into numbers: what a desk trains on in place of the paper's ResNet-50. */
export interface PictureEmbedding {
  /** What it is, for the record beside a result. */
  readonly name: string;
  readonly numbers: number;
  /** @param file a JPEG or PNG @throws Error where it cannot be read */
  of(file: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The pixels of a JPEG or PNG. @throws Error where it cannot be read */
export const rgbOf = async (file: Uint8Array): Promise<RgbImage> => {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
};

/** Of MediaPipe's networks, what their last convolution reads: channels x size x size, and how they want a picture. */
const KINDS = {
  /** Of a face: the mesh network before its landmarks. */
  mesh: { channels: 32, size: 3, mean: false, scale: 1 / 255, shift: 0 },
  /** Of any picture: the detector's last feature map, the mean over space. */
  detector: { channels: 96, size: 8, mean: true, scale: 2 / 255, shift: -1 },
} as const;

/**
 * Opens the embedding of faces (`mesh`) or of other pictures, such as spectrograms (`detector`), from the networks of
 * the face chain.
 */
export const openEmbedding = async (models: FaceMeshModels, kind: keyof typeof KINDS): Promise<PictureEmbedding> => {
  const { channels, size, mean, scale, shift } = KINDS[kind];
  const graph = tfliteToOnnx(readTflite(models[kind]));
  const inner = graph.nodes.filter(({ op }) => op === 'Conv').at(-1)?.inputs[0];
  const [port] = graph.inputs;
  if (inner === undefined || port === undefined) throw new Error(`the ${kind} network has no convolution`);
  const side = port.shape[2] as number;
  const session = await InferenceSession.create(
    writeOnnx({ ...graph, outputs: [{ name: inner, shape: [1, channels, size, size] }] }),
    sessionOptions(1),
  );
  const places = size * size;
  return {
    name: `MediaPipe face ${kind}, inner layer of ${channels} x ${size} x ${size}${mean ? ', mean over space' : ''}`,
    numbers: mean ? channels : channels * places,
    async of(file) {
      const input = new Tensor('float32', await numbersOf(file, side, scale, shift), [1, 3, side, side]);
      const results = await session.run({ [port.name]: input });
      const map = results[inner]?.data as Float32Array;
      if (!mean) return map.slice();
      return Float32Array.from({ length: channels }, (_, channel) =>
        map.subarray(channel * places, (channel + 1) * places).reduce((sum, value) => sum + value / places, 0),
      );
    },
    close: () => session.release(),
  };
};

/**
 * Opens EfficientNet-Lite0 as the embedding of any picture: the mean over space of its last map, each byte taken as (byte - 127) / 128.
 * @param file its weights (safetensors)
 * @throws SafetensorsError naming what is wrong with them
 */
export const openLite0Embedding = async (file: Uint8Array): Promise<PictureEmbedding> => {
  const graph = lite0Graph(tensorsFor(LITE0_TENSORS, readSafetensors(file)));
  const outputs = graph.outputs.filter(({ name }) => name === 'features');
  const session = await InferenceSession.create(writeOnnx({ ...graph, outputs }), sessionOptions(1));
  const shape = [1, 3, LITE0_SIDE, LITE0_SIDE];
  return {
    name: `EfficientNet-Lite0, ${LITE0_NUMBERS} numbers before its last layer`,
    numbers: LITE0_NUMBERS,
    async of(picture) {
      const image = new Tensor('float32', await numbersOf(picture, LITE0_SIDE, 1 / 128, -127 / 128), shape);
      const { features } = await session.run({ image });
      return (features?.data as Float32Array).slice();
    },
    close: () => session.release(),
  };
};

/** A picture's pixels, stretched to a square, channel after channel, each byte times `scale` plus `shift`. */
const numbersOf = async (file: Uint8Array, side: number, scale: number, shift: number): Promise<Float32Array> => {
  const image = await rgbOf(file);
  const rgb = cropAndResize(image, { x: 0, y: 0, width: image.width, height: image.height }, side);
  const numbers = new Float32Array(3 * side * side);
  for (let pixel = 0; pixel < side * side; pixel++) {
    for (let channel = 0; channel < 3; channel++)
      numbers[channel * side * side + pixel] = (rgb[pixel * 3 + channel] as number) * scale + shift;
  }
  return numbers;
};
