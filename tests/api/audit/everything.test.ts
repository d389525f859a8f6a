import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobKinds } from '../../../api/jobs/kinds.ts';
import { schema } from '../../../schema/index.ts';
import { PLANNED } from '../../../schema/planner/plan.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { startWorld, type Who, type World } from '../mutations/world.ts';

const NOTHING = '00000000-0000-7000-8000-000000000000';
const QUERIES = Object.keys(schema.getQueryType()?.getFields() ?? {}).sort();

/**
 * DATA: released data, of which what is given and what is refused is an entry; `patient` is a patient's node id. STAFF: for some roles, and a refusal of
 * anybody else is an entry. FREE: no entry, and why.
 */
type Row =
  | { readonly is: 'DATA'; readonly ask: (study: string, patient: string) => string }
  | { readonly is: 'STAFF'; readonly ask: string }
  | { readonly is: 'FREE'; readonly since: string };

const data = (ask: (study: string, patient: string) => string): Row => ({ is: 'DATA', ask });
const staff = (ask: string): Row => ({ is: 'STAFF', ask });
const free = (since: string): Row => ({ is: 'FREE', since });
const PATIENTS = '{ patients(first: 1) { nodes { code } } }';
const HAS_ONE = 'one sees their own, or what their role has before it as its work; nothing of patients is in it';

/** Every field of Query: a new one without a row here fails the first test. */
const TABLE: Readonly<Record<string, Row>> = {
  release: data((study) => `{ release(study: "${study}") ${PATIENTS} }`),
  releases: data((study) => `{ releases(study: "${study}") ${PATIENTS} }`),
  node: data((_, patient) => `{ node(id: "${patient}") { ... on Patient { code } } }`),
  nodes: data((_, patient) => `{ nodes(ids: ["${patient}"]) { ... on Patient { code } } }`),
  account: staff(`{ account(id: "${NOTHING}") { __typename } }`),
  accounts: staff('{ accounts(first: 1) { __typename } }'),
  agreementPreview: staff('{ agreementPreview(effectiveOn: "2030-01-01") { __typename } }'),
  accessGroups: staff('{ accessGroups(first: 1) { __typename } }'),
  auditEntries: staff('{ auditEntries(first: 1) { __typename } }'),
  strangerRefusals: staff('{ strangerRefusals { __typename } }'),
  fileTrace: staff(`{ fileTrace(sha256: "${'0'.repeat(64)}") { __typename } }`),
  certificateQueue: staff('{ certificateQueue(first: 1) { __typename } }'),
  deputies: staff('{ deputies { __typename } }'),
  peopleByName: staff('{ peopleByName(name: "an") { __typename } }'),
  withdrawalTerms: staff('{ withdrawalTerms { __typename } }'),
  certificateTotals: staff('{ certificateTotals { __typename } }'),
  certificatesPending: staff('{ certificatesPending { __typename } }'),
  draftReleases: staff('{ draftReleases { __typename } }'),
  drop: staff(`{ drop(id: "${NOTHING}") { __typename } }`),
  pendingSteps: staff('{ pendingSteps { __typename } }'),
  personalTokens: staff('{ personalTokens { __typename } }'),
  policyVersions: staff('{ policyVersions(first: 1) { __typename } }'),
  previewPolicy: staff('{ previewPolicy(policy: {}) { __typename } }'),
  quarantines: staff('{ quarantines { __typename } }'),
  sanctions: staff('{ sanctions { __typename } }'),
  unsentMail: staff('{ unsentMail(first: 1) { __typename } }'),
  drops: staff('{ drops(first: 1) { __typename } }'),
  jobKinds: staff('{ jobKinds { __typename } }'),
  failedJobs: staff('{ failedJobs(first: 1) { __typename } }'),
  settings: staff('{ settings { __typename } }'),
  withdrawals: staff('{ withdrawals { __typename } }'),
  releaseCheck: staff(`{ releaseCheck(id: "${NOTHING}") { __typename } }`),
  releaseDiff: staff('{ releaseDiff(from: "1.0.0", to: "1.0.0") { __typename } }'),
  studyReport: staff('{ studyReport { release } }'),
  exceptions: staff('{ exceptions(first: 1) { __typename } }'),
  institutions: free('everybody may choose from the verified ones'),
  destructionDuties: free("one's own"),
  consents: staff('{ consents(patient: "9001") { __typename } }'),
  approvedUses: free('open: the public register'),
  queueMetrics: free('open'),
  activeHalts: free('those that concern one, or all for staff; nothing of patients is in it'),
  incident: free(HAS_ONE),
  incidents: free(HAS_ONE),
  accessRequest: free(HAS_ONE),
  accessRequests: free(HAS_ONE),
  certificate: free(HAS_ONE),
  export: free("one's own; its files are opened by tickets, which are entries"),
  groupFigures: staff('{ groupFigures { __typename } }'),
  runPreview: staff('{ runPreview(experiment: "random-forest-pain") { __typename } }'),
  lineage: free("one's own; what was made of whom is a READ of its own"),
  run: free("one's own; each of its figures is a READ of its own, see tests/api/runs"),
  viewer: free('oneself; what a grant was used for is an entry when it is looked at'),
  agreement: free('everybody may know it'),
  agreements: free('everybody may know them'),
  policy: free('everybody who is signed in may know it'),
  studies: free('open'),
  study: free('open'),
  trainings: free('open'),
  requirements: free('open'),
};

let world: World;
let granted: FixturePerson;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
  granted = await addResearcher(world.db.pool, { name: 'gina', studyId: world.study.studyId });
});
afterAll(() => world.stop());

/** Entries that an operation left, of the person. */
async function left(who: Who, query: string): Promise<{ action: string; text: Record<string, unknown> }[]> {
  const account = who === null ? null : typeof who === 'string' ? world.idOf(who) : who.accountId;
  const read = async () =>
    (
      await world.db.pool.query<{ action: string; text: string }>(
        'SELECT action, text FROM audit_entry WHERE account_id = $1 ORDER BY seq',
        [account],
      )
    ).rows;
  const before = (await read()).length;
  // The same refusal within a minute would be counted with the one before.
  world.clock.at = new Date(world.clock.at.getTime() + 61_000);
  await world.ask(who, query);
  return (await read()).slice(before).map(({ action, text }) => ({ action, text: JSON.parse(text) }));
}

describe('every field of Query', () => {
  it('has a row in the table of this test, which says what the log has of it', () => {
    expect(Object.keys(TABLE).sort()).toEqual(QUERIES);
  });

  it('that gives released data is one that the planner answers, and no other is', () => {
    expect(
      Object.keys(TABLE)
        .filter((name) => TABLE[name]!.is === 'DATA')
        .sort(),
    ).toEqual([...PLANNED].sort());
  });

  it.each(
    QUERIES.filter((name) => TABLE[name]?.is === 'DATA'),
  )('%s leaves an entry with what was given, for which grant, and one with what was refused', async (name) => {
    const row = TABLE[name] as Extract<Row, { is: 'DATA' }>;
    const found = await world.ask(
      granted,
      `{ release(study: "${world.study.key}") { patients(first: 1) { nodes { id code } } } }`,
    );
    const { id, code } = found.data.release.patients.nodes[0];
    const query = row.ask(world.study.key, id);
    const [read, ...more] = await left(granted, query);
    expect(more).toEqual([]);
    expect(read).toMatchObject({
      action: 'READ',
      text: { grant: granted.grantId, modalities: ['LABELS'], patients: [code], releases: [world.study.releaseId] },
    });
    expect((read!.text.rows as { patients: number }).patients).toBe(1);
    expect(await left('nob', query)).toMatchObject([{ action: 'REFUSED' }]);
  });

  it.each(
    QUERIES.filter((name) => TABLE[name]?.is === 'STAFF'),
  )('%s leaves an entry where it is refused', async (name) => {
    const { ask } = TABLE[name] as Extract<Row, { is: 'STAFF' }>;
    expect(await left('nob', ask)).toMatchObject([
      { action: expect.stringMatching(/REFUSED$/), text: { account: world.idOf('nob') } },
    ]);
  });

  it('leaves none of somebody who is not signed in', async () => {
    const count = async () => (await world.db.pool.query('SELECT count(*)::int AS n FROM audit_entry')).rows[0].n;
    const before = await count();
    for (const row of Object.values(TABLE))
      if (row.is !== 'FREE') await world.ask(null, row.is === 'STAFF' ? row.ask : row.ask(world.study.key, NOTHING));
    expect(await count()).toBe(before);
  });
});

describe('every kind of job', () => {
  const names = async (): Promise<string[]> => jobKinds(world.base, world.services).map(({ kind }) => kind);

  it('is an entry when it ends, however it ends, and none before', async () => {
    const { jobs, database } = world.base;
    for (const kind of await names()) {
      const entries = async (id: string) => (await world.entries('JOB')).filter(({ job }) => job === id);
      const ends: [string, (id: string) => Promise<unknown>][] = [
        ['SUCCEEDED', (id) => jobs.finish(database, id, 'w', { state: 'SUCCEEDED', result: null })],
        ['REFUSED', (id) => jobs.finish(database, id, 'w', { state: 'REFUSED' })],
        ['FAILED', (id) => jobs.retryOrFail(id, 'w', { code: 'BROKEN', message: 'x' })],
        [
          'CANCELLED',
          async (id) => {
            await jobs.cancel(database, id);
            await jobs.takeBack('w');
          },
        ],
      ];
      for (const [state, end] of ends) {
        const id = await jobs.add(database, { kind, payload: {}, accountId: world.idOf('ada'), maxAttempts: 1 });
        const claimed = await jobs.claim('w', [kind]);
        expect(claimed?.id).toBe(id);
        expect(await entries(id)).toEqual([]);
        await end(id);
        expect(await entries(id), `${kind} ${state}`).toMatchObject([{ kind, state, account: world.idOf('ada') }]);
      }
    }
  });
});
