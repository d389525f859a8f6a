// Adds up what ran: the reports of vitest and the steps of .ci/run. Prints what failed, what was skipped and what did not run at all, and last the
// line with the sums. Exit 1 when anything failed or when a test file of the repository is in no report.
// With --failed-in-a-browser REPORTS: only the files of the browser's suite in which something failed, a line each.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const suitesOf = (folder, names) =>
  readdirSync(folder)
    .filter((name) => names.test(name))
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).testResults)
    .map((suite) => ({ ...suite, path: relative(root, suite.name) }));

if (process.argv[2] === '--failed-in-a-browser') {
  for (const { status, path } of suitesOf(process.argv[3], /^browser-/)) if (status === 'failed') console.log(path);
  process.exit(0);
}
const [reports, checks] = process.argv.slice(2);
const sums = { passed: 0, failed: 0, skipped: 0 };
const seen = new Map();
const skipped = [];

for (const line of readFileSync(checks, 'utf8').split('\n').filter(Boolean)) {
  const [state, name] = line.split('\t');
  sums[state] += 1;
  if (state === 'failed') console.log(`failed: ${name}`);
}

// A file that was run once more counts as it ended then; that it had failed before is said.
const again = suitesOf(reports, /^again-/);
const first = suitesOf(reports, /^(?!again-)/);
for (const { path, assertionResults } of first.filter((suite) => again.some(({ path }) => path === suite.path)))
  for (const { status, fullName } of assertionResults)
    if (status === 'failed') console.log(`failed at first, and was run once more: ${path}: ${fullName}`);

for (const suite of [...first.filter(({ path }) => !again.some((one) => one.path === path)), ...again]) {
  const { path } = suite;
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const test of suite.assertionResults) {
    const state = test.status === 'passed' ? 'passed' : test.status === 'failed' ? 'failed' : 'skipped';
    count[state] += 1;
    if (state === 'skipped') skipped.push(`${path}: ${test.fullName}`);
    if (state !== 'passed') console.log(`${state}: ${path}: ${test.fullName}`);
  }
  // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
  if (suite.status === 'failed' && count.failed === 0) {
    count.failed += 1;
    console.log(`failed: ${path}: ${(suite.message || 'could not be run').split('\n')[0]}`);
  }
  for (const state of Object.keys(sums)) sums[state] += count[state];
  seen.set(path, (seen.get(path) ?? 0) + count.passed + count.failed);
}

const files = execFileSync('git', ['ls-files', 'tests/*.test.ts'], { cwd: root })
  .toString()
  .split('\n')
  .filter(Boolean);
const missing = files.filter((path) => !seen.has(path));
for (const path of missing) console.log(`failed: ${path}: should have run and did not`);
sums.failed += missing.length;

// What needs the reference material beside the checkout is skipped without it, and only without it; so is a whole file.
if (existsSync(resolve(root, '../shared/golden/README.md'))) {
  const idle = files.filter((path) => seen.get(path) === 0);
  const wrong = skipped.filter((name) => /\bshared\b/.test(name));
  for (const name of [...idle, ...wrong])
    console.log(`failed: ${name}: was skipped though the reference material is there`);
  sums.failed += idle.length + wrong.length;
}

console.log(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = sums.failed > 0 || sums.passed === 0 ? 1 : 0;
