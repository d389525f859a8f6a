import type { Corners } from './crop-box.ts';
import type { RgbImage } from './rgb-image.ts';

/** The most prominent face of a picture, as one detector sees it. */
export interface DetectedFace {
  /** What should be cut out, in pixels. */
  readonly corners: Corners;
  /** Certainty, 0 to 1. */
  readonly score: number;
  /** How many faces it saw. */
  readonly faces: number;
  /** 468 x (x, y, z) in pixels of the picture, if this detector looks for the mesh there. */
  readonly landmarks: Float32Array | null;
}

/** Finds the most prominent face; what the chain cuts out and reads landmarks from is its choice. */
export interface FaceDetector {
  detect(image: RgbImage): Promise<DetectedFace | null>;
  close(): Promise<void>;
}
