// npm run faults -- --rounds 200 --seed 7: kills one of the servers at a random moment in each round, and holds every promise of docs/operations.md against what is left.
// A broken promise ends no run: all are told at its end, and each with the command that plays it again.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { playRounds } from './rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
    logs: { type: 'string', default: 'faults-logs' },
  },
});
const [rounds, seed, from] = [values.rounds, values.seed, values.from].map(Number) as [number, number, number];
const logs = resolve(values.logs);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);

/** Of each that was killed: how many rounds, how many broke a promise, the longest time until all was quiet, in seconds. */
const outcomes = new Map<string, { rounds: number; broken: number; longest: number }>();
const began = performance.now();
for await (const { number, first, victim, after, quietAfter, broken } of playRounds({ seed, rounds, from, logs })) {
  const outcome = outcomes.get(victim) ?? { rounds: 0, broken: 0, longest: 0 };
  outcome.rounds += 1;
  if (quietAfter > outcome.longest) outcome.longest = quietAfter;
  outcomes.set(victim, outcome);
  const held = broken.length === 0 ? 'all promises hold' : `${broken.length} BROKEN`;
  say(`round ${number}: ${victim} killed after ${seconds(after)} s, quiet ${quietAfter.toFixed(1)} s later: ${held}`);
  if (broken.length === 0) continue;
  outcome.broken += 1;
  for (const one of broken) say(`  ${one}`);
  say(`Again: npm run faults -- --seed ${seed} --from ${first} --rounds ${number - first + 1}    logs: ${logs}`);
}
say('\n| killed | rounds | broke a promise | all quiet after, at most |\n|---|---|---|---|');
for (const [victim, { rounds, broken, longest }] of outcomes)
  say(`| ${victim} | ${rounds} | ${broken} | ${longest.toFixed(1)} s |`);
const sums = [...outcomes.values()];
const [played, failed] = [
  sums.reduce((sum, one) => sum + one.rounds, 0),
  sums.reduce((sum, one) => sum + one.broken, 0),
];
say(`${played} rounds, ${failed} broke a promise, ${seconds(performance.now() - began)} s`);
process.exit(failed === 0 && played === rounds ? 0 : 1);
