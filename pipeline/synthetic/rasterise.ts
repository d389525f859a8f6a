import sharp from 'sharp';
import { type Layer, premultiplied } from './compose.ts';

/** SVG to pixels (librsvg through sharp). */
export async function rasterise(svg: string): Promise<Layer> {
  const { data, info } = await sharp(Buffer.from(svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return premultiplied(info.width, info.height, data);
}
