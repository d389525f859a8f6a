import { blend, css, lit, rgb, skinColour } from './colour.ts';
import { eyes, type Palette } from './face-eyes.ts';
import { hair } from './face-hair.ts';
import { jawDrop, mouth } from './face-mouth.ts';
import { type Expression, type HeadTurn, n, onSurface } from './face-pose.ts';
import type { FaceShape } from './face-shape.ts';
import type { Lighting } from './lighting.ts';
import { clamp, randomFor } from './random.ts';

/** The part of the plane that a head fills, hair and neck included, in units of FaceShape. */
export const headBox = { x: -80, y: -104, width: 160, height: 226 } as const;

/** The row between what changes with the eyes and what changes with the mouth. */
export const MIDDLE_ROW = 13;

/** A part of the picture, in units of FaceShape. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/**
 * Draws a head as SVG on a transparent ground: `box` of it, at `unit` pixels per unit. Own drawing; MediaPipe's short-range detector
 * and mesh find it (tests/pipeline/synthetic). Only what lies inside the box is rasterised, so a mouth costs less than a head.
 */
export function drawFace(
  shape: FaceShape,
  expression: Expression,
  turn: HeadTurn,
  lighting: Lighting,
  box: Box = headBox,
  unit = 1,
): string {
  const skin = lit(skinColour(shape.skinTone), lighting.light);
  const palette: Palette = {
    skin,
    shade: lit(skin, [0.56, 0.46, 0.43]),
    highlight: blend(skin, lit(rgb('#fff4e6'), lighting.light), 0.3),
    light: lighting.light,
  };
  // The strands lie where the person's own numbers put them, the same in every picture.
  const { behind, over } = hair(shape, palette, randomFor(Math.round(shape.cheek * 1e6), 'strands'));
  const bottom = box.y + box.height;
  // Strokes that the box cuts off anyway are left out: they cost time. Eyes and mouth meet at MIDDLE_ROW.
  const parts = [
    behind,
    bottom > 40 ? neck(shape) : '',
    ears(shape, palette),
    head(shape, expression, palette),
    nose(shape, turn, palette),
    box.y < MIDDLE_ROW ? eyes(shape, expression, turn, palette) : '',
    bottom > MIDDLE_ROW ? mouth(shape, expression, turn, palette) : '',
    over,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(box.width * unit)}" height="${Math.round(box.height * unit)}" viewBox="${n(box.x)} ${n(box.y)} ${n(box.width)} ${n(box.height)}">
${gradients(shape, palette, lighting)}
${parts.join('\n')}
</svg>`;
}

function gradients(shape: FaceShape, palette: Palette, lighting: Lighting): string {
  const { skin, shade, highlight } = palette;
  const from = 0.5 + 0.34 * lighting.side;
  const blush = blend(skin, lit(rgb('#c2554a'), lighting.light), 0.34);
  return `<defs>
<radialGradient id="skin" cx="${n(from)}" cy="0.4" r="0.78"><stop offset="0" stop-color="${css(highlight)}"/><stop offset="0.42" stop-color="${css(skin)}"/><stop offset="1" stop-color="${css(blend(skin, shade, 0.72))}"/></radialGradient>
<linearGradient id="side" x1="${lighting.side > 0 ? 1 : 0}" x2="${lighting.side > 0 ? 0 : 1}" y1="0.3" y2="0.6"><stop offset="0.45" stop-color="${css(shade)}" stop-opacity="0"/><stop offset="1" stop-color="${css(shade)}" stop-opacity="${n(0.75 * Math.abs(lighting.side))}"/></linearGradient>
<linearGradient id="neckShade" x1="0" x2="0" y1="0" y2="1"><stop offset="0" stop-color="${css(lit(shade, [0.85, 0.83, 0.83]))}"/><stop offset="0.75" stop-color="${css(blend(skin, shade, 0.4))}"/></linearGradient>
<radialGradient id="socket" cx="0.45" cy="0.4" r="0.5"><stop offset="0.3" stop-color="${css(shade)}" stop-opacity="0.42"/><stop offset="1" stop-color="${css(shade)}" stop-opacity="0"/></radialGradient>
<radialGradient id="blush"><stop offset="0" stop-color="${css(blush)}" stop-opacity="0.75"/><stop offset="1" stop-color="${css(blush)}" stop-opacity="0"/></radialGradient>
<radialGradient id="soft"><stop offset="0" stop-color="${css(highlight)}" stop-opacity="0.9"/><stop offset="1" stop-color="${css(highlight)}" stop-opacity="0"/></radialGradient>
<radialGradient id="dim"><stop offset="0" stop-color="${css(shade)}" stop-opacity="0.6"/><stop offset="1" stop-color="${css(shade)}" stop-opacity="0"/></radialGradient>
<linearGradient id="noseSide" x1="${lighting.side > 0 ? 1 : 0}" x2="${lighting.side > 0 ? 0 : 1}"><stop offset="0" stop-color="${css(shade)}" stop-opacity="0.05"/><stop offset="1" stop-color="${css(shade)}" stop-opacity="0.5"/></linearGradient>
<clipPath id="headClip"><path d="${outline(shape, 0)}"/></clipPath>
</defs>`;
}

function outline(shape: FaceShape, drop: number): string {
  const { cheek: c, jaw: j, chin: k, length } = shape;
  const l = length + drop;
  const half = (s: 1 | -1) => ({
    down: `C ${n(s * c * 0.72)} -70 ${n(s * (c + 1))} -50 ${n(s * (c - 1))} -14 C ${n(s * (c - 0.5))} 6 ${n(s * c * 0.99)} 18 ${n(s * (j + 4.5))} 36 C ${n(s * (j + 1))} ${n(48 + drop * 0.5)} ${n(s * (k + 13))} ${n(l - 9)} ${n(s * k)} ${n(l - 2.5)} Q ${n(s * k * 0.5)} ${n(l)} 0 ${n(l)}`,
    up: `Q ${n(s * k * 0.5)} ${n(l)} ${n(s * k)} ${n(l - 2.5)} C ${n(s * (k + 13))} ${n(l - 9)} ${n(s * (j + 1))} ${n(48 + drop * 0.5)} ${n(s * (j + 4.5))} 36 C ${n(s * c * 0.99)} 18 ${n(s * (c - 0.5))} 6 ${n(s * (c - 1))} -14 C ${n(s * (c + 1))} -50 ${n(s * c * 0.72)} -70 0 -70`,
  });
  return `M 0 -70 ${half(1).down} ${half(-1).up} Z`;
}

function head(shape: FaceShape, expression: Expression, palette: Palette): string {
  const drop = jawDrop(expression.mouth);
  const face = outline(shape, drop);
  const c = shape.cheek;
  const wrinkles = clamp((shape.age - 42) / 60, 0, 0.5) + 0.12 * expression.browsDown;
  const line = (y: number) => `M -22 ${n(y + 1)} Q -8 ${n(y - 1.6)} 0 ${n(y)} Q 9 ${n(y - 1.6)} 22 ${n(y + 1)}`;
  return `<path d="${face}" fill="url(#skin)"/>
<ellipse cx="${n(-c * 0.55)}" cy="25" rx="17" ry="12" fill="url(#blush)"/><ellipse cx="${n(c * 0.55)}" cy="25" rx="17" ry="12" fill="url(#blush)"/>
<ellipse cx="${n(-c * 0.62)}" cy="42" rx="11" ry="17" fill="url(#dim)" fill-opacity="0.45"/><ellipse cx="${n(c * 0.62)}" cy="42" rx="11" ry="17" fill="url(#dim)" fill-opacity="0.45"/>
<ellipse cx="${n(-c * 0.85)}" cy="-16" rx="9" ry="17" fill="url(#dim)" fill-opacity="0.5"/><ellipse cx="${n(c * 0.85)}" cy="-16" rx="9" ry="17" fill="url(#dim)" fill-opacity="0.5"/>
<ellipse cx="0" cy="${n(shape.length - 7 + drop)}" rx="12" ry="6" fill="url(#soft)" fill-opacity="0.5"/>
<ellipse cx="0" cy="-34" rx="26" ry="15" fill="url(#soft)" fill-opacity="0.45"/>
<path d="${line(-29)} ${line(-35)}" fill="none" stroke="${css(palette.shade)}" stroke-width="1.1" stroke-opacity="${n(wrinkles)}"/>
<path d="${face}" fill="url(#side)"/>
<path d="${face}" fill="none" stroke="${css(lit(palette.shade, [0.8, 0.78, 0.78]))}" stroke-width="0.8" stroke-opacity="0.55"/>`;
}

function neck(shape: FaceShape): string {
  const w = shape.jaw * 0.76;
  const y = shape.length;
  return `<path d="M ${n(-w)} 40 L ${n(-w)} ${n(y + 16)} C ${n(-w)} ${n(y + 24)} ${n(-w - 7)} ${n(y + 27)} ${n(-w - 13)} ${n(y + 30)} C ${n(-w)} ${n(y + 44)} ${n(w)} ${n(y + 44)} ${n(w + 13)} ${n(y + 30)} C ${n(w + 7)} ${n(y + 27)} ${n(w)} ${n(y + 24)} ${n(w)} ${n(y + 16)} L ${n(w)} 40 Z" fill="url(#neckShade)"/>`;
}

function ears(shape: FaceShape, palette: Palette): string {
  const ear = (s: 1 | -1): string => {
    const x = s * (shape.cheek + 1.5);
    const e = shape.ears;
    return `<ellipse cx="${n(x)}" cy="8" rx="${n(7 * e)}" ry="${n(14 * e)}" fill="${css(blend(palette.skin, palette.shade, 0.25))}" stroke="${css(palette.shade)}" stroke-width="0.6"/><path d="M ${n(x + s * 3)} ${n(8 - 9 * e)} C ${n(x + s * 6)} 4 ${n(x + s * 3)} 12 ${n(x)} ${n(8 + 7 * e)}" fill="none" stroke="${css(palette.shade)}" stroke-width="1.6" stroke-opacity="0.6"/>`;
  };
  return ear(-1) + ear(1);
}

function nose(shape: FaceShape, turn: HeadTurn, palette: Palette): string {
  const place = onSurface(turn);
  const w = shape.noseWidth;
  const [bx, by] = place(0, -8, 22);
  const [tx, ty] = place(0, shape.noseLength - 4, 40);
  const [ax, ay] = place(0, shape.noseLength - 2, 30);
  const wing = (s: 1 | -1) =>
    `<path d="M ${n(ax + s * w * 0.72)} ${n(ay - 7)} C ${n(ax + s * w * 1.12)} ${n(ay - 5)} ${n(ax + s * w * 1.1)} ${n(ay + 3.5)} ${n(ax + s * w * 0.62)} ${n(ay + 2.6)}" fill="none" stroke="${css(palette.shade)}" stroke-width="1.5" stroke-linecap="round" stroke-opacity="0.75"/>
<ellipse cx="${n(ax + s * w * 0.42 + (tx - ax) * 0.4)}" cy="${n(ay + 2.2)}" rx="${n(w * 0.24)}" ry="1.9" fill="${css(lit(palette.shade, [0.45, 0.4, 0.4]))}" fill-opacity="0.85" transform="rotate(${-12 * s} ${n(ax + s * w * 0.42)} ${n(ay + 2)})"/>`;
  return `<path d="M ${n(bx - 5)} ${n(by)} C ${n(bx - 4)} ${n(by + 12)} ${n(ax - w)} ${n(ay - 9)} ${n(ax - w * 0.95)} ${n(ay)} Q ${n(tx)} ${n(ay + 7)} ${n(ax + w * 0.95)} ${n(ay)} C ${n(ax + w)} ${n(ay - 9)} ${n(bx + 4)} ${n(by + 12)} ${n(bx + 5)} ${n(by)} Z" fill="url(#noseSide)"/>
<path d="M ${n(bx - 1.6)} ${n(by)} Q ${n((bx + tx) / 2 - 1.5)} ${n((by + ty) / 2)} ${n(tx - 3)} ${n(ty - 3)} L ${n(tx + 3)} ${n(ty - 3)} Q ${n((bx + tx) / 2 + 1.5)} ${n((by + ty) / 2)} ${n(bx + 1.6)} ${n(by)} Z" fill="${css(palette.highlight)}" fill-opacity="0.5"/>
<ellipse cx="${n(tx)}" cy="${n(ty)}" rx="${n(w * 0.55)}" ry="5.5" fill="url(#soft)"/>
${wing(-1)}${wing(1)}
<path d="M ${n(ax - w * 0.5)} ${n(ay + 3)} Q ${n((ax + tx) / 2)} ${n(ay + 7)} ${n(ax + w * 0.5)} ${n(ay + 3)}" fill="none" stroke="${css(palette.shade)}" stroke-width="1.3" stroke-linecap="round" stroke-opacity="0.6"/>`;
}
