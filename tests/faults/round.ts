import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chanceOf } from './chance.ts';
import { ACTIONS } from './drive.ts';
import { brokenPromises, quiet } from './promises.ts';
import type { Ledger, People } from './setting.ts';
import type { Victim, World } from './world.ts';

/** What of a round is chance: who dies, and how long after everything has begun. */
export interface Plan {
  victim: Victim;
  /** In milliseconds. */
  after: number;
}

const LONGEST_MS = 6000;
/** Who dies in twelve rounds: everybody, and those that do most of the work more than once. Keycloak takes half a minute to come back. */
const DECK: readonly Victim[] = [
  ...(['server', 'server', 'server', 'worker 1', 'worker 1', 'worker 2', 'worker 2'] as const),
  ...(['PostgreSQL', 'PostgreSQL', 'Redis', 'S3 server', 'Keycloak'] as const),
];

/**
 * The same seed and round give the same plan. Half of the kills come in the first quarter of the time, where most is begun.
 * @param number of the round from 0 on, over all worlds
 */
export function planOf(seed: number, number: number): Plan {
  const order = chanceOf('who', seed, Math.floor(number / DECK.length));
  const deck = [...DECK];
  for (let last = deck.length - 1; last > 0; last--) {
    const other = order.whole(0, last);
    [deck[last], deck[other]] = [deck[other]!, deck[last]!];
  }
  const after = Math.round(chanceOf('when', seed, number).next() ** 2 * LONGEST_MS);
  return { victim: deck[number % DECK.length]!, after };
}

export interface Outcome extends Plan {
  /** What is broken; nothing where all promises hold. */
  broken: string[];
  /** From the kill until all is quiet, in seconds. */
  quietAfter: number;
}

/** Ingest, export, decision, publication and withdrawal at once; one dies in the middle and comes back; then every promise is held against what is there. */
export async function playRound(
  world: World,
  of: { people: People; ledger: Ledger; template: string; folder: string; round: number; plan: Plan },
): Promise<Outcome> {
  const { people, ledger, template, round, plan } = of;
  const folder = join(of.folder, `round-${round}`);
  await mkdir(folder, { recursive: true });
  const ends = Object.entries(ACTIONS).map(([name, act]) =>
    act({ people, ledger, template, folder, round }).then(
      () => [],
      (error: Error) => [`${name}: ${error.stack ?? error}`],
    ),
  );
  await new Promise((wake) => setTimeout(wake, plan.after));
  const killed = performance.now();
  const broken: string[] = [];
  const seconds = (): number => (performance.now() - killed) / 1000;
  let quietAfter = Number.NaN;
  try {
    await world.kill(plan.victim);
    await world.restart(plan.victim);
    broken.push(...(await Promise.all(ends)).flat());
    await quiet(world);
    quietAfter = seconds();
    broken.push(...(await brokenPromises(world, people, ledger)));
  } catch (error) {
    broken.push(`after ${seconds().toFixed(1)} s: ${(error as Error).stack ?? error}`);
  }
  return { ...plan, quietAfter, broken };
}
