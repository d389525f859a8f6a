import { cropBox } from './crop-box.ts';
import type { FaceDetector } from './face-detector.ts';
import { readFaceMeshPackage } from './face-mesh-package.ts';
import { createMeshDetector } from './mesh-detector.ts';
import { openNetwork } from './network.ts';
import { cropAndResize } from './pillow-resize.ts';
import { checkImage, type RgbImage } from './rgb-image.ts';
import { findMesh } from './static-mesh.ts';

/** Width and height of a face crop in pixels (paper, section 3.3). */
export const CROP_SIZE = 160;

/** The most prominent face of one frame. */
export interface FaceFound {
  /** What was cut out: x, y, width, height in whole pixels of the upright frame. */
  readonly box: readonly [number, number, number, number];
  /** The detector's certainty, 0 to 1. */
  readonly score: number;
  /** How many faces the detector saw in the frame. */
  readonly faces: number;
  /** 160 x 160 x 3 bytes, red, green, blue. */
  readonly crop: Uint8Array;
  /** 468 x (x, y, z) of the mesh on the crop: x and y as shares of the crop, z of its width. Null: no mesh in the crop. */
  readonly landmarks: Float32Array | null;
  /** 468 x (x, y, z) of the mesh on the whole frame, in pixels. Null: none, or the detector does not look for it. */
  readonly frameLandmarks: Float32Array | null;
}

export interface FaceChain {
  /**
   * Looks for a face in one frame by itself, without memory of earlier ones. Calls may overlap; they run one after another.
   * @throws RangeError if the picture's size and bytes do not fit together
   */
  find(image: RgbImage): Promise<FaceFound | null>;
  /** Frees the networks, after what is under way. */
  close(): Promise<void>;
}

export interface FaceChainOptions {
  /** Where npm's @mediapipe/face_mesh lies, if not where Node finds it. */
  readonly modelFolder?: string;
  /** Another detector for the crop; closed with the chain. */
  readonly detector?: FaceDetector;
}

/**
 * Frame to face crop and landmarks, as the paper made them (section 3.3) but with MediaPipe's own detector in place of
 * MTCNN. One thread; for more, run several processes.
 * @throws ModelFileError if the networks are missing or damaged
 */
export async function createFaceChain(options: FaceChainOptions = {}): Promise<FaceChain> {
  const models = readFaceMeshPackage(options.modelFolder);
  const shortRange = await openNetwork('face_detection_short_range.tflite', models.detector);
  const mesh = await openNetwork('face_landmark.tflite', models.mesh);
  const detector = options.detector ?? createMeshDetector(shortRange, mesh);

  const find = async (image: RgbImage): Promise<FaceFound | null> => {
    checkImage(image);
    const face = await detector.detect(image);
    const box = face === null ? null : cropBox(face.corners, image.width, image.height);
    if (face === null || box === null) return null;
    const crop = cropAndResize(image, box, CROP_SIZE);
    const inCrop = await findMesh(shortRange, mesh, { width: CROP_SIZE, height: CROP_SIZE, rgb: crop });
    return {
      box: [box.x, box.y, box.width, box.height],
      score: face.score,
      faces: face.faces,
      crop,
      landmarks: inCrop?.landmarks?.map((value) => value / CROP_SIZE) ?? null,
      frameLandmarks: face.landmarks,
    };
  };

  // The networks have one input buffer each, so one frame at a time.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    find: (image) => inTurn(() => find(image)),
    close: () =>
      inTurn(async () => {
        await Promise.all([detector.close(), shortRange.close(), mesh.close()]);
      }),
  };
}
