/** Pixels, row by row: red, green, blue, each already multiplied by alpha, and alpha; 0 to 255. */
export type Layer = { readonly width: number; readonly height: number; readonly pixels: Uint8Array };

/** RGBA as image libraries give it, turned into a layer in place. */
export function premultiplied(width: number, height: number, rgba: Uint8Array): Layer {
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    if (alpha === 255) continue;
    for (let c = 0; c < 3; c++) rgba[i + c] = Math.round((rgba[i + c]! * alpha) / 255);
  }
  return { width, height, pixels: rgba };
}

/** Replaces a part of `layer` by `patch`, its left top corner at (x, y). Both in pixels; the patch lies inside. */
export function paste(layer: Layer, patch: Layer, x: number, y: number): void {
  for (let row = 0; row < patch.height; row++) {
    const from = row * patch.width * 4;
    layer.pixels.set(patch.pixels.subarray(from, from + patch.width * 4), ((y + row) * layer.width + x) * 4);
  }
}

/** Where a layer goes: its point (pivotX, pivotY) comes to (x, y) of the picture, turned by `roll` (radians, clockwise) and scaled. */
export type Placement = {
  readonly pivotX: number;
  readonly pivotY: number;
  readonly x: number;
  readonly y: number;
  readonly roll: number;
  readonly scale: number;
};

/** Draws the layer over an RGB picture (`width` x `height` x 3 bytes), bilinear. What lies outside the picture is cut off. */
export function drawOver(target: Uint8Array, width: number, height: number, layer: Layer, at: Placement): void {
  const cos = Math.cos(at.roll);
  const sin = Math.sin(at.roll);
  const corners = [
    [-at.pivotX, -at.pivotY],
    [layer.width - at.pivotX, -at.pivotY],
    [-at.pivotX, layer.height - at.pivotY],
    [layer.width - at.pivotX, layer.height - at.pivotY],
  ].map(([dx, dy]) => [at.x + at.scale * (cos * dx! - sin * dy!), at.y + at.scale * (sin * dx! + cos * dy!)] as const);
  const x0 = Math.max(0, Math.floor(Math.min(...corners.map(([x]) => x))));
  const x1 = Math.min(width - 1, Math.ceil(Math.max(...corners.map(([x]) => x))));
  const y0 = Math.max(0, Math.floor(Math.min(...corners.map(([, y]) => y))));
  const y1 = Math.min(height - 1, Math.ceil(Math.max(...corners.map(([, y]) => y))));
  const stepU = cos / at.scale;
  const stepV = -sin / at.scale;
  const { pixels } = layer;
  const stride = layer.width * 4;
  const lastU = layer.width - 1;
  const lastV = layer.height - 1;
  for (let y = y0; y <= y1; y++) {
    const dx = x0 - at.x;
    const dy = y - at.y;
    let u = at.pivotX + (cos * dx + sin * dy) / at.scale;
    let v = at.pivotY + (-sin * dx + cos * dy) / at.scale;
    let out = (y * width + x0) * 3;
    for (let x = x0; x <= x1; x++, u += stepU, v += stepV, out += 3) {
      if (u < 0 || v < 0 || u >= lastU || v >= lastV) continue;
      const iu = u | 0;
      const iv = v | 0;
      const i = iv * stride + iu * 4;
      const j = i + stride;
      const a00 = pixels[i + 3]!;
      const a10 = pixels[i + 7]!;
      const a01 = pixels[j + 3]!;
      const a11 = pixels[j + 7]!;
      if ((a00 | a10 | a01 | a11) === 0) continue;
      // Weights in 256ths: whole-number arithmetic is faster here and the same on every machine.
      const fu = ((u - iu) * 256) | 0;
      const fv = ((v - iv) * 256) | 0;
      const w11 = (fu * fv) >> 8;
      const w10 = fu - w11;
      const w01 = fv - w11;
      const w00 = 256 - fu - fv + w11;
      const r = (pixels[i]! * w00 + pixels[i + 4]! * w10 + pixels[j]! * w01 + pixels[j + 4]! * w11) >> 8;
      const g = (pixels[i + 1]! * w00 + pixels[i + 5]! * w10 + pixels[j + 1]! * w01 + pixels[j + 5]! * w11) >> 8;
      const b = (pixels[i + 2]! * w00 + pixels[i + 6]! * w10 + pixels[j + 2]! * w01 + pixels[j + 6]! * w11) >> 8;
      if ((a00 & a10 & a01 & a11) === 255) {
        target[out] = r;
        target[out + 1] = g;
        target[out + 2] = b;
        continue;
      }
      const rest = 255 - ((a00 * w00 + a10 * w10 + a01 * w01 + a11 * w11) >> 8);
      target[out] = (r + (target[out]! * rest + 127) / 255) | 0;
      target[out + 1] = (g + (target[out + 1]! * rest + 127) / 255) | 0;
      target[out + 2] = (b + (target[out + 2]! * rest + 127) / 255) | 0;
    }
  }
}

/** An upright RGB picture as a phone stores it lying down: turned 90 degrees clockwise when shown, it is upright again. Written to `out`. */
export function layDown(rgb: Uint8Array, width: number, height: number, out: Uint8Array): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 3;
      const to = ((width - 1 - x) * height + y) * 3;
      out[to] = rgb[from]!;
      out[to + 1] = rgb[from + 1]!;
      out[to + 2] = rgb[from + 2]!;
    }
  }
}
