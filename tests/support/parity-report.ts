import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasShared } from './shared.ts';

interface Line {
  file: string;
  what: string;
  count: number;
  worst: number;
  mean: number;
  nearest: number;
}

/** `npm run parity`: runs the tests that stand beside golden files, and prints how far from each of them our numbers are. ISS_SLOW_TESTS for all seeds. */
function report(): number {
  if (!hasShared) {
    console.error('There are no golden files beside this folder (../shared): nothing to compare with.');
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'iss-parity-'));
  try {
    const lines = join(folder, 'lines');
    const { status } = spawnSync('npx', ['vitest', 'run', 'tests/pipeline/baselines', 'tests/pipeline/weights'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PARITY_REPORT: lines },
    });
    const told: Line[] = existsSync(lines)
      ? readFileSync(lines, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
    told.sort((a, b) => (a.file + a.what < b.file + b.what ? -1 : 1));
    const short = (value: number): string => (value === 0 ? '0' : value.toPrecision(2));
    console.log('| golden file | what | numbers | worst | mean | worst of its tolerance |\n|---|---|---|---|---|---|');
    for (const { file, what, count, worst, mean, nearest } of told)
      console.log(
        `| ${file} | ${what} | ${count} | ${short(worst)} | ${short(mean)} | ${Math.round(100 * nearest)} % |`,
      );
    if (status !== 0) console.error('Some of the tests failed: run them to see which.');
    return status ?? 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.exitCode = report();
