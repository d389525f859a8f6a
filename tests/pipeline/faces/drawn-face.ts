import sharp from 'sharp';

/** A face drawn for a test, and where its parts are, in pixels of the picture. */
export interface DrawnFace {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
  /** Centres of the eyes and corners of the mouth; left and right as seen in the picture. */
  readonly leftEye: readonly [number, number];
  readonly rightEye: readonly [number, number];
  readonly mouthLeft: readonly [number, number];
  readonly mouthRight: readonly [number, number];
}

export interface Drawing {
  readonly width?: number;
  readonly height?: number;
  readonly centerX?: number;
  readonly centerY?: number;
  /** Width of the face in pixels. */
  readonly size?: number;
  readonly skin?: string;
}

/** Six tones from very light to very dark. */
export const SKIN_TONES = ['#f6d7c0', '#e8b998', '#cf9a72', '#a8714a', '#7b4b2e', '#4f2f1f'] as const;

/** A frontal face on a plain wall: head, neck, hair, brows, eyes, nose, mouth. */
export async function drawFace(drawing: Drawing = {}): Promise<DrawnFace> {
  const { width = 240, height = 320, size = 110, skin = SKIN_TONES[1] } = drawing;
  const { centerX = width / 2, centerY = height / 2 } = drawing;
  const u = size / 100;
  const place = (x: number, y: number): [number, number] => [centerX + x * u, centerY + y * u];
  const rgb = await sharp(Buffer.from(svg(width, height, skin, `translate(${centerX} ${centerY}) scale(${u})`)))
    .removeAlpha()
    .raw()
    .toBuffer();
  return {
    width,
    height,
    rgb,
    leftEye: place(-21, -12),
    rightEye: place(21, -12),
    mouthLeft: place(-18, 37),
    mouthRight: place(18, 37),
  };
}

function svg(width: number, height: number, skin: string, transform: string): string {
  const eye = (x: number) => `
    <path d="M${x - 12} -24 Q${x} -31 ${x + 12} -25 L${x + 12} -22 Q${x} -27 ${x - 12} -21 Z" fill="#2b1d16"/>
    <path d="M${x - 11} -12 Q${x} -20 ${x + 11} -12 Q${x} -6 ${x - 11} -12 Z" fill="#f7f4f0" stroke="#33241c" stroke-width="1.2"/>
    <circle cx="${x}" cy="-12.5" r="4.6" fill="#4a3424"/><circle cx="${x}" cy="-12.5" r="2.2" fill="#0c0806"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <defs>
    <radialGradient id="light" cx="0.45" cy="0.4" r="0.7">
      <stop offset="0.3" stop-color="#fff" stop-opacity="0.16"/><stop offset="1" stop-color="#000" stop-opacity="0.28"/>
    </radialGradient>
  </defs>
  <rect width="100%" height="100%" fill="#8f9aa3"/>
  <g transform="${transform}">
    <path d="M-90 160 Q-85 88 -25 84 L25 84 Q85 88 90 160 Z" fill="#39506b"/>
    <rect x="-20" y="45" width="40" height="48" fill="${skin}"/><rect x="-20" y="45" width="40" height="48" fill="#000" opacity="0.2"/>
    <ellipse cx="0" cy="-22" rx="55" ry="62" fill="#2a1c15"/>
    <ellipse cx="0" cy="0" rx="48" ry="64" fill="${skin}"/>
    <ellipse cx="0" cy="0" rx="48" ry="64" fill="url(#light)"/>
    <path d="M-47 -22 Q-30 -60 0 -58 Q30 -60 47 -22 Q52 -84 0 -86 Q-52 -84 -47 -22 Z" fill="#2a1c15"/>
    ${eye(-21)}${eye(21)}
    <path d="M-3 -10 Q-6 8 -9 15 Q-8 20 0 20 Q8 20 9 15 Q6 8 3 -10" fill="#000" opacity="0.13"/>
    <path d="M-8 17 Q-4 21 0 20 Q4 21 8 17" fill="none" stroke="#000" stroke-opacity="0.4" stroke-width="1.6"/>
    <path d="M-18 37 Q-8 31 0 33 Q8 31 18 37 Q8 46 0 46 Q-8 46 -18 37 Z" fill="#a3433f"/>
    <path d="M-18 37 Q0 40 18 37" fill="none" stroke="#5a1f1e" stroke-width="1.4"/>
  </g>
</svg>`;
}
