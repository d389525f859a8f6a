import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEntries } from './support/audit-entries.ts';
import { eventually } from './support/eventually.ts';
import { type Gatekeepers, give, obtainGrant, proveTraining } from './support/give.ts';
import type { ServerFacts } from './support/global-server.ts';
import { iss } from './support/iss.ts';
import { writeLargeDrop } from './support/large-drop.ts';
import { type Person, person, wholeServer } from './support/person.ts';

let server: ServerFacts;
let applicant: Person;
let keepers: Gatekeepers;
let folder: string;
/** A release with a large recording beside the demo's, and that recording's patient. */
let release: string;
let patient: string;
beforeAll(async () => {
  server = await wholeServer();
  folder = await mkdtemp(join(tmpdir(), 'iss-large-'));
  applicant = await person(server, 'researcher-2');
  const [official, steward, second] = await Promise.all(
    ['signing-official', 'steward', 'steward-2'].map((name) => person(server, name)),
  );
  keepers = { official: official!, steward: steward!, second: second! };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const codesOf = (reasons: { code: string }[] | undefined): string[] => (reasons ?? []).map(({ code }) => code);

describe('from nothing to data and back', () => {
  it('who has nothing yet is told everything that is missing at once', async () => {
    const { data, errors } = await applicant.ask(
      '{ release(version: "1.0.0") { patients(first: 1) { nodes { code submissions(first: 1) { nodes { video { url } } } } } } }',
    );
    expect(data).toEqual({ release: { patients: null } });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    const reasons = errors[0]?.extensions.reasons ?? [];
    expect(codesOf(reasons)).toEqual([
      'NO_GRANT',
      'TRAINING_MISSING',
      'TRAINING_MISSING',
      'TRAINING_MISSING',
      'AGREEMENT_UNSIGNED',
    ]);
    for (const { sentence, whoActsNext } of reasons) expect([sentence.length > 10, whoActsNext]).toEqual([true, 'YOU']);
    const checklist = await applicant.ask<{
      viewer: { accessChecklist: { uses: { use: string; allowed: boolean; items: { met: boolean }[] }[] } };
    }>('{ viewer { accessChecklist(modality: VIDEO) { uses { use allowed items { met } } } } }');
    const read = checklist.data.viewer.accessChecklist.uses.find(({ use }) => use === 'READ')!;
    expect([read.allowed, read.items.some(({ met }) => !met)]).toEqual([false, true]);
  });

  it('a curator adds a large recording, and a second person publishes it in a new release', async () => {
    const curator = await person(server, 'curator');
    const { data } = await curator.ask<{ releases: { version: string }[] }>('{ releases { version } }');
    const newest = Math.max(...data.releases.map(({ version }) => Number(version.split('.')[1])));
    release = `1.${newest + 1}.0`;
    patient = String(9100 + newest);
    const drop = join(folder, 'drop');
    await writeLargeDrop(drop, patient);

    const ingest = () => iss(server, curator.token, ['ingest', drop, '--study', 'demo', '--json']);
    const lines = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const first = await ingest();
    expect([first.code, first.stderr]).toEqual([0, expect.any(String)]);
    const [submission] = lines(first.stdout).filter((line) => line.outcome !== undefined);
    expect(submission).toMatchObject({ patient, outcome: 'PROCESSED' });
    expect(submission?.frames).toBe(30);
    const again = await ingest();
    expect(again.code).toBe(0);
    expect(lines(again.stdout).find((line) => line.outcome !== undefined)).toMatchObject({
      patient,
      outcome: 'UNCHANGED',
    });

    const command = (who: Person, ...args: string[]) =>
      iss(server, who.token, ['release', ...args, '--study', 'demo', '--json']);
    expect((await command(curator, 'draft', release, '--notes', 'A large recording')).code).toBe(0);
    expect((await command(curator, 'ask', release)).code).toBe(0);
    expect((await command(curator, 'publish', release, '--yes')).code).toBe(3);
    expect((await command(keepers.steward, 'publish', release, '--yes')).code).toBe(0);
  });

  it('every step is taken by who has to take it; then data comes, and when the grant is revoked it stops: reads, a running run, a download under way', async () => {
    await proveTraining(applicant, keepers.steward);
    const requestId = await obtainGrant(applicant, keepers, {
      LABELS: ['READ', 'RUN'],
      PAIN_SCORES: ['READ', 'RUN'],
      VIDEO: ['READ'],
    });
    const { data, errors } = await applicant.ask<{
      release: { patient: { submissions: { nodes: { video: { url: string; bytes: number } }[] } } };
    }>(
      `{ release(version: "${release}") { patient(code: "${patient}") { submissions(first: 1) { nodes { video { url bytes } } } } } }`,
    );
    expect(errors).toEqual([]);
    const file = data.release.patient.submissions.nodes[0]!.video;
    expect(file.bytes).toBeGreaterThan(7e6);

    // One after the other, so that however fast a run is, some are waiting and one is running when access ends.
    const runs: string[] = [];
    for (let seed = 1; seed <= 8; seed++) {
      const { run } = (await give(
        applicant,
        'runBaseline',
        { experiment: 'random-forest-pain', preset: 'paper', classes: 4, seed },
        'run { id }',
      )) as unknown as { run: { id: string } };
      runs.push(run.id);
    }
    const stateOf = async (id: string) =>
      (
        await applicant.ask<{ run: { state: string; error: { code: string; reasons: { code: string }[] } | null } }>(
          'query ($id: ID!) { run(id: $id) { state error { code reasons { code } } } }',
          { id },
        )
      ).data.run;
    const states = () => Promise.all(runs.map(stateOf));
    await eventually(states, (all) => all.some(({ state }) => state === 'RUNNING'));

    const download = await slowDownload(file.url, applicant.token!);
    expect(download.expected).toBe(file.bytes);
    const since = new Date();
    await give(keepers.second, 'revokeGrant', { requestId, reason: 'Copies were passed on.' });
    const revokedAt = performance.now();

    // Read on slowly for two seconds, then as fast as it comes: what was not cut by then would come whole.
    await download.readSlowlyUntil(revokedAt + 2000);
    const got = await download.readToEnd();
    expect(got.whole).toBe(false);
    expect(got.bytes).toBeLessThan(file.bytes);

    const ended = await eventually(
      states,
      (all) => all.every(({ state }) => state === 'REFUSED' || state === 'SUCCEEDED'),
      10,
    );
    const refused = ended.filter(({ state }) => state === 'REFUSED');
    expect(refused.length).toBeGreaterThan(1);
    for (const { error } of refused) expect(codesOf(error?.reasons)).toContain('GRANT_REVOKED');
    const after = await applicant.ask('{ release(version: "1.0.0") { patients(first: 1) { nodes { code } } } }');
    expect(codesOf(after.errors[0]?.extensions.reasons)).toContain('GRANT_REVOKED');
    expect((await applicant.fetch(file.url)).status).toBe(403);
    const cut = await eventually(
      () => auditEntries(server, since, 'DOWNLOADED'),
      (entries) => entries.some(({ text }) => text.cut === true),
    );
    expect(cut.find(({ text }) => text.cut === true)?.text.bytes as number).toBeLessThan(file.bytes);
  });
});

/** A download by somebody with a slow line. */
async function slowDownload(url: string, token: string) {
  const response = await new Promise<IncomingMessage>((done, failed) => {
    request(url, { headers: { authorization: `Bearer ${token}` } }, done)
      .on('error', failed)
      .end();
  });
  expect(response.statusCode).toBe(200);
  const expected = Number(response.headers['content-length']);
  let bytes = 0;
  let over = false;
  const closed = new Promise<void>((done) => response.once('close', () => done()));
  response.on('error', () => {});
  response.once('close', () => {
    over = true;
  });
  return {
    expected,
    async readSlowlyUntil(end: number): Promise<void> {
      while (performance.now() < end && !over) {
        bytes += (response.read(4096) as Buffer | null)?.length ?? 0;
        await new Promise((done) => setTimeout(done, 50));
      }
    },
    async readToEnd(): Promise<{ bytes: number; whole: boolean }> {
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.resume();
      await closed;
      return { bytes, whole: response.complete };
    },
  };
}
