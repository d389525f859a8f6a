import { blend, type Colour, css, lit, rgb } from './colour.ts';
import { type Expression, type HeadTurn, n, onSurface } from './face-pose.ts';
import type { FaceShape } from './face-shape.ts';
import { clamp, mix } from './random.ts';

/** The colours of a person in the light of one recording. */
export type Palette = {
  readonly skin: Colour;
  readonly shade: Colour;
  readonly highlight: Colour;
  readonly light: Colour;
};

function eye(shape: FaceShape, expression: Expression, turn: HeadTurn, palette: Palette, side: -1 | 1): string {
  const place = onSurface(turn);
  const [x, y] = place(side * shape.eyeDistance, 0, 18);
  const w = shape.eyeSize * Math.cos(turn.yaw + side * 0.25 * Math.sign(turn.yaw || 1) * Math.abs(turn.yaw));
  const low = 3.6;
  const squint = clamp(expression.eyes, 0, 1);
  const up = mix(-low * 0.85, 6.4, squint);
  const tilt = shape.eyeTilt * 0.5;
  const lower = low * mix(1, 0.8, clamp((1 - squint) * 2, 0, 1));
  // Drawn for the picture's right eye, mirrored for the left: inner corner at -w, outer at w.
  const top = (lift: number) =>
    `C ${n(-w * 0.55)} ${n(-up * 1.3 - lift)} ${n(w * 0.45)} ${n(-up * 1.38 - lift)} ${n(w)} ${n(-tilt)}`;
  const bottom = `C ${n(w * 0.5)} ${n(lower * 1.3)} ${n(-w * 0.5)} ${n(lower * 1.25)} ${n(-w)} ${n(tilt)}`;
  const opening = `M ${n(-w)} ${n(tilt)} ${top(0)} ${bottom} Z`;
  const upper = `M ${n(-w)} ${n(tilt)} ${top(0)}`;
  const crease = `M ${n(-w * 0.95)} ${n(-1.5)} C ${n(-w * 0.5)} ${n(-7 - up * 0.5)} ${n(w * 0.5)} ${n(-7.4 - up * 0.5)} ${n(w * 1.05)} ${n(-tilt - 2)}`;
  const id = side < 0 ? 'eyeL' : 'eyeR';
  const lashes = blend(palette.shade, rgb('#1a110d'), 0.75);
  const irisRadius = 5.3;
  const gaze = -turn.yaw * 5 * side;
  return `<g transform="translate(${n(x)} ${n(y)}) scale(${side} 1)">
<ellipse cx="0" cy="-1" rx="${n(w * 1.45)}" ry="11" fill="url(#socket)"/>
<path d="${crease}" fill="none" stroke="${css(palette.shade)}" stroke-width="1.1" stroke-opacity="0.75" stroke-linecap="round"/>
<clipPath id="${id}"><path d="${opening}"/></clipPath>
<g clip-path="url(#${id})">
<rect x="-14" y="-12" width="28" height="22" fill="${css(lit(rgb('#f1ece6'), palette.light))}"/>
<circle cx="${n(gaze)}" cy="-0.6" r="${irisRadius}" fill="${css(lit(blend(shape.iris, rgb('#000000'), 0.35), palette.light))}"/>
<circle cx="${n(gaze)}" cy="-0.2" r="${irisRadius - 1}" fill="${css(lit(shape.iris, palette.light))}"/>
<circle cx="${n(gaze)}" cy="-0.6" r="2.4" fill="#0d0a09"/>
<circle cx="${n(gaze - side * 1.6)}" cy="-2.4" r="1" fill="#ffffff" fill-opacity="0.85"/>
<path d="${upper} L ${n(w)} -14 L ${n(-w)} -14 Z" transform="translate(0 2)" fill="#2a1a14" fill-opacity="0.28"/>
</g>
<path d="M ${n(w)} ${n(-tilt)} ${bottom}" fill="none" stroke="${css(lashes)}" stroke-width="0.7" stroke-opacity="0.6"/>
<path d="${upper}" fill="none" stroke="${css(lashes)}" stroke-width="1.9" stroke-linecap="round"/>
<path d="M ${n(-w * 0.8)} ${n(low + 3.4)} Q ${n(-w * 0.1)} ${n(low + 6.2)} ${n(w * 0.75)} ${n(low + 3.2)}" fill="none" stroke="${css(palette.shade)}" stroke-width="1" stroke-opacity="${n(0.2 + clamp((shape.age - 40) / 60, 0, 0.5) + 0.25 * (1 - squint))}"/>
</g>`;
}

function brow(shape: FaceShape, expression: Expression, turn: HeadTurn, palette: Palette, side: -1 | 1): string {
  const down = expression.browsDown;
  const [x, y] = onSurface(turn)(side * (shape.eyeDistance - 2.4 * down), -shape.browHeight + 4.6 * down, 21);
  const t = shape.browThickness;
  const inner = 3 * down;
  const colour = lit(blend(shape.hairColour, rgb('#2a1d16'), 0.45), palette.light);
  return `<path transform="translate(${n(x)} ${n(y)}) scale(${side} 1)" d="M -13 ${n(1.5 + inner)} C -8 ${n(-t * 0.55 - 1 + inner * 0.7)} 4 ${n(-t - 2.2)} 14.5 1.4 C 6 ${n(-1.2 + t * 0.1)} -5 ${n(t * 0.5 - 1 + inner * 0.7)} -12.4 ${n(1.5 + t * 0.85 + inner)} Z" fill="${css(colour)}" fill-opacity="0.9"/>`;
}

/** Both eyes with their brows and the furrows between them; needs the gradient `socket`. */
export function eyes(shape: FaceShape, expression: Expression, turn: HeadTurn, palette: Palette): string {
  const [x, y] = onSurface(turn)(0, -11, 24);
  const furrow = (dx: number) =>
    `<path d="M ${n(x + dx)} ${n(y - 5)} Q ${n(x + dx * 0.6)} ${n(y)} ${n(x + dx * 0.8)} ${n(y + 4)}" fill="none" stroke="${css(palette.shade)}" stroke-width="1.3" stroke-linecap="round" stroke-opacity="${n(0.75 * expression.browsDown)}"/>`;
  return [
    eye(shape, expression, turn, palette, -1),
    eye(shape, expression, turn, palette, 1),
    brow(shape, expression, turn, palette, -1),
    brow(shape, expression, turn, palette, 1),
    furrow(-3),
    furrow(3),
    shape.glasses ? glasses(shape, turn) : '',
  ].join('\n');
}

function glasses(shape: FaceShape, turn: HeadTurn): string {
  const place = onSurface(turn);
  const [lx, y] = place(-shape.eyeDistance - 0.5, 2, 20);
  const [rx] = place(shape.eyeDistance + 0.5, 2, 20);
  const lens = (x: number) =>
    `<rect x="${n(x - 15)}" y="${n(y - 9)}" width="30" height="20" rx="8" fill="#ffffff" fill-opacity="0.07" stroke="#2c2623" stroke-width="1.5"/>`;
  return `${lens(lx)}${lens(rx)}<path d="M ${n(lx + 15)} ${n(y - 2)} Q ${n((lx + rx) / 2)} ${n(y - 5)} ${n(rx - 15)} ${n(y - 2)} M ${n(lx - 15)} ${n(y - 3)} L ${n(-shape.cheek)} -4 M ${n(rx + 15)} ${n(y - 3)} L ${n(shape.cheek)} -4" fill="none" stroke="#2c2623" stroke-width="1.4"/>`;
}
