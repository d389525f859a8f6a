import { expect } from 'vitest';
import { loadFacts } from '../../api/services/access/load-facts.ts';
import { submissionRowFacts } from '../../api/services/files/row-facts.ts';
import { findRelease } from '../../api/services/releases/find-release.ts';
import { painRunRows } from '../../api/services/runs/run-rows.ts';
import { decide, decideModalities } from '../../governance/decide.ts';
import { MODALITIES } from '../../governance/modality.ts';
import { type Span, WHOLE } from '../../governance/rows.ts';
import { USES } from '../../governance/use.ts';
import { ReleaseScope } from '../../schema/planner/release-scope.ts';
import { SqlScope } from '../../schema/planner/sql.ts';
import { chunkSpan, frameSpan, submissionOf, viewOf } from './expected.ts';
import { ME, releaseId, submissionId } from './ids.ts';
import { knows, type Part, type Who } from './opinion.ts';
import { accountOf, actorOf, type Scene } from './scene.ts';
import { PATIENTS, VERSIONS, type Version, type World } from './world.ts';

const PARTS: readonly Part[] = [null, 'all', frameSpan(1), frameSpan(20), frameSpan(45), chunkSpan(0), chunkSpan(1)];
const spanOf = (part: Part): Span | null =>
  part === null ? null : part === 'all' ? WHOLE : { fromSeconds: part[0], toSeconds: part[1] };

/** decide() with facts of the database: every use of every kind of data, of the release and of every row. */
export async function checkDecide(
  scene: Scene,
  world: World,
  version: Version,
  of: { patient: string; at: number },
): Promise<void> {
  const now = scene.clock.at;
  const actor = actorOf(world);
  const facts = await loadFacts(scene.database, actor.kind === 'account' ? ME : null, now, releaseId(version));
  const release = await findRelease(scene.database, null, releaseId(version));
  const rows = PATIENTS.flatMap((patient) => [0, 1].map((at) => ({ patient, at })));
  const rowFacts = await Promise.all(
    rows.map(({ patient, at }) =>
      submissionRowFacts(scene.database, {
        releaseId: releaseId(version),
        submissionId: submissionId(patient, at),
        timeZone: facts.policy.timeZone,
        now,
      }),
    ),
  );
  for (const use of USES) {
    const view = viewOf({ world, version, use, who: world.actor });
    const allowed = MODALITIES.filter(
      (modality) => decide(actor, use, { kind: 'modality', modality, release }, facts, now).allow,
    );
    expect(`${use}: ${allowed.join(' ')}`).toBe(`${use}: ${MODALITIES.filter((one) => view.may(one)).join(' ')}`);
    for (const [i, row] of rowFacts.entries()) {
      const { patient = '', at = 0 } = rows[i] ?? {};
      // Parts of time of one submission; of the others, with and without time.
      for (const modality of allowed)
        for (const part of PARTS.slice(0, patient === of.patient && at === of.at ? PARTS.length : 2)) {
          const resource = { kind: 'row', modality, release, row, span: spanOf(part) } as const;
          const decided = decide(actor, use, resource, facts, now).allow;
          if (decided === view.shows(modality, patient, at, part)) continue;
          throw new Error(`decide() ${decided ? 'allows' : 'refuses'} ${use} ${modality} of ${patient}/${at} ${part}`);
        }
    }
  }
}

/** The checklist of every kind of data and use, of the newest published release. */
export async function checkChecklist(scene: Scene, world: World): Promise<void> {
  const version = [...VERSIONS].reverse().find((one) => world.releases[one] === 'PUBLISHED');
  const lists = await Promise.all(
    MODALITIES.map(async (modality) => (await scene.viewers.accessChecklist(actorOf(world), modality, null))!),
  );
  const said = lists.flatMap(({ modality, uses }) =>
    uses.filter(({ allowed }) => allowed).map(({ use }) => `${modality} ${use}`),
  );
  const views = USES.map((use) => [use, version && viewOf({ world, version, use, who: world.actor })] as const);
  const expected = MODALITIES.flatMap((modality) =>
    views.filter(([, view]) => view?.may(modality)).map(([use]) => `${modality} ${use}`),
  );
  expect(said).toEqual(expected);
}

/** A run that was let in, under its grant. */
export interface Begun {
  jobId: string;
  who: Who;
}

/** Runs of experiment 3: whether one may begin, and which rows it would read. */
export async function checkRuns(scene: Scene, world: World, version: Version): Promise<Begun | null> {
  if (!world.actor.signedIn) return null;
  const view = viewOf({ world, version, use: 'RUN', who: world.actor });
  const allowed = view.may('LABELS') && view.may('PAIN_SCORES');
  // Of many worlds on one day: how many runs a person may ask for in a day is another matter.
  await scene.db.pool.query(`UPDATE baseline_run SET created_at = created_at - interval '9 days'`);
  const asked = await scene.runs.request(accountOf(world), {
    ...{ study: null, release: version, experiment: 'random-forest-pain' },
    ...{ classes: null, preset: null, fold: null, seed: 1 },
  });
  const expected = view
    .patients()
    .filter((patient) => view.shows('PAIN_SCORES', patient, null, null))
    .flatMap((patient) =>
      view.submissions(patient).map((at) => {
        const { timestamp, survey } = submissionOf(scene.study, patient, at);
        return `${patient} ${timestamp}${survey ? ' survey' : ''}`;
      }),
    );
  if (!asked.ok && asked.code === 'TOO_FEW_PATIENTS') {
    expect(`runs: ${allowed}`).toBe('runs: true');
    expect(new Set(expected.map((row) => row.split(' ')[0])).size).toBeLessThan(2);
    return null;
  }
  if (!asked.ok) {
    expect(`runs: ${allowed}`).toBe('runs: false');
    if (!knows(world, version, world.actor)) expect(asked.code).toBe('RELEASE_UNKNOWN');
    return null;
  }
  expect(`runs: ${allowed}`).toBe('runs: true');
  const { rows } = await scene.db.pool.query<{ grantId: string }>(
    'SELECT grant_id AS "grantId" FROM job WHERE id = $1',
    [asked.jobId],
  );
  expect(await rowsRead(scene, version, rows[0]?.grantId ?? null)).toEqual(expected);
  const sight = world.actor.token ?? world.actor.names ?? grantNamed(rows[0]?.grantId ?? '', world);
  return { jobId: asked.jobId, who: { names: sight === 'malformed' ? null : sight, token: null } };
}

const grantNamed = (_: string, world: World): Who['names'] =>
  (['first', 'second'] as const).find(
    (name) =>
      world.grants[name].member === 'yes' &&
      world.grants[name].state === 'ACTIVE' &&
      world.grants[name].start <= world.now &&
      world.now < world.grants[name].end,
  ) ?? null;

/** What `run` of the job reads, for the person under the grant that the job is for. */
async function rowsRead(scene: Scene, version: Version, grant: string | null): Promise<string[]> {
  const release = await findRelease(scene.database, null, releaseId(version));
  const now = scene.clock.at;
  const facts = await loadFacts(scene.database, ME, now, releaseId(version));
  if (release === null) throw new Error('no release');
  const decisions = decideModalities({ kind: 'account', accountId: ME, grantId: grant }, 'RUN', release, facts, now);
  const record = { ...release, publishedAt: null };
  const scope = new ReleaseScope(new SqlScope(), record, decisions, facts.policy.timeZone, now);
  const { submissions } = await painRunRows(scene.database, scope, now);
  return submissions.map(({ patient, timestamp, survey }) => `${patient} ${timestamp}${survey ? ' survey' : ''}`);
}

/** After something has changed: the job of a run from before may go on exactly while its person may still run. */
export async function checkOldRun(scene: Scene, world: World, version: Version, begun: Begun): Promise<void> {
  const job = await scene.jobs.get(begun.jobId);
  const kind = scene.runs.jobKinds()[0];
  if (job === null || kind === undefined) throw new Error('the run is gone');
  const reasons = (await kind.refusals?.(job, kind.payload.parse(job.payload))) ?? [];
  // A job has no session: it is its person who may or may not, signed in at this moment or not.
  const absent: World = { ...world, actor: { ...world.actor, signedIn: true } };
  const view = viewOf({ world: absent, version, use: 'RUN', who: begun.who });
  const allowed = view.may('LABELS') && view.may('PAIN_SCORES');
  expect(`the old run goes on: ${reasons.length === 0}`).toBe(`the old run goes on: ${allowed}`);
}
