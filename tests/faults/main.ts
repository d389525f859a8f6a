// npm run faults -- --rounds 200 --seed 7: kills one of the servers at a random moment in each round, and holds every promise of docs/operations.md against what is left.
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { playRounds, ROUNDS_A_WORLD } from './rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    world: { type: 'string', default: '0' },
    logs: { type: 'string', default: 'faults-logs' },
  },
});
const [rounds, seed, firstWorld] = [values.rounds, values.seed, values.world].map(Number) as [number, number, number];
const logs = resolve(values.logs);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const began = performance.now();
let number = 0;
let failed = 0;
for await (const { world, victim, after, quietAfter, broken } of playRounds({ seed, rounds, firstWorld, logs })) {
  number += 1;
  const held = broken.length === 0 ? 'all promises hold' : `${broken.length} BROKEN`;
  const when = `${victim} killed after ${(after / 1000).toFixed(2)} s`;
  say(`round ${number}: ${when}, quiet ${quietAfter.toFixed(1)} s later: ${held}`);
  if (broken.length === 0) continue;
  failed += 1;
  for (const one of broken) say(`  ${one}`);
  say(`Again: npm run faults -- --rounds ${ROUNDS_A_WORLD} --seed ${seed} --world ${world}    logs: ${logs}`);
}
if (failed === 0) await rm(logs, { recursive: true, force: true });
say(`${number} rounds, ${failed} broke a promise, ${((performance.now() - began) / 1000).toFixed(0)} s`);
process.exit(failed === 0 ? 0 : 1);
