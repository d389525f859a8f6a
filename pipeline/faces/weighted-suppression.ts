/** A face as the detector sees it: box corners, then six points (right eye, left eye, nose, mouth, ears) as x, y. */
export interface Detection {
  readonly score: number;
  /** x0, y0, x1, y1, then 6 x (x, y). */
  readonly places: Float64Array;
}

/**
 * Non-maximum suppression that blends: boxes that overlap the best one by more than `overlap` (intersection over union)
 * become one whose corners and points are their means weighted by score, with the best one's score. The best face first.
 * As MediaPipe's NonMaxSuppressionCalculator does it with the algorithm WEIGHTED.
 */
export function suppressWeighted(detections: readonly Detection[], overlap: number): Detection[] {
  let remaining = [...detections].sort((a, b) => b.score - a.score);
  const faces: Detection[] = [];
  while (remaining.length > 0) {
    const best = remaining[0]!;
    const same = remaining.filter((other) => intersectionOverUnion(best.places, other.places) > overlap);
    const rest = remaining.filter((other) => !same.includes(other));
    if (rest.length === remaining.length) break; // A box without area does not even overlap itself.
    faces.push({ score: best.score, places: weightedMean(same) });
    remaining = rest;
  }
  return faces;
}

function weightedMean(detections: readonly Detection[]): Float64Array {
  const total = detections.reduce((sum, { score }) => sum + score, 0);
  const length = detections[0]!.places.length;
  return Float64Array.from(
    { length },
    (_, i) => detections.reduce((sum, { score, places }) => sum + score * places[i]!, 0) / total,
  );
}

/** Of two boxes given as x0, y0, x1, y1 (further values are ignored); 0 where they do not meet. */
export function intersectionOverUnion(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const width = Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!);
  const height = Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!);
  if (width <= 0 || height <= 0) return 0;
  const areas = (a[2]! - a[0]!) * (a[3]! - a[1]!) + (b[2]! - b[0]!) * (b[3]! - b[1]!);
  return (width * height) / (areas - width * height);
}
