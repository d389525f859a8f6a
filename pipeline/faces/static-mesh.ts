import type { Network } from './network.ts';
import type { RgbImage } from './rgb-image.ts';
import { detectFaces } from './short-range-detector.ts';
import { byteLevels, type Region, warpRegion } from './warp.ts';
import type { Detection } from './weighted-suppression.ts';

/** Points of the mesh. */
export const MESH_POINTS = 468;

/** What MediaPipe Face Mesh, each picture by itself, finds in a picture. */
export interface MeshFound {
  /** The detector's certainty, 0.5 to 1. */
  readonly score: number;
  /** How many faces the detector saw; the mesh is that of the most certain. */
  readonly faces: number;
  /** 468 x (x, y, z) in pixels of the picture; z smaller is nearer; points may lie outside. Null: the mesh saw no face. */
  readonly landmarks: Float32Array | null;
}

const LEVELS = byteLevels(0, 1);
/** The mesh looks at a square this much larger than the detector's box. */
const REGION_SCALE = 1.5;

/** Detector and mesh on one picture; null if the detector finds no face. */
export async function findMesh(detector: Network, mesh: Network, image: RgbImage): Promise<MeshFound | null> {
  const detections = await detectFaces(detector, image);
  const best = detections[0];
  if (best === undefined) return null;
  const region = faceRegion(best);
  warpRegion(image, region, mesh.size, 'replicate', LEVELS, mesh.input);
  const [points, presence] = await mesh.run();
  // MediaPipe's file gives a logit here; a face is there above 0.5, so above 0 before the sigmoid.
  const seen = presence![0]! > 0;
  return {
    score: best.score,
    faces: detections.length,
    landmarks: seen ? place(points!, region, mesh.size) : null,
  };
}

/** A square about the middle of the box, its sides 1.5 times the longer one, turned so that the eyes are level. */
function faceRegion({ places }: Detection): Region {
  const [x0, y0, x1, y1, rightEyeX, rightEyeY, leftEyeX, leftEyeY] = places as unknown as readonly number[];
  return {
    centerX: (x0! + x1!) / 2,
    centerY: (y0! + y1!) / 2,
    size: REGION_SCALE * Math.max(x1! - x0!, y1! - y0!),
    rotation: Math.atan2(leftEyeY! - rightEyeY!, leftEyeX! - rightEyeX!),
  };
}

/** From pixels of the network's picture to pixels of the picture that the region lies in. */
function place(points: Float32Array, { centerX, centerY, size, rotation }: Region, networkSize: number): Float32Array {
  const [cos, sin] = [Math.cos(rotation) * size, Math.sin(rotation) * size];
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i]! / networkSize - 0.5;
    const y = points[i + 1]! / networkSize - 0.5;
    out[i] = centerX + cos * x - sin * y;
    out[i + 1] = centerY + sin * x + cos * y;
    out[i + 2] = (points[i + 2]! / networkSize) * size;
  }
  return out;
}
