/** Figures of a picture for the quality report (paper, ethics appendix). */
export interface PictureQuality {
  /** Mean luma, 0 (black) to 255 (white). */
  brightness: number;
  /** Standard deviation of luma over the pixels. */
  contrast: number;
  /** Variance of the Laplacian of luma (kernel 0 1 0 / 1 -4 1 / 0 1 0) over the inner pixels: low where out of focus. */
  sharpness: number;
}

/**
 * Brightness, contrast and sharpness of an RGB24 picture (`width * height * 3` bytes, row by row). Luma is 0.299 R + 0.587 G + 0.114 B
 * (ITU-R BT.601), not rounded. Pictures under 3 pixels wide or high have sharpness 0. Throws RangeError if the bytes do not fit the size.
 */
export function pictureQuality({
  width,
  height,
  rgb,
}: {
  width: number;
  height: number;
  rgb: Uint8Array;
}): PictureQuality {
  const pixels = width * height;
  if (pixels === 0 || rgb.length !== pixels * 3) {
    throw new RangeError(`${rgb.length} bytes are not ${width} x ${height} x 3`);
  }
  const luma = new Float32Array(pixels);
  let sum = 0;
  for (let i = 0, at = 0; i < pixels; i += 1, at += 3) {
    luma[i] = 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
    sum += luma[i]!;
  }
  const brightness = sum / pixels;
  let squares = 0;
  for (let i = 0; i < pixels; i += 1) squares += (luma[i]! - brightness) ** 2;
  return { brightness, contrast: Math.sqrt(squares / pixels), sharpness: laplacianVariance(luma, width, height) };
}

function laplacianVariance(luma: Float32Array, width: number, height: number): number {
  const count = (width - 2) * (height - 2);
  if (width < 3 || height < 3) return 0;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let i = y * width + 1; i < y * width + width - 1; i += 1) {
      const edge = luma[i - width]! + luma[i - 1]! + luma[i + 1]! + luma[i + width]! - 4 * luma[i]!;
      sum += edge;
      squares += edge * edge;
    }
  }
  return Math.max(0, squares / count - (sum / count) ** 2);
}
