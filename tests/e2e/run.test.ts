import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerFacts } from './support/global-server.ts';
import { iss } from './support/iss.ts';
import { person, wholeServer } from './support/person.ts';

let server: ServerFacts;
beforeAll(async () => {
  server = await wholeServer();
});

interface RunAnswer {
  overall: number;
  byClass: unknown;
  byPatient: unknown;
  published: unknown;
  seed: number;
  release: string;
}

const run = async (username: string, ...more: string[]) => runOf('random-forest-pain', username, ...more);

const runOf = async (experiment: string, username: string, ...more: string[]) =>
  iss(server, (await person(server, username)).token, [
    'run',
    experiment,
    '--release',
    '1.0.0',
    '--preset',
    'smoke',
    '--json',
    ...more,
  ]);

describe('a baseline on demand', () => {
  it('gives the same result for the same seed, with what a script relies on', async () => {
    const results: RunAnswer[] = [];
    for (let time = 0; time < 2; time++) {
      const { code, stdout, stderr } = await run('researcher', '--classes', '2', '--seed', '11');
      expect([code, stderr]).toEqual([0, expect.any(String)]);
      results.push(JSON.parse(stdout.trim().split('\n').at(-1)!) as RunAnswer);
    }
    const [first, second] = results as [RunAnswer, RunAnswer];
    expect(first).toMatchObject({
      seed: 11,
      overall: expect.any(Number),
      byClass: expect.anything(),
      byPatient: expect.anything(),
    });
    expect(first).toHaveProperty('published');
    expect(JSON.stringify(first.release)).toContain('1.0.0');
    expect([first.overall, first.byClass, first.byPatient]).toEqual([second.overall, second.byClass, second.byPatient]);
  });

  it('reads landmarks where they are, and says what its preset left out', async () => {
    const { code, stdout } = await runOf('random-forest-landmarks', 'researcher', '--fold', '2');
    expect(code).toBe(0);
    const answer = JSON.parse(stdout.trim().split('\n').at(-1)!) as RunAnswer & { provenance: Record<string, unknown> };
    expect(answer.overall).toBeGreaterThanOrEqual(0);
    expect(answer.provenance).toMatchObject({ preset: 'smoke', trees: 10, framesPerSubmission: 2 });
  });

  it.each([
    ['resnet50-2-static', 'researcher-4'],
    ['fusion-3', 'researcher-3'],
    ['static-audio', 'researcher-3'],
  ])('%s is trained where faces and voices are, and gives figures alone', async (experiment, username) => {
    const { code, stdout, stderr } = await runOf(experiment, username, '--fold', '1');
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const answer = JSON.parse(stdout.trim().split('\n').at(-1)!) as RunAnswer & { comparable: string };
    expect(answer.overall).toBeGreaterThanOrEqual(0);
    expect(answer.overall).toBeLessThanOrEqual(1);
  });

  it('the paper’s own training says what it would need', async () => {
    const { code, stdout, stderr } = await runOf('fusion-1', 'researcher-3', '--preset', 'paper');
    expect([code, stdout + stderr]).toEqual([1, expect.stringContaining('needs a GPU')]);
  });

  it('runs only where the policy allows it: exit 3 with the reasons', async () => {
    const { code, stdout, stderr } = await run('auditor');
    expect(code).toBe(3);
    expect(stdout + stderr).toContain('NO_GRANT');
  });

  it('an experiment that does not exist is a clear error', async () => {
    const { code, stdout, stderr } = await iss(server, (await person(server, 'researcher')).token, [
      'run',
      'no-such-experiment',
      '--json',
    ]);
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/EXPERIMENT_UNKNOWN.*random-forest-pain/);
  });
});
