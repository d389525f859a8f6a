// npm run bench [names…]: measures, and prints a table with the machine it was measured on. Names are those of the files here, and `reads`, `python`.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hasShared, sharedPath } from '../support/shared.ts';

interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

type Bench = () => Promise<readonly Figure[]>;

const HERE = import.meta.dirname;
const say = (text = ''): void => void process.stdout.write(`${text}\n`);
const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');

/** Every bench by its name, and why it cannot be run here where it cannot. */
async function benches(): Promise<Map<string, { run: Bench } | { absent: string }>> {
  const files = (await readdir(HERE)).filter((file) => file.endsWith('.ts') && file !== 'main.ts').sort();
  const found = new Map<string, { run: Bench } | { absent: string }>();
  for (const file of files) found.set(file.slice(0, -3), await benchOf(join(HERE, file)));
  found.set('reads', await benchOf(join(HERE, 'reads/main.ts')));
  found.set('python', pythonBench());
  return found;
}

/** The function `bench…` that a module exports. */
async function benchOf(path: string): Promise<{ run: Bench } | { absent: string }> {
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const name = Object.keys(module).find((key) => /^bench[A-Z]/.test(key) && typeof module[key] === 'function');
  return name ? { run: module[name] as Bench } : { absent: 'it exports no function bench…' };
}

/** The paper's own tools on the real drop, where their Python environment is: what our figures are compared with. */
function pythonBench(): { run: Bench } | { absent: string } {
  if (!hasShared) return { absent: 'the reference material is not beside the checkout' };
  const modules = 'import librosa, mediapipe, torch, facenet_pytorch, PIL, numpy';
  const python = ['python3', 'python'].find(
    (name) => spawnSync(name, ['-c', modules], { stdio: 'ignore' }).status === 0,
  );
  if (!python) {
    const stored = figuresOf(readFileSync(sharedPath('golden', 'make', 'bench_reference.tsv'), 'utf8'));
    return {
      run: async () => stored.map((figure) => ({ ...figure, what: `stored, not measured here: ${figure.what}` })),
    };
  }
  return {
    run: async () => {
      const script = sharedPath('golden', 'make', 'bench_reference.py');
      const child = spawn(python, [script, sharedPath('real', 'incoming')], {
        stdio: ['ignore', 'pipe', 'inherit'],
        // Idle OpenMP threads would otherwise spin.
        env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' },
      });
      let text = '';
      for await (const part of child.stdout) text += part;
      return figuresOf(text);
    },
  };
}

/** Lines of what, unit and value; lines with several values are left out. */
function figuresOf(table: string): Figure[] {
  return table.split('\n').flatMap((line) => {
    const [what, unit, value] = line.split('\t');
    const number = Number(value);
    return what && unit && value && Number.isFinite(number) ? [{ what: `python ${what}`, unit, value: number }] : [];
  });
}

const all = await benches();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.has(name));
if (unknown.length > 0) {
  say(`There is no bench ${unknown.join(', ')}; there are: ${[...all.keys()].join(', ')}.`);
  process.exit(2);
}
const cpu = cpus()[0]?.model.trim() ?? 'unknown processor';
const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
say(
  `Machine: ${cpu}, ${availableParallelism()} cores, ${memory}, ${process.platform} ${process.arch}, Node ${process.version}`,
);
say(`Load before: ${load()} (figures are worth little where it is not near 0)`);
if (!existsSync(resolve(HERE, 'reads/postgraphile/node_modules')))
  say('PostGraphile is not installed (npm ci --prefix tests/bench/reads/postgraphile): reads are measured without it.');

const failed: string[] = [];
for (const [name, bench] of all) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  say();
  if ('absent' in bench) {
    say(`${name}: skipped, ${bench.absent}`);
    continue;
  }
  try {
    const began = performance.now();
    const figures = await bench.run();
    say(`${name} (${((performance.now() - began) / 1000).toFixed(0)} s, load ${load()})`);
    const width = Math.max(...figures.map(({ what }) => what.length), 0);
    for (const { what, unit, value } of figures) say(`  ${what.padEnd(width)}  ${digits(value).padStart(12)}  ${unit}`);
  } catch (error) {
    failed.push(name);
    say(`${name}: failed, ${(error as Error).stack ?? error}`);
  }
}
process.exit(failed.length > 0 ? 1 : 0);

/** Four digits that count. */
function digits(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4);
}
