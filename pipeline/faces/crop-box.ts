import type { PixelBox } from './pillow-resize.ts';

/** Corners in pixels, possibly between pixels or outside the picture: x0, y0, x1, y1. */
export type Corners = readonly [number, number, number, number];

/**
 * The pixels that are cut out for a face box, margin 0: limited to the picture, then cut off to whole numbers towards
 * zero, as facenet-pytorch does for the paper.
 * @returns null if nothing of the box lies inside the picture
 */
export function cropBox([x0, y0, x1, y1]: Corners, width: number, height: number): PixelBox | null {
  const left = Math.trunc(Math.max(x0, 0));
  const top = Math.trunc(Math.max(y0, 0));
  const right = Math.trunc(Math.min(x1, width));
  const bottom = Math.trunc(Math.min(y1, height));
  if (!(right > left && bottom > top)) return null;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
