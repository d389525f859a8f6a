import type { Corners } from './crop-box.ts';
import type { FaceDetector } from './face-detector.ts';
import type { Network } from './network.ts';
import { findMesh } from './static-mesh.ts';

/**
 * How far the crop reaches beyond the mesh's bounding box, as shares of that box's width (left, right) and height (top, bottom).
 */
export const MESH_BOX_WIDENING = { left: 0, right: 0, top: 0.15, bottom: 0 } as const;

/** The built-in detector: MediaPipe's mesh on the whole picture. The networks stay the caller's. */
export function createMeshDetector(detector: Network, mesh: Network): FaceDetector {
  return {
    async detect(image) {
      const found = await findMesh(detector, mesh, image);
      if (found === null || found.landmarks === null) return null;
      return { ...found, corners: widenedBox(found.landmarks) };
    },
    async close() {},
  };
}

/** The box around the mesh, widened as stated above. */
export function widenedBox(landmarks: Float32Array): Corners {
  const [x0, y0, x1, y1] = meshBox(landmarks);
  const { left, right, top, bottom } = MESH_BOX_WIDENING;
  const [width, height] = [x1 - x0, y1 - y0];
  return [x0 - left * width, y0 - top * height, x1 + right * width, y1 + bottom * height];
}

/** The smallest upright box around all points. */
export function meshBox(landmarks: Float32Array): Corners {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < landmarks.length; i += 3) {
    const [x, y] = [landmarks[i]!, landmarks[i + 1]!];
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y);
  }
  return [x0, y0, x1, y1];
}
