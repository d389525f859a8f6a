import { blend, type Colour, css, lit, rgb } from './colour.ts';
import type { Palette } from './face-eyes.ts';
import { n } from './face-pose.ts';
import type { FaceShape } from './face-shape.ts';
import type { Random } from './random.ts';

/** What lies behind the head and what lies over it. */
export type HairLayers = { readonly behind: string; readonly over: string };

const path = (d: string, fill: string, more = ''): string => `<path d="${d}" fill="${fill}" ${more}/>`;

/** Locks of a lighter and a darker colour along an arc over the skull, so that hair is no flat area. */
function locks(shape: FaceShape, colour: Colour, random: Random, count: number, bottom: number): string {
  const c = shape.cheek;
  return Array.from({ length: count }, (_, i) => {
    const at = -1 + (2 * (i + random.uniform(0.2, 0.8))) / count;
    const lighter = random.chance(0.5);
    const stroke = css(lighter ? blend(colour, rgb('#ffffff'), 0.16) : blend(colour, rgb('#000000'), 0.3));
    const x = at * c * 1.02;
    return `<path d="M ${n(x * 0.45 + random.uniform(-2, 2))} ${n(-72 + Math.abs(at) * 9)} C ${n(x * 0.9)} -62 ${n(x * 1.02)} -52 ${n(x * 1.03)} ${n(bottom - 2 + Math.abs(at) * random.uniform(0, 24))}" fill="none" stroke="${stroke}" stroke-width="1.2" stroke-opacity="0.4"/>`;
  }).join('');
}

/** Hair that lies close: from ear to ear over the skull, with the hairline at `line` (y at the middle) and `temple` (y at the side). */
function crown(shape: FaceShape, thick: number, line: number, temple: number): string {
  const c = shape.cheek;
  return `M ${n(-c - 1)} ${n(temple + 14)} C ${n(-c - thick - 2)} ${n(-30)} ${n(-c * 0.86 - thick)} ${n(-71 - thick)} 0 ${n(-71 - thick)} C ${n(c * 0.86 + thick)} ${n(-71 - thick)} ${n(c + thick + 2)} -30 ${n(c + 1)} ${n(temple + 14)} L ${n(c - 3)} ${n(temple + 13)} C ${n(c - 2)} ${n(temple)} ${n(c - 7)} ${n(temple - 6)} ${n(c - 9)} ${n(line + 10)} C ${n(c - 20)} ${n(line - 2)} ${n(c * 0.3)} ${n(line - 3)} 0 ${n(line)} C ${n(-c * 0.3)} ${n(line - 3)} ${n(-c + 20)} ${n(line - 2)} ${n(-c + 9)} ${n(line + 10)} C ${n(-c + 7)} ${n(temple - 6)} ${n(-c + 2)} ${n(temple)} ${n(-c + 3)} ${n(temple + 13)} Z`;
}

/** Long hair behind the head down to `y`. */
function mane(shape: FaceShape, y: number, width: number): string {
  const c = shape.cheek + width;
  return `M 0 -78 C ${n(c * 0.9)} -78 ${n(c + 6)} -34 ${n(c + 3)} 0 C ${n(c + 2)} ${n(y * 0.5)} ${n(c + 7)} ${n(y * 0.8)} ${n(c - 2)} ${n(y)} C ${n(c * 0.5)} ${n(y + 6)} ${n(-c * 0.5)} ${n(y + 6)} ${n(-c + 2)} ${n(y)} C ${n(-c - 7)} ${n(y * 0.8)} ${n(-c - 2)} ${n(y * 0.5)} ${n(-c - 3)} 0 C ${n(-c - 6)} -34 ${n(-c * 0.9)} -78 0 -78 Z`;
}

function curls(shape: FaceShape, colour: Colour, random: Random): string {
  const c = shape.cheek;
  const all = Array.from({ length: 34 }, (_, i) => {
    const angle = Math.PI * (1.06 - (i / 33) * 1.12);
    const ring = i % 2 === 0 ? 1.02 : 0.88;
    const fill = css(blend(colour, rgb(i % 3 === 0 ? '#ffffff' : '#000000'), i % 3 === 0 ? 0.06 : 0.12));
    const x = Math.cos(angle) * (c + 3) * ring;
    return { x, y: -20 - Math.sin(angle) * 54 * ring, r: random.uniform(9, 12.5), fill };
  });
  // From the ears upwards, so that both sides overlap alike.
  all.sort((a, b) => Math.abs(b.x) - Math.abs(a.x));
  return all.map(({ x, y, r, fill }) => `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}"/>`).join('');
}

/** Hair, scarf or cap of a person; `random` only places strands, so it must start anew for every picture of a person. */
export function hair(shape: FaceShape, palette: Palette, random: Random): HairLayers {
  const colour = lit(shape.hairColour, palette.light);
  const fill = css(colour);
  const dark = css(lit(colour, [0.72, 0.72, 0.74]));
  const c = shape.cheek;
  const cloth = lit(shape.scarf, palette.light);
  const clothDark = css(lit(cloth, [0.75, 0.75, 0.78]));
  switch (shape.hair) {
    case 'bald':
      return { behind: '', over: path(crown(shape, 0, -62, -6), fill, 'fill-opacity="0.07"') };
    case 'buzz':
      return { behind: '', over: path(crown(shape, 1.2, -47, -14), fill, 'fill-opacity="0.72"') };
    case 'receding':
      return {
        behind: '',
        over: path(
          `M ${n(-c - 1)} 8 C ${n(-c - 6)} -30 ${n(-c + 1)} -56 ${n(-c + 16)} -64 C ${n(-c + 8)} -48 ${n(-c + 7)} -30 ${n(-c + 4)} -6 Z M ${n(c + 1)} 8 C ${n(c + 6)} -30 ${n(c - 1)} -56 ${n(c - 16)} -64 C ${n(c - 8)} -48 ${n(c - 7)} -30 ${n(c - 4)} -6 Z`,
          fill,
          'fill-opacity="0.9"',
        ),
      };
    case 'short':
      return { behind: '', over: path(crown(shape, 6, -42, -10), fill) + locks(shape, colour, random, 16, -50) };
    case 'curly':
      return {
        behind: path(mane(shape, 12, 8), dark),
        over: path(crown(shape, 6, -44, -10), fill) + curls(shape, colour, random),
      };
    case 'bob':
      return {
        behind: path(mane(shape, 66, 7), dark),
        over: path(crown(shape, 6, -38, 12), fill) + locks(shape, colour, random, 18, -46),
      };
    case 'long':
      return {
        behind: path(mane(shape, 108, 8), dark),
        over:
          path(
            `${crown(shape, 6, -43, 14)} M 0 -76 C ${n(-c * 0.4)} -60 ${n(-c + 8)} -42 ${n(-c + 5)} 0 L ${n(-c - 5)} 20 C ${n(-c - 8)} -40 ${n(-c * 0.8)} -74 0 -76 Z`,
            fill,
          ) + locks(shape, colour, random, 18, -46),
      };
    case 'bun':
      return {
        behind: `<ellipse cx="0" cy="-82" rx="20" ry="16" fill="${dark}"/>`,
        over: path(crown(shape, 3.5, -46, -8), fill) + locks(shape, colour, random, 14, -54),
      };
    case 'headscarf':
      return {
        behind: path(
          `M ${n(c - 8)} 6 C ${n(c + 16)} 24 ${n(c + 14)} 62 ${n(c + 2)} 92 C ${n(c - 4)} 70 ${n(c - 12)} 40 ${n(c - 14)} 20 Z`,
          clothDark,
        ),
        over: `${path(`M ${n(-c - 3)} -6 C ${n(-c - 9)} -50 ${n(-c * 0.7)} -80 0 -80 C ${n(c * 0.7)} -80 ${n(c + 9)} -50 ${n(c + 3)} -6 C ${n(c - 6)} -26 ${n(c * 0.5)} -41 0 -41 C ${n(-c * 0.5)} -41 ${n(-c + 6)} -26 ${n(-c - 3)} -6 Z`, css(cloth))}<path d="M ${n(-c + 2)} -30 C -20 -56 20 -60 ${n(c - 1)} -24 M ${n(-c + 8)} -48 C -16 -68 20 -72 ${n(c - 6)} -42" fill="none" stroke="${clothDark}" stroke-width="1.6"/>`,
      };
    case 'cap':
      return {
        behind: '',
        over: `${path(`M ${n(-c - 2)} -26 C ${n(-c - 3)} -66 ${n(-c * 0.6)} -83 0 -83 C ${n(c * 0.6)} -83 ${n(c + 3)} -66 ${n(c + 2)} -26 C ${n(c * 0.5)} -38 ${n(-c * 0.5)} -38 ${n(-c - 2)} -26 Z`, css(cloth))}${path(`M ${n(-c - 3)} -23 C ${n(-c * 0.5)} -36 ${n(c * 0.5)} -36 ${n(c + 3)} -23 L ${n(c + 3)} -37 C ${n(c * 0.5)} -51 ${n(-c * 0.5)} -51 ${n(-c - 3)} -37 Z`, clothDark)}`,
      };
  }
}
