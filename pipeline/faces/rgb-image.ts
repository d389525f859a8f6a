/** A picture: rows from the top, three bytes a pixel (red, green, blue), no padding between rows. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** @throws RangeError if the sizes are not whole and positive, or the bytes are not three a pixel */
export function checkImage({ width, height, rgb }: RgbImage): void {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`a picture cannot be ${width} x ${height} pixels`);
  }
  if (rgb.length !== width * height * 3) {
    throw new RangeError(`${width} x ${height} pixels need ${width * height * 3} bytes, not ${rgb.length}`);
  }
}
