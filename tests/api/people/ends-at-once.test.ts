import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadFacts } from '../../../api/services/access/load-facts.ts';
import { fileAccess, type OpenedFile } from '../../../api/services/files/file-access.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fixtureId } from '../../support/study-fixture.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
let count = 0;
let rae: FixturePerson;
let institutionId: string;
beforeAll(async () => {
  world = await startWorld({ patients: 6, submissions: 1, frames: 5 });
  await world.db.pool.query(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'admin', now())`, [
    world.idOf('nob'),
  ]);
});
afterAll(() => world.stop());
beforeEach(async () => {
  count += 1;
  rae = await addResearcher(world.db.pool, { name: `rae-${count}`, studyId: world.study.studyId });
  institutionId = fixtureId(`rae-${count}`, 'institution');
});

const does = async (who: Name, mutation: string, input: Record<string, unknown>): Promise<void> => {
  const success = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Success`;
  const payload = await world.give(who, mutation, { reason: 'It has to be.', ...input });
  if (payload.__typename !== success) throw new Error(JSON.stringify(payload));
};
const policyOf = async () => (await world.ask('adm', '{ policy { number policy } }')).data.policy;

/** Everything that an administrator can do that ends somebody's access. */
const ENDINGS: readonly (readonly [string, string, () => Promise<void>])[] = [
  ['the account is suspended', 'ACCOUNT_SUSPENDED', () => does('adm', 'suspendAccount', { accountId: rae.accountId })],
  [
    'the role is taken',
    'ROLE_MISSING',
    () => does('adm', 'takeRole', { accountId: rae.accountId, role: 'RESEARCHER' }),
  ],
  [
    'the institution is barred',
    'INSTITUTION_INELIGIBLE',
    () => does('adm', 'setInstitutionStanding', { id: institutionId, standing: 'BARRED' }),
  ],
  [
    'they are moved to another institution',
    'INSTITUTION_INELIGIBLE',
    () => does('adm', 'moveAccount', { accountId: rae.accountId, institutionId: fixtureId('institution', 'lab') }),
  ],
  [
    'the policy shuts their country out',
    'INSTITUTION_INELIGIBLE',
    async () => {
      const { number, policy } = await policyOf();
      await does('adm', 'tightenPolicy', { basedOn: number, policy: { ...policy, ineligibleCountries: ['US'] } });
    },
  ],
  [
    'the policy lets training last for a month',
    'TRAINING_EXPIRED',
    async () => {
      const { number, policy } = await policyOf();
      const { HUMAN_SUBJECTS } = policy.training;
      const training = { ...policy.training, HUMAN_SUBJECTS: { ...HUMAN_SUBJECTS, durationMonths: 1 } };
      await does('adm', 'tightenPolicy', { basedOn: number, policy: { ...policy, training } });
    },
  ],
];

const under = () => ({ 'iss-grant': rae.grantId });
const read = async () => {
  const { errors } = await world.ask(rae, '{ release { patients(first: 1) { totalCount } } }', {}, under());
  return (errors?.[0]?.extensions?.reasons as { code: string }[] | undefined)?.map(({ code }) => code) ?? [];
};
/** Why each job of theirs may not run now, as the supervisor asks. */
const jobs = async (): Promise<readonly (readonly [string, string])[]> => {
  const kinds = [...world.services.runs.jobKinds(), ...world.services.exports.jobKinds()];
  const { rows } = await world.db.pool.query('SELECT id, kind FROM job WHERE account_id = $1 ORDER BY kind', [
    rae.accountId,
  ]);
  return Promise.all(
    rows.map(async ({ id, kind: name }) => {
      const kind = kinds.find((one) => one.kind === name)!;
      const job = (await world.base.jobs.get(id))!;
      return [name, JSON.stringify(await kind.refusals!(job, kind.payload.parse(job.payload)))] as const;
    }),
  );
};
/** A landmarks file of the release, opened by a ticket that was given before. */
async function ticket() {
  const { database, clock } = world.base;
  const { audit, tickets, exports } = world.services;
  const access = fileAccess({
    ...{ database, clock, audit, tickets, loadFacts },
    openExport: exports.openTicket,
    openCertificate: async () => null,
    openEthicsDocument: async () => null,
    openCheckpoint: async () => null,
  });
  const { rows } = await world.db.pool.query(
    `SELECT a.id AS "artifactId", rs.release_id AS "releaseId" FROM artifact a JOIN release_submission rs ON rs.recording_id = a.recording_id WHERE a.kind = 'LANDMARKS' LIMIT 1`,
  );
  const { url } = tickets.issue({
    kind: 'artifact',
    accountId: rae.accountId,
    grantId: rae.grantId,
    modality: 'LANDMARKS',
    part: null,
    ...rows[0],
  });
  const text = url.slice(url.lastIndexOf('/') + 1);
  return () => access.open(text, { kind: 'account', accountId: rae.accountId });
}

describe('access ends at once, on every path,', () => {
  it.each(ENDINGS)('when %s', async (_, code, ending) => {
    expect(await read()).toEqual([]);
    const run = await world.ask(
      rae,
      'mutation { runBaseline(input: { experiment: "random-forest-pain" }) { __typename } }',
      {},
      under(),
    );
    expect(run.data.runBaseline.__typename).toBe('RunBaselineSuccess');
    const copy = await world.ask(
      rae,
      'mutation { requestExport(input: { modalities: [LABELS] }) { __typename } }',
      {},
      under(),
    );
    expect(copy.data.requestExport.__typename).toBe('RequestExportSuccess');
    expect(await jobs()).toEqual([
      ['export', '[]'],
      ['run-baseline', '[]'],
    ]);
    const open = await ticket();
    const before = (await open()) as OpenedFile;
    expect(before.kind).toBe('file');
    expect(await before.stillAllowed()).toBe(true);

    await ending();

    expect(await read()).toContain(code);
    for (const [, reasons] of await jobs()) expect(reasons).toContain(code);
    // A ticket that was given opens nothing, and a download under way is not allowed to go on.
    expect((await open())?.kind).not.toBe('file');
    expect(await before.stillAllowed()).toBe(false);

    // What the policy shut is opened again by two, for the next of these tests.
    const { number, policy } = await policyOf();
    if (JSON.stringify({ ...policy, version: 1 }) === JSON.stringify(DEFAULT_POLICY)) return;
    const asked = await world.give(
      'adm',
      'askToLoosenPolicy',
      { basedOn: number, policy: DEFAULT_POLICY, reason: 'Back.' },
      '... on AskToLoosenPolicySuccess { stepId seenHash }',
    );
    if (asked.stepId === undefined) return;
    const confirmed = await world.give('nob', 'confirmLoosenPolicy', { stepId: asked.stepId, seen: asked.seenHash });
    expect(confirmed.__typename).toBe('ConfirmLoosenPolicySuccess');
  });
});
