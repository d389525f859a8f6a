import fc from 'fast-check';
import type { Deviation } from './deviation.ts';
import { CONSENTS, QUARANTINES, RELEASES, TIMES, WITHDRAWALS } from './deviations-of-data.ts';
import { ACTOR, AGREEMENTS, CERTIFICATES, GRANTS, PERSON } from './deviations-of-people.ts';
import { usualWorld, type World } from './world.ts';

const among = (deviations: readonly Deviation[]): fc.Arbitrary<Deviation> => fc.constantFrom(...deviations);
const group = (deviations: readonly Deviation[], ...odds: readonly number[]): fc.Arbitrary<Deviation[]> =>
  fc.oneof(
    ...odds.map((weight, count) => ({
      weight,
      arbitrary: fc.array(among(deviations), { minLength: count, maxLength: count }),
    })),
  );

/** What differs from the usual world, in the order in which it comes about: half of the cases leave the person something to see. */
export const someDeviations: fc.Arbitrary<Deviation[]> = fc
  .tuple(
    group(TIMES, 12, 1),
    group(PERSON, 10, 2),
    group(CERTIFICATES, 10, 2, 1),
    group(AGREEMENTS, 8, 1, 1, 1),
    group(GRANTS, 7, 3, 2),
    group(ACTOR, 10, 2),
    group(RELEASES, 8, 3, 1),
    group(CONSENTS, 4, 4, 2),
    group(WITHDRAWALS, 6, 1),
    group(QUARANTINES, 4, 4, 3),
  )
  .map((groups) => groups.flat());

/** One thing that then changes, for better or worse. */
export const someChange: fc.Arbitrary<Deviation> = fc.oneof(
  { weight: 1, arbitrary: among(TIMES) },
  { weight: 2, arbitrary: among(PERSON) },
  { weight: 2, arbitrary: among(CERTIFICATES) },
  { weight: 1, arbitrary: among(AGREEMENTS) },
  { weight: 3, arbitrary: among(GRANTS) },
  { weight: 1, arbitrary: among(ACTOR) },
  { weight: 2, arbitrary: among(RELEASES) },
  { weight: 2, arbitrary: among(CONSENTS) },
  { weight: 2, arbitrary: among(WITHDRAWALS) },
  { weight: 3, arbitrary: among(QUARANTINES) },
);

/** Every deviation there is, by name. */
export const ALL_DEVIATIONS: readonly Deviation[] = [
  ...ACTOR,
  ...PERSON,
  ...CERTIFICATES,
  ...AGREEMENTS,
  ...GRANTS,
  ...RELEASES,
  ...CONSENTS,
  ...WITHDRAWALS,
  ...QUARANTINES,
  ...TIMES,
];

export const worldWith = (deviations: readonly Deviation[]): World => {
  const world = usualWorld();
  for (const { change } of deviations) change(world);
  return world;
};
