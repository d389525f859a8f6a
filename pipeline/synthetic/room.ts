import { blend, type Colour, css, lit, rgb } from './colour.ts';
import { n } from './face-pose.ts';
import type { FaceShape } from './face-shape.ts';
import type { Lighting } from './lighting.ts';
import type { Random } from './random.ts';

/** Where a patient records; the same room in most of their submissions. */
export type Room = {
  readonly wall: Colour;
  readonly accent: Colour;
  /** What stands or hangs behind the person. */
  readonly furniture: 'picture' | 'shelf' | 'curtain' | 'plain' | 'door';
  /** Where it is, as a share of the width. */
  readonly at: number;
};

const walls = ['#d8d2c4', '#c9d3d6', '#cfc3b4', '#b9c4b4', '#d9cfd4', '#a9b3bf', '#c4b9a6', '#e2ddd2'].map(rgb);
const accents = ['#7c5a43', '#5b6f7a', '#8a6d52', '#6a7d63', '#7d5561', '#4d5a6b'].map(rgb);

export const drawRoom = (random: Random): Room => ({
  wall: random.pick(walls),
  accent: random.pick(accents),
  furniture: random.pick(['picture', 'shelf', 'curtain', 'plain', 'door']),
  at: random.uniform(0.1, 0.9),
});

/** The empty room as SVG, `width` x `height` pixels. */
export function roomSvg(room: Room, lighting: Lighting, width: number, height: number): string {
  const wall = lit(room.wall, lighting.light);
  const far = css(lit(wall, [0.66, 0.66, 0.69]));
  const left = lighting.side < 0;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>
<linearGradient id="wall" x1="${left ? 0 : 1}" x2="${left ? 1 : 0}" y1="0" y2="0.5"><stop offset="0" stop-color="${css(wall)}"/><stop offset="1" stop-color="${far}"/></linearGradient>
<radialGradient id="vignette" r="0.8"><stop offset="0.55" stop-color="#000000" stop-opacity="0"/><stop offset="1" stop-color="#000000" stop-opacity="0.32"/></radialGradient></defs>
<rect width="${width}" height="${height}" fill="url(#wall)"/>
${furniture(room, lighting, width, height)}
<rect width="${width}" height="${height}" fill="url(#vignette)"/></svg>`;
}

function furniture(room: Room, lighting: Lighting, width: number, height: number): string {
  const accent = lit(room.accent, lighting.light);
  const x = room.at * width;
  const dark = css(lit(accent, [0.7, 0.7, 0.7]));
  switch (room.furniture) {
    case 'plain':
      return '';
    case 'picture':
      return `<rect x="${n(x - 34)}" y="24" width="68" height="52" fill="${css(accent)}"/><rect x="${n(x - 28)}" y="30" width="56" height="40" fill="${css(blend(accent, rgb('#ffffff'), 0.55))}"/><path d="M ${n(x - 28)} 70 L ${n(x - 8)} 46 L ${n(x + 6)} 60 L ${n(x + 16)} 50 L ${n(x + 28)} 70 Z" fill="${dark}" fill-opacity="0.5"/>`;
    case 'shelf': {
      const books = Array.from({ length: 16 }, (_, i) => {
        const tone = css(lit(blend(room.accent, walls[i % walls.length]!, ((i * 7) % 10) / 12), lighting.light));
        const tall = 26 + ((i * 5) % 12);
        return `<rect x="${n((i % 8) * 12 - 48)}" y="${n((i < 8 ? 60 : 130) - tall)}" width="10" height="${tall}" fill="${tone}"/>`;
      }).join('');
      return `<g transform="translate(${n(x)} 0)"><rect x="-54" y="60" width="108" height="5" fill="${dark}"/><rect x="-54" y="130" width="108" height="5" fill="${dark}"/>${books}</g>`;
    }
    case 'curtain':
      return Array.from(
        { length: 6 },
        (_, i) =>
          `<rect x="${n((room.at < 0.5 ? 0 : width - 78) + i * 13)}" y="0" width="13" height="${height}" fill="${i % 2 === 0 ? css(accent) : dark}" fill-opacity="0.8"/>`,
      ).join('');
    case 'door':
      return `<rect x="${n(x - 45)}" y="30" width="90" height="${height - 30}" fill="${css(blend(accent, rgb('#ffffff'), 0.3))}" stroke="${dark}" stroke-width="4"/><circle cx="${n(x + 32)}" cy="190" r="4" fill="${dark}"/>`;
  }
}

/** Shoulders and clothing as SVG on a transparent ground, `width` x `height` pixels; the neck comes out at (x, y) in pixels. */
export function bodySvg(
  shape: FaceShape,
  lighting: Lighting,
  width: number,
  height: number,
  neck: { readonly x: number; readonly y: number; readonly unit: number },
): string {
  const cloth = lit(shape.clothing, lighting.light);
  const { x, y, unit } = neck;
  const s = (value: number): string => n(value * unit);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs><linearGradient id="cloth" x1="${lighting.side < 0 ? 0 : 1}" x2="${lighting.side < 0 ? 1 : 0}" y1="0" y2="0.4"><stop offset="0" stop-color="${css(cloth)}"/><stop offset="1" stop-color="${css(lit(cloth, [0.6, 0.6, 0.62]))}"/></linearGradient></defs>
<g transform="translate(${n(x)} ${n(y)})"><path d="M ${s(-40)} ${s(4)} C ${s(-70)} ${s(14)} ${s(-104)} ${s(22)} ${s(-112)} ${s(80)} L ${s(-112)} ${s(160)} L ${s(112)} ${s(160)} L ${s(112)} ${s(80)} C ${s(104)} ${s(22)} ${s(70)} ${s(14)} ${s(40)} ${s(4)} C ${s(20)} ${s(-6)} ${s(-20)} ${s(-6)} ${s(-40)} ${s(4)} Z" fill="url(#cloth)"/>
<path d="M ${s(-62)} ${s(40)} Q ${s(-70)} ${s(70)} ${s(-66)} ${s(120)} M ${s(62)} ${s(40)} Q ${s(70)} ${s(70)} ${s(66)} ${s(120)}" fill="none" stroke="#000000" stroke-opacity="0.22" stroke-width="2"/></g></svg>`;
}
