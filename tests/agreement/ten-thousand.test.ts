import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MODALITIES } from '../../governance/modality.ts';
import { checkAllPaths, FILES, type Point } from './all-paths.ts';
import type { Deviation } from './deviation.ts';
import { someDeviations, worldWith } from './deviations.ts';
import { openScene, type Scene } from './scene.ts';
import { PATIENTS } from './world.ts';

/** Ten thousand, or as many as a minute and a half allows: about 10 ms each where the machine does nothing else. With ISS_AGREEMENT_WORLDS that many, however long they take. */
const WORLDS = Number(process.env.ISS_AGREEMENT_WORLDS ?? 10_000);
const LIMIT = process.env.ISS_AGREEMENT_WORLDS ? {} : { interruptAfterTimeLimit: 90_000 };
/** The same worlds every time; another number gives others. */
const SEED = Number(process.env.ISS_AGREEMENT_SEED ?? 20_261_122);

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ quick: true });
});
afterAll(() => scene?.stop());

const somePoint: fc.Arbitrary<Point> = fc.record({
  version: fc.constantFrom('1.0.0', '1.0.0', '1.0.0', '2.0.0'),
  patient: fc.constantFrom(...PATIENTS),
  at: fc.constantFrom(0, 1),
  modality: fc.constantFrom(...MODALITIES),
  deep: fc.constantFrom('item', 'node'),
  file: fc.constantFrom(...FILES),
  wanted: fc.subarray([...MODALITIES], { minLength: 1, maxLength: 4 }),
});

it('list, item, node, ticket, export and checklist agree in ten thousand worlds of chance', async () => {
  const began = performance.now();
  let worlds = 0;
  let seeing = 0;
  await fc.assert(
    fc.asyncProperty(someDeviations, somePoint, async (deviations: Deviation[], point) => {
      if (worlds % 100 === 0) await scene.tidy();
      const world = worldWith(deviations);
      await scene.become(world);
      const { patients } = await checkAllPaths(scene, world, point);
      worlds += 1;
      if (patients > 0) seeing += 1;
    }),
    { numRuns: WORLDS, seed: SEED, ...LIMIT },
  );
  console.log(`${worlds} worlds, ${seeing} with something to see, ${Math.round((performance.now() - began) / 1000)} s`);
  expect(worlds).toBeGreaterThan(500);
  expect(seeing / worlds).toBeGreaterThan(0.25);
  expect(seeing / worlds).toBeLessThan(0.85);
}, 3_600_000);
