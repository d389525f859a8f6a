import { z } from 'zod';
import { JOB_SHAPE } from './export-listing.ts';

const CLASS = z.object({ class: z.string(), accuracy: z.number().nullable() });
const INTERVAL = z.object({ low: z.number(), high: z.number() }).nullable();
const CERTAINTY = { patients: z.number(), interval: INTERVAL, small: z.boolean() };
const GROUPS = z.array(z.object({ group: z.string(), accuracy: z.number().nullable(), ...CERTAINTY })).nullable();
const RANGES = z.array(z.object({ above: z.number(), upTo: z.number(), patients: z.number() }));

const RESULT = z.object({
  patients: z.number().nullable(),
  rows: z.number().nullable(),
  overall: z.number().nullable(),
  interval: INTERVAL,
  byClass: z.array(CLASS.extend(CERTAINTY)).nullable(),
  bySex: GROUPS,
  bySkinType: GROUPS,
  byDevice: GROUPS,
  ranges: RANGES.nullable(),
  patientsOver50: z.number().nullable(),
  lowest: z.array(z.object({ patient: z.string(), accuracy: z.number() })).nullable(),
  byPatient: z
    .array(
      z.object({
        patient: z.string(),
        truth: z.string(),
        rows: z.number(),
        correct: z.number(),
        accuracy: z.number(),
      }),
    )
    .nullable(),
});
export type GroupRow = NonNullable<z.infer<typeof GROUPS>>[number];

const PUBLISHED = z.object({
  model: z.string(),
  overall: z.number().nullable(),
  byClass: z.array(CLASS),
  ranges: RANGES,
  patientsOver50: z.number().nullable(),
  lowest: z.array(z.string()),
});

/** A run as `iss run` reads it from the API. */
export const RUN = z.object({
  ...JOB_SHAPE,
  queue: z
    .object({
      place: z.number(),
      waiting: z.number(),
      secondsToStart: z.number().nullable(),
      secondsToEnd: z.number().nullable(),
    })
    .nullish(),
  experiment: z.string(),
  classes: z.number(),
  preset: z.string(),
  fold: z.number().nullable(),
  seed: z.number(),
  release: z.object({ version: z.string() }),
  result: RESULT.nullable(),
  published: PUBLISHED.nullable(),
  comparable: z.string().nullable(),
  marked: z.boolean(),
  provenance: z.unknown(),
});
export type RunFacts = z.infer<typeof RUN>;
