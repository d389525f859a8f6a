import type { Network } from './network.ts';
import type { RgbImage } from './rgb-image.ts';
import { byteLevels, warpRegion } from './warp.ts';
import { type Detection, suppressWeighted } from './weighted-suppression.ts';

const LEVELS = byteLevels(-1, 1);
const VALUES = 16;
const OVERLAP = 0.3;
/** Least score of a face is 0.5, so its logit is at least 0. */
const LEAST_LOGIT = 0;

/** Centres of the detector's 896 boxes as shares of its picture: two for each cell of 16 x 16, six for each of 8 x 8. */
const ANCHORS = anchors();

/**
 * MediaPipe's short-range face detector: the picture is scaled into a square, black beside it, and faces come back in
 * pixels of the picture, the most certain first. Parameters as in face_detection_short_range of MediaPipe 0.10.14.
 */
export async function detectFaces(network: Network, image: RgbImage): Promise<Detection[]> {
  const { width, height } = image;
  const size = Math.max(width, height);
  const region = { centerX: width / 2, centerY: height / 2, size, rotation: 0 };
  warpRegion(image, region, network.size, 'zero', LEVELS, network.input);
  const [boxes, logits] = await network.run();
  const found: Detection[] = [];
  for (let i = 0; i < logits!.length; i++) {
    if (logits![i]! < LEAST_LOGIT) continue;
    const detection = decode(boxes!, i, logits![i]!, network.size);
    if (detection !== undefined) found.push(detection);
  }
  const [left, top] = [(size - width) / 2, (size - height) / 2];
  return suppressWeighted(found, OVERLAP).map(({ score, places }) => ({
    score,
    places: places.map((value, i) => value * size - (i % 2 === 0 ? left : top)),
  }));
}

function decode(values: Float32Array, index: number, logit: number, size: number): Detection | undefined {
  const at = index * VALUES;
  const [anchorX, anchorY] = [ANCHORS[2 * index]!, ANCHORS[2 * index + 1]!];
  const [x, y] = [values[at]! / size + anchorX, values[at + 1]! / size + anchorY];
  const [halfWidth, halfHeight] = [values[at + 2]! / size / 2, values[at + 3]! / size / 2];
  if (halfWidth < 0 || halfHeight < 0) return undefined;
  const places = new Float64Array(VALUES);
  places.set([x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight]);
  for (let i = 4; i < VALUES; i++) places[i] = values[at + i]! / size + (i % 2 === 0 ? anchorX : anchorY);
  return { score: 1 / (1 + Math.exp(-logit)), places };
}

function anchors(): Float64Array {
  const centres: number[] = [];
  for (const [cells, each] of [
    [16, 2],
    [8, 6],
  ] as const) {
    for (let cell = 0; cell < cells * cells; cell++) {
      const centre = [((cell % cells) + 0.5) / cells, (Math.floor(cell / cells) + 0.5) / cells];
      for (let i = 0; i < each; i++) centres.push(...centre);
    }
  }
  return Float64Array.from(centres);
}
