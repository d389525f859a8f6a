import { LANDMARK_VALUES } from '../../governance/modality.ts';
import type { FaceFound } from '../../pipeline/faces/face-chain.ts';

const NONE = new Float32Array(LANDMARK_VALUES).fill(Number.NaN);

/**
 * The mesh of one frame as little-endian float32 [468][x, y, z] in pixels of the upright frame, NaN where there is none. Of the mesh on the crop
 * (`crop`), x, y and z are put back by the crop's place and size, z by its width; that on the whole frame (`frame`) has pixels already.
 */
export function frameLandmarks(face: FaceFound | null, from: 'crop' | 'frame'): Uint8Array {
  const points = from === 'crop' ? placed(face) : face?.frameLandmarks;
  const values = points ?? NONE;
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i += 1) view.setFloat32(i * 4, values[i]!, true);
  return bytes;
}

function placed(face: FaceFound | null): Float32Array | null {
  if (!face?.landmarks) return null;
  const [x, y, width, height] = face.box;
  const out = new Float32Array(face.landmarks.length);
  for (let i = 0; i < out.length; i += 3) {
    out[i] = x + face.landmarks[i]! * width;
    out[i + 1] = y + face.landmarks[i + 1]! * height;
    out[i + 2] = face.landmarks[i + 2]! * width;
  }
  return out;
}
