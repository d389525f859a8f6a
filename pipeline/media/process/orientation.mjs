const TURNS = [[], ['transpose=dir=clock'], ['hflip', 'vflip'], ['transpose=dir=cclock']];

/**
 * The filters that turn a stored picture upright, from a 3 x 3 display matrix (FFmpeg's libavutil/display.h: nine int32, 16.16 fixed
 * point), as FFmpeg's own tool does: quarter turns, mirrored or not. Other angles count as the nearest quarter turn.
 *
 * The matrix takes the x axis to (a, b), which gives the turn. With a negative determinant the y axis lies on the other side than a
 * pure turn would put it, so the stored picture is flipped top to bottom first.
 * @param {Buffer | null} bytes 36 bytes, or null: upright
 * @returns {{ degrees: 0 | 90 | 180 | 270, filters: string[] }} `degrees` clockwise
 */
export function uprightFilters(bytes) {
  if (bytes === null || bytes.length < 36) return { degrees: 0, filters: [] };
  /** @param {number} i */
  const at = (i) => bytes.readInt32LE(i * 4);
  const [a, b, c, d] = [at(0), at(1), at(3), at(4)];
  const quarter = (Math.round((Math.atan2(b, a) * 2) / Math.PI) + 4) % 4;
  const mirrored = a * d - b * c < 0;
  return {
    degrees: /** @type {0 | 90 | 180 | 270} */ (quarter * 90),
    filters: [...(mirrored ? ['vflip'] : []), .../** @type {string[]} */ (TURNS[quarter])],
  };
}
