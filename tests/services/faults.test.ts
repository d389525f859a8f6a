import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Played, playRounds } from '../faults/rounds.ts';
import { absent, removeFolder, temporaryFolder } from './support/service.ts';

const missing = [absent('keycloak'), absent('versitygw'), absent('redis')].includes(true);
const ROUNDS = 12;
/** Another one for each day would find more, and would fail without anybody having changed anything: npm run faults is for that. */
const SEED = 2;

describe.skipIf(missing)('whatever is killed, and whenever (npm run faults plays more rounds)', () => {
  let logs: string;
  let rounds: AsyncGenerator<Played, void, void>;
  beforeAll(async () => {
    logs = await temporaryFolder('faults-logs');
    rounds = playRounds({ seed: SEED, rounds: ROUNDS, logs: join(logs, 'logs') });
  });
  afterAll(async () => {
    await rounds?.return();
    await removeFolder(logs);
  });

  it.each(Array.from({ length: ROUNDS }, (_, i) => i + 1))('round %i: every promise holds', async () => {
    const { value: outcome } = await rounds.next();
    if (!outcome) throw new Error('the rounds came to an early end');
    process.stderr.write(`${outcome.victim} killed after ${outcome.after} ms\n`);
    expect(outcome.broken, `${outcome.victim} killed after ${outcome.after} ms`).toEqual([]);
  }, 600_000);
});
