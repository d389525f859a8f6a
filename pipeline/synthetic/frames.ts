import { drawOver, type Layer, layDown, paste } from './compose.ts';
import { type Box, drawFace, headBox, MIDDLE_ROW } from './face.ts';
import type { Expression } from './face-pose.ts';
import type { Moment } from './motion.ts';
import { clamp } from './random.ts';
import { rasterise } from './rasterise.ts';
import { bodySvg, roomSvg } from './room.ts';
import type { SyntheticPatient, SyntheticSubmission } from './study.ts';

// Only these parts of a head change within a recording, and they do not overlap. A part takes half as long to rasterise as the head,
// and frames share it: drawing every frame whole would take about 10 ms each, against 2 ms.
export const eyeBox: Box = { x: -48, y: -40, width: 96, height: MIDDLE_ROW + 40 };
export const mouthBox: Box = { x: -58, y: MIDDLE_ROW, width: 116, height: 78 };

const round = (value: number, steps: number): number => Math.round(value * steps) / steps;

/** Expressions are told apart in steps that the eye hardly sees, so that pictures of parts can be shared between frames. */
const coarse = (expression: Expression): Expression => ({
  eyes: round(expression.eyes, 6),
  mouth: round(expression.mouth, 6),
  browsDown: round(expression.browsDown, 5),
  lipCorners: round(expression.lipCorners, 3),
  noseWrinkle: expression.noseWrinkle,
});

/**
 * The frames of a recording as RGB24, in order, as the phone stores them: upright, or lying down where it marks a turn by 90 degrees.
 * `motion` gives face and head for a time in seconds. Every frame comes in the same memory: copy what you keep.
 */
export async function* drawFrames(
  patient: SyntheticPatient,
  submission: SyntheticSubmission,
  motion: (t: number) => Moment,
): AsyncGenerator<Uint8Array> {
  const { width, height, camera, lighting } = submission;
  const head = headPainter(patient, submission, { ...coarse(motion(0).expression), mouth: 0 });
  const room = rgbOf(await rasterise(roomSvg(patient.room, lighting, width, height)));
  const neck = { x: camera.x, y: camera.y + (patient.face.length + 26) * camera.unit, unit: camera.unit };
  // Two pixels larger than the picture, since the last row and column of a layer only serve to interpolate.
  const body = await rasterise(bodySvg(patient.face, lighting, width + 2, height + 2, neck));
  const covered = coveredLens(width, height);
  const seated = room.slice();
  drawOver(seated, width, height, body, { pivotX: 0, pivotY: 0, x: 0, y: 0, roll: 0, scale: 1 });

  const frame = new Uint8Array(width * height * 3);
  const stored = patient.phone.storesLyingDown ? new Uint8Array(frame.length) : frame;
  for (let i = 0; i < submission.frames; i++) {
    const t = i / submission.framesPerSecond;
    const { expression, head: moved } = motion(t);
    const away = absenceAt(submission, t);
    if (away > 0 && submission.absence?.kind === 'LENS_COVERED') {
      frame.set(covered);
    } else {
      const slide = away * (width + 60);
      frame.set(slide > 0 ? room : seated);
      if (slide > 0) drawOver(frame, width, height, body, { pivotX: 0, pivotY: 0, x: slide, y: 0, roll: 0, scale: 1 });
      const layer = await head(coarse(expression));
      // The head turns about the neck.
      const pivot = { pivotX: -headBox.x * camera.unit, pivotY: (70 - headBox.y) * camera.unit };
      drawOver(frame, width, height, layer, {
        ...pivot,
        x: camera.x + slide + moved.dx * camera.unit,
        y: camera.y + (70 + moved.dy) * camera.unit,
        roll: moved.roll,
        scale: moved.scale,
      });
    }
    if (stored !== frame) layDown(frame, width, height, stored);
    yield stored;
  }
}

/** How far somebody is away at a time: 0 there, 1 gone; going takes a quarter of a second. */
function absenceAt({ absence }: SyntheticSubmission, t: number): number {
  if (absence === null) return 0;
  return clamp(Math.min((t - absence.from) / 0.25, (absence.to - t) / 0.25), 0, 1);
}

/** Gives the head with an expression; the layer is overwritten by the next call. */
function headPainter(patient: SyntheticPatient, submission: SyntheticSubmission, resting: Expression) {
  const { unit } = submission.camera;
  const paint = (expression: Expression, box: Box): Promise<Layer> =>
    rasterise(drawFace(patient.face, expression, submission.turn, submission.lighting, box, unit));
  // Whole pixels, so that parts fit where they belong.
  const pixel = (value: number): number => Math.round(value * unit);
  const pixelBox = (x: number, y: number, width: number, height: number): Box => ({
    x: headBox.x + x / unit,
    y: headBox.y + y / unit,
    width: width / unit,
    height: height / unit,
  });
  const part = ({ x, y, width, height }: Box) => {
    const [left, top] = [pixel(x - headBox.x), pixel(y - headBox.y)];
    const box = pixelBox(left, top, pixel(x + width - headBox.x) - left, pixel(y + height - headBox.y) - top);
    const kept = new Map<string, Layer>();
    return async (target: Layer, key: string, expression: Expression): Promise<void> => {
      const drawn = kept.get(key) ?? (await paint(expression, box));
      kept.set(key, drawn);
      paste(target, drawn, left, top);
    };
  };
  const pasteEyes = part(eyeBox);
  const pasteMouth = part(mouthBox);
  let layer: Layer | undefined;
  return async (expression: Expression): Promise<Layer> => {
    layer ??= await paint(resting, pixelBox(0, 0, pixel(headBox.width), pixel(headBox.height)));
    const { eyes, browsDown, mouth, lipCorners } = expression;
    // With the mouth shut, as in the head: an open one lengthens the face and with it, by a little, its shading.
    await pasteEyes(layer, `${eyes} ${browsDown}`, { ...expression, mouth: 0 });
    await pasteMouth(layer, `${mouth} ${lipCorners}`, expression);
    return layer;
  };
}

function rgbOf({ width, height, pixels }: Layer): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0, o = 0; i < pixels.length; i += 4, o += 3) {
    rgb[o] = pixels[i]!;
    rgb[o + 1] = pixels[i + 1]!;
    rgb[o + 2] = pixels[i + 2]!;
  }
  return rgb;
}

/** A hand over the lens: near black with a red glow towards one corner. */
function coveredLens(width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const glow = (x / width) * (1 - y / height);
      rgb[o] = 22 + 40 * glow;
      rgb[o + 1] = 12 + 12 * glow;
      rgb[o + 2] = 11 + 8 * glow;
    }
  }
  return rgb;
}
