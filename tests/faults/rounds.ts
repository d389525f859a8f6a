import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../services/support/service.ts';
import { writeTemplate } from './drop.ts';
import { type Outcome, planOf, playRound } from './round.ts';
import { prepare } from './setting.ts';
import { startServices, startWorld } from './world.ts';

/** Rounds on one database; then a new one is begun, so that the two hundredth round is as quick as the first. */
export const ROUNDS_A_WORLD = 6;

export interface Rounds {
  seed: number;
  rounds: number;
  /** The first world; those before it are left out. */
  firstWorld?: number;
  /** Where what the processes said is kept. */
  logs: string;
}

/** Plays rounds until they are over, or one breaks a promise. */
export async function* playRounds({
  seed,
  rounds,
  firstWorld = 0,
  logs,
}: Rounds): AsyncGenerator<Outcome & { world: number }, void, void> {
  const folder = await temporaryFolder('faults-drops');
  const template = join(folder, 'template');
  const [services] = await Promise.all([startServices(), writeTemplate(template)]);
  try {
    for (let played = 0, number = firstWorld; played < rounds; number++) {
      const world = await startWorld(services, number, join(logs, `world-${number}`));
      let whole = false;
      try {
        const place = join(folder, `world-${number}`);
        const [people, ledger] = await prepare(world, template, place);
        for (let round = 1; round <= ROUNDS_A_WORLD && played < rounds; round++, played++) {
          const plan = planOf(seed, number * ROUNDS_A_WORLD + round - 1);
          const outcome = await playRound(world, { people, ledger, template, folder: place, round, plan });
          yield { ...outcome, world: number };
          if (outcome.broken.length > 0) return;
        }
        await rm(place, { recursive: true, force: true });
        whole = true;
      } finally {
        // Where something failed already, that is what is to be told.
        await world.stop().catch((error: Error) => {
          if (whole) throw error;
        });
      }
    }
  } finally {
    await services.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
