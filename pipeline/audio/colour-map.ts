/**
 * 256 colours (r, g, b) whose lightness rises evenly from near black to near white, so that equal steps look equal and a print without
 * colour says the same. The hue runs from violet over red to yellow. Computed here in OKLCh and brought into sRGB by lowering the chroma
 * where a colour does not exist (Ottosson, "A perceptual color space for image processing", 2020; matrices as in CSS Color 4).
 */
export function perceptualColours(): Uint8Array {
  const out = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const t = i / 255;
    const lightness = 0.12 + 0.86 * t;
    const hue = ((285 + 180 * t ** 1.1) * Math.PI) / 180;
    // Colourful in the middle, fading towards both ends.
    let chroma = 0.2 * Math.sin(Math.PI * (0.06 + 0.86 * t)) ** 0.7;
    let rgb = linearRgb(lightness, chroma, hue);
    while (rgb.some((v) => v < 0 || v > 1) && chroma > 0) {
      chroma -= 0.001;
      rgb = linearRgb(lightness, Math.max(0, chroma), hue);
    }
    for (let c = 0; c < 3; c++) out[3 * i + c] = Math.round(255 * gamma(Math.min(1, Math.max(0, rgb[c]!))));
  }
  return out;
}

function linearRgb(lightness: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

const gamma = (v: number): number => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
