import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../services/support/service.ts';
import { writeTemplate } from './drop.ts';
import { type Outcome, planOf, playRound } from './round.ts';
import { prepare } from './setting.ts';
import { startServices, startWorld } from './world.ts';

/** Rounds on one database; then a new one is begun, so that the two hundredth round is as quick as the first. */
const ROUNDS_A_WORLD = 6;

export interface Rounds {
  seed: number;
  rounds: number;
  /** Number of the first round, from 1 on: its plan and those after it are as they would be had all before it been played. */
  from?: number;
  /** Where what the processes said is kept. */
  logs: string;
}

/** What a round came to, with its number and that of the first round played on the same database. */
export type Played = Outcome & { number: number; first: number };

/** Plays rounds until they are over. One that breaks a promise ends its database; the next begins a new one. */
export async function* playRounds({ seed, rounds, from = 1, logs }: Rounds): AsyncGenerator<Played, void, void> {
  const folder = await temporaryFolder('faults-drops');
  const template = join(folder, 'template');
  const [services] = await Promise.all([startServices(), writeTemplate(template)]);
  try {
    for (let number = from; number < from + rounds; ) {
      const first = number;
      const world = await startWorld(services, first, join(logs, `round-${first}`));
      let whole = false;
      try {
        const place = join(folder, `round-${first}`);
        const [people, ledger] = await prepare(world, template, place);
        for (let round = 1; round <= ROUNDS_A_WORLD && number < from + rounds; round++) {
          const plan = planOf(seed, number - 1);
          const outcome = await playRound(world, { people, ledger, template, folder: place, round, plan });
          yield { ...outcome, number: number++, first };
          if (outcome.broken.length > 0) break;
          whole = round === ROUNDS_A_WORLD || number === from + rounds;
        }
        await rm(place, { recursive: true, force: true });
      } finally {
        // Where something failed already, that is what is to be told.
        await world.stop().catch((error: Error) => {
          if (whole) throw error;
        });
      }
      if (whole) await rm(join(logs, `round-${first}`), { recursive: true, force: true });
    }
  } finally {
    await services.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
