import type { Config } from '../config.ts';

/** What decisions of stewards and administrators ask of a sign-in: a browser, and a recent second factor where the realm has one. */
export interface Decisions {
  readonly secondFactor: {
    /** `acr` of a sign-in with a second factor. */
    readonly level: string;
    /** How long one counts, in ms. */
    readonly forMs: number;
  } | null;
}

/** Nothing in the demo, whose scripts sign in by passwords that everybody knows. */
export function decisionsOf(config: Config): Decisions | null {
  if (config.ISS_DEMO) return null;
  const level = config.ISS_SECOND_FACTOR;
  return {
    secondFactor: level === undefined ? null : { level, forMs: config.ISS_SECOND_FACTOR_MINUTES * 60_000 },
  };
}
