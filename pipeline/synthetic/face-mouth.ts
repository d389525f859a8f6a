import { blend, css, lit, rgb } from './colour.ts';
import type { Palette } from './face-eyes.ts';
import { type Expression, type HeadTurn, n, onSurface } from './face-pose.ts';
import type { FaceShape } from './face-shape.ts';
import { clamp } from './random.ts';

/** How far down the chin goes when the mouth opens, in units of FaceShape. */
export const jawDrop = (mouth: number): number => 6 * mouth;

/** Lips, teeth, the folds beside the nose, and a beard where there is one; needs the gradient `beard`. */
export function mouth(shape: FaceShape, expression: Expression, turn: HeadTurn, palette: Palette): string {
  const place = onSurface(turn);
  const [x, y] = place(0, shape.noseLength + (shape.length - shape.noseLength) * 0.37, 26);
  const open = expression.mouth;
  const w = shape.mouthWidth * (1 - 0.12 * open) * (1 + 0.05 * expression.lipCorners);
  const corner = -4.4 * expression.lipCorners + 0.9 * open;
  const gapUp = 1.6 * open;
  const gapDown = 10.5 * open;
  const upper = 4.3 * shape.lips;
  const lower = 6 * shape.lips;
  const tint = blend(rgb('#b4484c'), rgb('#5a2730'), clamp((shape.skinTone - 0.3) * 1.5, 0, 1));
  const lip = blend(palette.skin, lit(tint, palette.light), shape.lipTint);
  const upperLip = lit(lip, [0.86, 0.82, 0.82]);
  const c = n(corner);
  const inner = `M ${n(-w * 0.9)} ${c} C ${n(-w * 0.4)} ${n(-gapUp - 0.6)} ${n(-w * 0.15)} ${n(-gapUp + 0.3)} 0 ${n(-gapUp + 0.5)} C ${n(w * 0.15)} ${n(-gapUp + 0.3)} ${n(w * 0.4)} ${n(-gapUp - 0.6)} ${n(w * 0.9)} ${c}`;
  const opening = `${inner} C ${n(w * 0.5)} ${n(gapDown * 1.2 + 0.5)} ${n(-w * 0.5)} ${n(gapDown * 1.2 + 0.5)} ${n(-w * 0.9)} ${c} Z`;
  const upperPath = `M ${n(-w)} ${c} C ${n(-w * 0.55)} ${n(-gapUp - upper * 0.55)} ${n(-w * 0.3)} ${n(-gapUp - upper)} ${n(-w * 0.16)} ${n(-gapUp - upper)} Q 0 ${n(-gapUp - upper * 0.6)} ${n(w * 0.16)} ${n(-gapUp - upper)} C ${n(w * 0.3)} ${n(-gapUp - upper)} ${n(w * 0.55)} ${n(-gapUp - upper * 0.55)} ${n(w)} ${c} C ${n(w * 0.4)} ${n(-gapUp + 0.2)} ${n(-w * 0.4)} ${n(-gapUp + 0.2)} ${n(-w)} ${c} Z`;
  const lowerPath = `M ${n(-w)} ${c} C ${n(-w * 0.5)} ${n(gapDown * 1.15 + 0.7)} ${n(w * 0.5)} ${n(gapDown * 1.15 + 0.7)} ${n(w)} ${c} C ${n(w * 0.55)} ${n(gapDown + lower * 1.35)} ${n(-w * 0.55)} ${n(gapDown + lower * 1.35)} ${n(-w)} ${c} Z`;
  const fold = (side: -1 | 1): string => {
    const depth = 0.16 + clamp((shape.age - 35) / 90, 0, 0.4) + 0.45 * expression.noseWrinkle;
    return `<path d="M ${n(side * (shape.noseWidth + 3))} ${n(-22)} C ${n(side * (shape.noseWidth + 8))} -15 ${n(side * (w + 4))} -9 ${n(side * (w + 4.5))} ${n(-2)}" fill="none" stroke="${css(palette.shade)}" stroke-width="1.5" stroke-linecap="round" stroke-opacity="${n(depth)}"/>`;
  };
  const corners = (side: -1 | 1): string =>
    `<path d="M ${n(side * w * 0.95)} ${c} q ${n(side * 2.2)} ${n(0.6 - expression.lipCorners)} ${n(side * 3)} ${n(2.4 - 3.5 * expression.lipCorners)}" fill="none" stroke="${css(palette.shade)}" stroke-width="1.2" stroke-linecap="round" stroke-opacity="0.55"/>`;
  const teeth = lit(rgb('#eee8df'), palette.light);
  return `<g transform="translate(${n(x)} ${n(y)})">
${beard(shape, palette, w, gapDown + lower)}
${fold(-1)}${fold(1)}
<ellipse cx="0" cy="${n(gapDown + lower + 4.5)}" rx="${n(w * 0.55)}" ry="2.6" fill="${css(palette.shade)}" fill-opacity="0.32"/>
<path d="M -2.6 ${n(-upper - gapUp - 9)} L -2 ${n(-upper - gapUp - 1.5)} M 2.6 ${n(-upper - gapUp - 9)} L 2 ${n(-upper - gapUp - 1.5)}" stroke="${css(palette.shade)}" stroke-width="1.2" stroke-opacity="0.22"/>
<path d="${opening}" fill="#3a1416"/>
<clipPath id="mouthOpening"><path d="${opening}"/></clipPath>
<g clip-path="url(#mouthOpening)"><rect x="${n(-w * 0.62)}" y="${n(-gapUp - 2)}" width="${n(w * 1.24)}" height="${n(2 + gapUp + Math.min(4, gapDown * 0.5))}" rx="2" fill="${css(teeth)}"/>
<ellipse cx="0" cy="${n(gapDown + 1)}" rx="${n(w * 0.5)}" ry="${n(gapDown * 0.4)}" fill="#a24a4d"/></g>
<path d="${upperPath}" fill="${css(upperLip)}"/>
<path d="${lowerPath}" fill="${css(lip)}"/>
<ellipse cx="${n(-w * 0.12)}" cy="${n(gapDown + lower * 0.5)}" rx="${n(w * 0.3)}" ry="${n(lower * 0.2)}" fill="#ffffff" fill-opacity="0.16"/>
<path d="${inner}" fill="none" stroke="#4a1d1e" stroke-width="${n(1.3 - 0.6 * open)}" stroke-opacity="0.8"/>
${corners(-1)}${corners(1)}
</g>`;
}

function beard(shape: FaceShape, palette: Palette, w: number, lowest: number): string {
  if (shape.beard === 'none') return '';
  const hair = css(lit(blend(shape.hairColour, rgb('#2a1d16'), 0.25), palette.light));
  const moustache = `<path d="M ${n(-w - 3)} 1 C ${n(-w * 0.6)} -11 ${n(-w * 0.2)} -10 0 -8.5 C ${n(w * 0.2)} -10 ${n(w * 0.6)} -11 ${n(w + 3)} 1 C ${n(w * 0.5)} -4 ${n(-w * 0.5)} -4 ${n(-w - 3)} 1 Z" fill="${hair}" fill-opacity="${shape.beard === 'stubble' ? 0.16 : 0.85}"/>`;
  if (shape.beard === 'moustache') return moustache;
  const chin = shape.length - shape.noseLength - (shape.length - shape.noseLength) * 0.37 + 3;
  const jaw = shape.jaw + 2;
  const cheeks = `<path d="M ${n(-jaw - 4)} -24 C ${n(-jaw * 0.9)} -2 ${n(-w - 4)} -8 ${n(-w - 3)} 2 C ${n(-w * 0.4)} ${n(lowest - 1)} ${n(w * 0.4)} ${n(lowest - 1)} ${n(w + 3)} 2 C ${n(w + 4)} -8 ${n(jaw * 0.9)} -2 ${n(jaw + 4)} -24 C ${n(jaw + 1)} 8 ${n(jaw * 0.7)} ${n(chin)} 0 ${n(chin + 1)} C ${n(-jaw * 0.7)} ${n(chin)} ${n(-jaw - 1)} 8 ${n(-jaw - 4)} -24 Z" fill="${hair}" fill-opacity="${shape.beard === 'stubble' ? 0.18 : 0.82}"/>`;
  return cheeks + moustache;
}
