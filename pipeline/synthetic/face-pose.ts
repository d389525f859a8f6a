/** How one picture differs from another of the same person. */
export type Expression = {
  /** 1 open, 0 shut. */
  readonly eyes: number;
  /** 0 shut to 1 wide open. */
  readonly mouth: number;
  /** 0 to 1: brows down and together, with furrows. */
  readonly browsDown: number;
  /** -1 corners down to 1 up. */
  readonly lipCorners: number;
  /** 0 to 1: folds from nose to mouth. */
  readonly noseWrinkle: number;
};

export const restingExpression: Expression = { eyes: 1, mouth: 0, browsDown: 0, lipCorners: 0, noseWrinkle: 0 };

/** Which way the head is turned, in radians; positive to the picture's right and down. */
export type HeadTurn = { readonly yaw: number; readonly pitch: number };

/**
 * Places a point of the face's surface on the picture. `depth` is how far it stands in front of the outline's plane, in the units of
 * FaceShape: eyes about 18, nose 40. So the features of a turned head move over its outline, as they would on a real one.
 */
export const onSurface =
  ({ yaw, pitch }: HeadTurn) =>
  (x: number, y: number, depth: number): readonly [number, number] => [
    x * Math.cos(yaw) + depth * Math.sin(yaw),
    y * Math.cos(pitch) + depth * Math.sin(pitch),
  ];

/** Number for a path: two decimals are a hundredth of a pixel. */
export const n = (value: number): string => String(Math.round(value * 100) / 100);
