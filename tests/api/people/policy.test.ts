import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentPolicy } from '../../../api/services/access/policy.ts';
import { loadPersonFacts } from '../../../api/services/read/facts.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import type { Policy } from '../../../governance/policy.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
let rae: FixturePerson;
let ron: FixturePerson;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 5 });
  const { pool } = world.db;
  // A second administrator, so that there are two.
  await pool.query(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'admin', now())`, [
    world.idOf('nob'),
  ]);
  rae = await addResearcher(pool, { name: 'rae', studyId: world.study.studyId });
  ron = await addResearcher(pool, { name: 'ron', studyId: world.study.studyId, access: { LABELS: ['READ'] } });
});
afterAll(() => world.stop());

const now = () => world.clock.now();
const current = (): Promise<Policy> => currentPolicy(world.db.database, now());
const VERSION = (name: string) =>
  `... on ${name}Success { version { number reason madeBy { name } askedBy { name } changes { path before after loosens } } }`;
const FAULTS =
  '... on PolicyInvalid { problems { path message } } ... on PolicyMoved { currentVersion } ... on PolicyLoosens { changes { path loosens } }';
const change = async (changes: Partial<Policy>) => {
  const policy = { ...(await current()), ...changes };
  return { basedOn: policy.version, policy, reason: 'As the board asked.' };
};
const tighten = async (who: Name, changes: Partial<Policy>, more: object = {}) =>
  world.give(who, 'tightenPolicy', { ...(await change(changes)), ...more }, `${VERSION('TightenPolicy')} ${FAULTS}`);
const ask = async (who: Name, changes: Partial<Policy>) =>
  world.give(
    who,
    'askToLoosenPolicy',
    await change(changes),
    `... on AskToLoosenPolicySuccess { stepId seenHash } ${FAULTS.replace(/\.\.\. on PolicyLoosens.*/, '')}`,
  );
const confirm = (who: Name, stepId: string, seen: string) =>
  world.give(
    who,
    'confirmLoosenPolicy',
    { stepId, seen },
    `${VERSION('ConfirmLoosenPolicy')} ... on PolicyMoved { currentVersion }`,
  );
const reads = async (person: FixturePerson) =>
  (await world.ask(person, '{ release { patients(first: 1) { totalCount } } }', {}, { 'iss-grant': person.grantId }))
    .errors?.[0]?.extensions?.code ?? 'OK';

const withTraining = (type: keyof Policy['training'], change: object) => ({
  training: { ...DEFAULT_POLICY.training, [type]: { ...DEFAULT_POLICY.training[type], ...change } },
});

describe('the policy', () => {
  it('is shown to everybody who is signed in, its history to those who answer for it', async () => {
    const { data } = await world.ask('ada', '{ policy { number policy reason madeBy { name } changes { path } } }');
    expect(data.policy).toEqual({ number: 1, policy: DEFAULT_POLICY, reason: '', madeBy: null, changes: [] });
    expect((await world.ask(null, '{ policy { number } }')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    for (const who of ['sam', 'aud', 'adm'] as const)
      expect((await world.ask(who, '{ policyVersions { totalCount } }')).data.policyVersions.totalCount).toBe(1);
    expect((await world.ask('ada', '{ policyVersions { totalCount } }')).errors?.[0]?.extensions?.code).toBe(
      'FORBIDDEN',
    );
  });

  it('made stricter by one administrator ends access at once, and made looser by two gives it back', async () => {
    expect(await reads(rae)).toBe('OK');
    const stricter = await tighten('adm', { ineligibleCountries: ['US'] });
    expect(stricter).toMatchObject({
      __typename: 'TightenPolicySuccess',
      version: {
        number: 2,
        reason: 'As the board asked.',
        madeBy: { name: 'Adm Person' },
        askedBy: null,
        changes: [{ path: 'ineligibleCountries.US', before: null, after: 'US', loosens: false }],
      },
    });
    expect(await reads(rae)).toBe('FORBIDDEN');
    const refused = await tighten('adm', { ineligibleCountries: [] });
    expect(refused).toMatchObject({
      code: 'POLICY_LOOSENS',
      changes: [{ path: 'ineligibleCountries.US', loosens: true }],
    });
    const { stepId, seenHash } = await ask('adm', { ineligibleCountries: [] });
    expect(await reads(rae)).toBe('FORBIDDEN');
    expect(await confirm('adm', stepId, seenHash)).toMatchObject({ code: 'SAME_PERSON' });
    expect(await confirm('sam', stepId, seenHash)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await confirm('nob', stepId, '0'.repeat(64))).toMatchObject({ code: 'STEP_CHANGED' });
    expect(await confirm('nob', stepId, seenHash)).toMatchObject({
      version: {
        number: 3,
        madeBy: { name: 'Nob Person' },
        askedBy: { name: 'Adm Person' },
        changes: [{ loosens: true }],
      },
    });
    expect(await reads(rae)).toBe('OK');
    const [tightened] = await world.entries('TIGHTEN_POLICY');
    expect(tightened).toMatchObject({ command: 'tightenPolicy', version: 2, reason: 'As the board asked.' });
    expect((await world.entries('CONFIRM_LOOSEN_POLICY'))[0]).toMatchObject({ version: 3, askedBy: world.idOf('adm') });
  });

  it('is not changed by who looked at another version, nor by a confirmation of one', async () => {
    const stale = await change({ smallCell: 6 });
    const { stepId, seenHash } = await ask('adm', { agreementGraceDays: 60 });
    expect(await tighten('nob', { smallCell: 7 })).toMatchObject({ __typename: 'TightenPolicySuccess' });
    expect(await world.give('adm', 'tightenPolicy', stale, FAULTS)).toMatchObject({
      code: 'POLICY_MOVED',
      currentVersion: (await current()).version,
    });
    expect(await confirm('nob', stepId, seenHash)).toMatchObject({ code: 'POLICY_MOVED' });
    const { rows } = await world.db.pool.query('SELECT outcome FROM second_step WHERE id = $1', [stepId]);
    expect(rows).toEqual([{ outcome: null }]);
    expect((await current()).agreementGraceDays).toBe(30);
  });

  it.each([
    ['a duration of zero', withTraining('HIPAA', { durationMonths: 0 }), 'training.HIPAA.durationMonths'],
    ['a missing duration', withTraining('HIPAA', { durationMonths: null }), 'training.HIPAA.durationMonths'],
    ['no country', { ineligibleCountries: ['ZZ'] }, 'ineligibleCountries.0'],
    ['five hours', { exceptionHours: 5 }, 'exceptionHours'],
  ])('with %s is refused with the place and the reason', async (_, changes, path) => {
    const invalid = { code: 'POLICY_INVALID', problems: [{ path, message: expect.any(String) }] };
    expect(await tighten('adm', changes as Partial<Policy>)).toMatchObject(invalid);
    expect(await ask('adm', changes as Partial<Policy>)).toMatchObject(invalid);
  });

  it('that is the same, or has no reason, is not a change', async () => {
    expect(await tighten('adm', {})).toMatchObject({ code: 'POLICY_UNCHANGED' });
    expect(await tighten('adm', { smallCell: 9 }, { reason: ' ' })).toMatchObject({ code: 'REASON_MISSING' });
  });

  it('is changed once when two change it at the same moment', async () => {
    const { version } = await current();
    const input = await change({ resultGroup: 8 });
    const both = await Promise.all(
      (['adm', 'nob', 'adm', 'nob'] as const).map((who) => world.give(who, 'tightenPolicy', input, FAULTS)),
    );
    expect(both.filter(({ __typename }) => __typename === 'TightenPolicySuccess')).toHaveLength(1);
    expect(both.filter(({ code }) => code === 'POLICY_MOVED')).toHaveLength(3);
    expect((await current()).version).toBe(version + 1);
    const { stepId, seenHash } = await ask('sue' as Name, { resultGroup: 7 }).then(() =>
      ask('adm', { resultGroup: 7 }),
    );
    const confirmed = await Promise.all(['nob', 'nob', 'nob'].map((who) => confirm(who as Name, stepId, seenHash)));
    expect(confirmed.filter(({ __typename }) => __typename === 'ConfirmLoosenPolicySuccess')).toHaveLength(1);
    expect((await current()).version).toBe(version + 2);
  });

  it('keeps its history: every version, what it changed and why, a page at a time', async () => {
    const { data } = await world.ask(
      'aud',
      'query($after: String) { policyVersions(first: 2, after: $after) { totalCount nodes { number changes { path } } pageInfo { hasNextPage endCursor } } }',
    );
    const { version } = await current();
    expect(data.policyVersions).toMatchObject({ totalCount: version, pageInfo: { hasNextPage: true } });
    expect(data.policyVersions.nodes.map((one: { number: number }) => one.number)).toEqual([version, version - 1]);
    expect(data.policyVersions.nodes[0].changes).toEqual([{ path: 'resultGroup' }]);
    await expect(world.db.database.query(`UPDATE policy_version SET reason = ''`)).rejects.toThrow('permission denied');
    await expect(world.db.pool.query(`UPDATE policy_version SET reason = ''`)).rejects.toThrow('append-only');
    await expect(world.db.pool.query('DELETE FROM policy_version')).rejects.toThrow('append-only');
  });
});

describe('a preview', () => {
  const PREVIEW = `query($policy: JSON!, $first: Int, $after: String) { previewPolicy(policy: $policy, first: $first, after: $after) {
    basedOn loosens changes { path } problems { path } lookedAt hasNextPage endCursor
    people { person { name } grantId gains { modality use } losses { modality use } reasons { code subject } } } }`;
  const preview = async (changes: Partial<Policy>, page: object = {}) =>
    (await world.ask('adm', PREVIEW, { policy: { ...(await current()), ...changes }, ...page })).data.previewPolicy;

  it('says who loses what, and why', async () => {
    const shown = await preview({ ineligibleCountries: ['US'] });
    expect(shown).toMatchObject({
      loosens: false,
      changes: [{ path: 'ineligibleCountries.US' }],
      problems: [],
      lookedAt: 2,
    });
    expect(shown.people).toHaveLength(2);
    const small = shown.people.find(({ grantId }: { grantId: string }) => grantId === ron.grantId);
    expect(small).toMatchObject({
      person: { name: 'ron' },
      gains: [],
      losses: [{ modality: 'LABELS', use: 'READ' }],
      reasons: [{ code: 'INSTITUTION_INELIGIBLE' }],
    });
    // Nothing was changed by looking.
    expect(await reads(rae)).toBe('OK');
  });

  it('says who gains, and leaves out whom it does not concern', async () => {
    await world.db.pool.query(`DELETE FROM certificate WHERE account_id = $1 AND type = 'HIPAA'`, [rae.accountId]);
    const { classes } = await current();
    const shown = await preview({
      classes: { ...classes, biometric: { ...classes.biometric, training: ['HUMAN_SUBJECTS'] } },
    });
    expect(shown.loosens).toBe(true);
    expect(shown.people).toEqual([
      {
        person: { name: 'rae' },
        grantId: rae.grantId,
        gains: ['READ', 'RUN', 'EXPORT'].map((use) => ({ modality: 'LANDMARKS', use })),
        losses: [],
        reasons: [],
      },
    ]);
  });

  it('goes on where a page ended', async () => {
    const first = await preview({ ineligibleCountries: ['US'] }, { first: 1 });
    expect(first).toMatchObject({ hasNextPage: true, people: [{}] });
    const second = await preview({ ineligibleCountries: ['US'] }, { first: 5, after: first.endCursor });
    expect(second).toMatchObject({ hasNextPage: false, people: [{}] });
    const names = [...first.people, ...second.people].map(({ person }) => person.name).sort();
    expect(names).toEqual(['rae', 'ron']);
  });

  it('of a policy that cannot stand says why, and is for administrators', async () => {
    expect(await preview({ smallCell: 0 })).toMatchObject({ problems: [{ path: 'smallCell' }], people: [] });
    for (const who of ['ada', 'sam', 'aud'] as const)
      expect((await world.ask(who, PREVIEW, { policy: {} })).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });
});

describe('without any policy', () => {
  it('nothing is decided, by either way of reading it', async () => {
    const early = new Date('2000-01-01T00:00:00Z');
    await expect(currentPolicy(world.db.database, early)).rejects.toThrow('no policy is in force');
    await expect(loadPersonFacts(world.db.database, world.idOf('sam'), early)).rejects.toThrow('no policy is in force');
  });
});
