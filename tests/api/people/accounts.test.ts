import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerifiedToken } from '../../../api/adapters/identity/identity.ts';
import { type SyncOptions, syncAccount } from '../../../api/auth/accounts.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
let rae: FixturePerson;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 5 });
  rae = await addResearcher(world.db.pool, { name: 'rae', studyId: world.study.studyId });
  await admin('nob');
});
afterAll(() => world.stop());

const admin = (name: Name) =>
  world.db.pool.query(
    `INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'admin', now()) ON CONFLICT DO NOTHING`,
    [world.idOf(name)],
  );
const ACCOUNT = (mutation: string) =>
  `... on ${mutation}Success { account { id roles suspension { until reason } officialOf { name } } }`;
const give = (who: Name, mutation: string, input: Record<string, unknown>) =>
  world.give(
    who,
    mutation,
    { reason: 'It has to be.', ...input },
    ACCOUNT(`${mutation[0]!.toUpperCase()}${mutation.slice(1)}`),
  );
const ask = (who: Name, accountId: string, role: string) =>
  world.give(
    who,
    'askToGiveRole',
    { accountId, role, reason: 'Needed.' },
    '... on AskToGiveRoleSuccess { stepId seenHash }',
  );
const confirm = (who: Name, stepId: string, seen: string) =>
  world.give(who, 'confirmGiveRole', { stepId, seen }, ACCOUNT('ConfirmGiveRole'));
const rolesOf = async (id: string): Promise<string[]> =>
  (await world.db.pool.query('SELECT role FROM account_role WHERE account_id = $1 ORDER BY role', [id])).rows.map(
    ({ role }) => role,
  );
const reads = async (person: FixturePerson) =>
  (await world.ask(person, '{ release { patients(first: 1) { totalCount } } }', {}, { 'iss-grant': person.grantId }))
    .errors?.[0]?.extensions?.reasons ?? 'OK';

/** Signs somebody in with what the identity provider says of them. */
const signIn = (name: Name, roles: string[], at: Date) => {
  const token = {
    ok: true,
    issuer: 'x',
    subject: name,
    username: name,
    name,
    email: `${name}@example.org`,
    roles,
    issuedAt: at,
  } as unknown as VerifiedToken;
  const options: SyncOptions = {
    database: world.db.database,
    accountIssuer: 'fixture',
    now: () => at,
    uuid: world.base.ids.uuid,
    observe: () => {},
  };
  return world.db.database.transaction((sql) => syncAccount(sql, token, options));
};
const later = (seconds: number) => new Date(world.clock.at.getTime() + seconds * 1_000);

describe('accounts', () => {
  const LIST = `query($search: String, $role: Role, $suspended: Boolean, $first: Int, $after: String) {
    accounts(search: $search, role: $role, suspended: $suspended, first: $first, after: $after) {
      totalCount nodes { username roles institution { name standing } } pageInfo { hasNextPage endCursor } } }`;
  const list = async (of: object) => (await world.ask('adm', LIST, { ...of })).data.accounts;

  it('are found by part of a name or address, by role, a page at a time', async () => {
    const stewards = await list({ role: 'STEWARD' });
    expect(stewards.nodes.map(({ username }: { username: string }) => username)).toEqual(['sam', 'sue']);
    expect((await list({ search: 'ADA@' })).nodes).toEqual([
      { username: 'ada', roles: ['RESEARCHER'], institution: { name: 'uni', standing: 'VERIFIED' } },
    ]);
    expect((await list({ search: '%' })).totalCount).toBe(0);
    const names: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const page = await list({ first: 4, after });
      names.push(...page.nodes.map(({ username }: { username: string }) => username));
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
      expect(page.totalCount).toBe(13);
    }
    expect(new Set(names).size).toBe(13);
    expect((await list({ after: 'nonsense' })).nodes).toEqual([]);
  });

  it('are for administrators', async () => {
    for (const who of ['ada', 'sam', 'cy', 'aud'] as const)
      expect((await world.ask(who, LIST, {})).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });
});

describe('a suspension', () => {
  it('ends everything at once but the view of one’s own record, and lifted gives it back', async () => {
    expect(await reads(rae)).toBe('OK');
    await world.db.pool.query(
      `INSERT INTO portal_session (id, account_id, sealed_tokens, created_at, renewed_at, expires_at) VALUES ('s1', $1, 'x', now(), now(), now() + interval '1 day')`,
      [rae.accountId],
    );
    const run = await world.ask(
      rae,
      'mutation { runBaseline(input: { experiment: "random-forest-pain" }) { __typename ... on RunBaselineSuccess { run { id } } } }',
      {},
      { 'iss-grant': rae.grantId },
    );
    expect(run.data.runBaseline.__typename).toBe('RunBaselineSuccess');
    const exported = await world.ask(
      rae,
      'mutation { requestExport(input: { modalities: [LABELS] }) { __typename } }',
      {},
      { 'iss-grant': rae.grantId },
    );
    expect(exported.data.requestExport.__typename).toBe('RequestExportSuccess');
    const kinds = [...world.services.runs.jobKinds(), ...world.services.exports.jobKinds()];
    const endings = async () => {
      const { rows } = await world.db.pool.query(`SELECT id, kind FROM job WHERE account_id = $1 ORDER BY kind`, [
        rae.accountId,
      ]);
      return Promise.all(
        rows.map(async ({ id, kind: name }) => {
          const kind = kinds.find((one) => one.kind === name)!;
          const job = (await world.base.jobs.get(id))!;
          return [name, (await kind.refusals!(job, kind.payload.parse(job.payload))).map((one) => JSON.stringify(one))];
        }),
      );
    };
    for (const [, reasons] of await endings()) expect(reasons).toEqual([]);

    const done = await give('adm', 'suspendAccount', { accountId: rae.accountId });
    expect(done.account).toMatchObject({ suspension: { until: null, reason: 'It has to be.' } });
    expect(await reads(rae)).toEqual([expect.objectContaining({ code: 'ACCOUNT_SUSPENDED' })]);
    const after = await endings();
    expect(after.map(([name]) => name)).toEqual(['export', 'run-baseline']);
    for (const [, reasons] of after) expect(String(reasons)).toContain('ACCOUNT_SUSPENDED');
    expect(
      (await world.db.pool.query('SELECT 1 FROM portal_session WHERE account_id = $1', [rae.accountId])).rows,
    ).toEqual([]);
    expect((await world.ask(rae, '{ viewer { account { username } } }')).data.viewer.account.username).toBe('rae');
    expect((await world.entries('SUSPEND_ACCOUNT'))[0]).toMatchObject({ subject: rae.accountId, sessionsEnded: 1 });
    const { rows: mail } = await world.db.pool.query(`SELECT template FROM outbox WHERE account_id = $1`, [
      rae.accountId,
    ]);
    expect(mail).toEqual([{ template: 'account-suspended' }]);

    expect((await give('adm', 'liftSuspension', { accountId: rae.accountId })).account.suspension).toBeNull();
    expect(await reads(rae)).toBe('OK');
    expect(await give('adm', 'liftSuspension', { accountId: rae.accountId })).toMatchObject({ code: 'NOT_SUSPENDED' });
  });

  it('ends by itself at its moment, and cannot end before it began', async () => {
    const until = later(3_600);
    await give('adm', 'suspendAccount', { accountId: rae.accountId, until });
    const { at } = world.clock;
    world.clock.at = new Date(until.getTime() - 1);
    expect(await reads(rae)).not.toBe('OK');
    world.clock.at = until;
    expect(await reads(rae)).toBe('OK');
    expect(await give('adm', 'suspendAccount', { accountId: rae.accountId, until: at })).toMatchObject({
      code: 'UNTIL_INVALID',
    });
    world.clock.at = at;
    expect(await give('adm', 'suspendAccount', { accountId: rae.accountId, reason: ' ' })).toMatchObject({
      code: 'REASON_MISSING',
    });
    await give('adm', 'liftSuspension', { accountId: rae.accountId });
  });

  it('is nobody’s own, and of administrators one always stays', async () => {
    expect(await give('adm', 'suspendAccount', { accountId: world.idOf('adm') })).toMatchObject({
      code: 'OWN_ACCOUNT',
    });
    const both = await Promise.all([
      give('adm', 'suspendAccount', { accountId: world.idOf('nob') }),
      give('nob', 'suspendAccount', { accountId: world.idOf('adm') }),
    ]);
    expect(both.filter(({ __typename }) => __typename === 'SuspendAccountSuccess')).toHaveLength(1);
    expect(both.map(({ code }) => code).filter(Boolean)).toEqual([expect.stringMatching(/LAST_ADMIN|FORBIDDEN/)]);
    await world.db.pool.query('UPDATE account SET suspended_at = NULL WHERE id = ANY($1)', [
      [world.idOf('nob'), world.idOf('adm')],
    ]);
  });
});

describe('a role', () => {
  it('is given by two: the second has it take effect, and neither is who it is for', async () => {
    const ada = world.idOf('ada');
    const { stepId, seenHash } = await ask('adm', ada, 'AUDITOR');
    expect(await rolesOf(ada)).toEqual(['researcher']);
    expect(await confirm('adm', stepId, seenHash)).toMatchObject({ code: 'SAME_PERSON' });
    expect(await confirm('sam', stepId, seenHash)).toMatchObject({ code: 'FORBIDDEN' });
    expect((await confirm('nob', stepId, seenHash)).account.roles).toEqual(['RESEARCHER', 'AUDITOR']);
    expect((await world.entries('CONFIRM_GIVE_ROLE'))[0]).toMatchObject({
      subject: ada,
      role: 'auditor',
      askedBy: world.idOf('adm'),
    });
    expect(await ask('adm', ada, 'AUDITOR')).toMatchObject({ code: 'ROLE_HELD' });
    // The provider does not know of it, and it stays; it is taken by one, at once, and then stays away.
    await signIn('ada', ['researcher'], later(10));
    expect(await rolesOf(ada)).toEqual(['auditor', 'researcher']);
    const taken = await give('nob', 'takeRole', { accountId: ada, role: 'AUDITOR' });
    expect(taken.account.roles).toEqual(['RESEARCHER']);
    await signIn('ada', ['researcher', 'auditor'], later(20));
    expect(await rolesOf(ada)).toEqual(['researcher']);
  });

  it('taken ends what hangs on it, at once', async () => {
    await give('adm', 'takeRole', { accountId: rae.accountId, role: 'RESEARCHER' });
    expect(await reads(rae)).toEqual([expect.objectContaining({ code: 'ROLE_MISSING' })]);
    const { stepId, seenHash } = await ask('adm', rae.accountId, 'RESEARCHER');
    await confirm('nob', stepId, seenHash);
    expect(await reads(rae)).toBe('OK');
  });

  it('of a steward does not come to an administrator: not by themself, not by a colleague, not by the provider', async () => {
    const adm = world.idOf('adm');
    expect(await ask('adm', adm, 'STEWARD')).toMatchObject({ code: 'OWN_ACCOUNT' });
    expect(await ask('nob', adm, 'STEWARD')).toMatchObject({ code: 'ROLES_INCOMPATIBLE' });
    // Asked for while it was possible, confirmed when it no longer is.
    const oda = world.idOf('oda');
    const { stepId, seenHash } = await ask('adm', oda, 'STEWARD');
    await admin('oda');
    expect(await confirm('oda', stepId, seenHash)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await confirm('nob', stepId, seenHash)).toMatchObject({ code: 'ROLES_INCOMPATIBLE' });
    expect(await rolesOf(oda)).toEqual(['admin', 'signing-official']);
    await give('nob', 'takeRole', { accountId: oda, role: 'ADMIN' });
    expect((await confirm('nob', stepId, seenHash)).account.roles).toEqual(['SIGNING_OFFICIAL', 'STEWARD']);
    await give('nob', 'takeRole', { accountId: oda, role: 'STEWARD' });

    const { account } = await signIn('adm', ['admin', 'steward'], later(30));
    expect(account.roles).toEqual([]);
    expect((await world.ask('adm', '{ accounts { totalCount } }')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const { rows } = await world.db.pool.query(
      `SELECT account_id, data FROM outbox WHERE template = 'roles-refused' ORDER BY account_id`,
    );
    expect(rows.map(({ data }) => data)).toEqual(rows.map(() => ({ username: 'adm', pairs: 'admin and steward' })));
    expect(rows.map(({ account_id }) => account_id)).toContain(world.idOf('nob'));
    await signIn('adm', ['admin', 'steward'], later(31));
    expect((await world.db.pool.query(`SELECT 1 FROM outbox WHERE template = 'roles-refused'`)).rows).toHaveLength(
      rows.length,
    );
    await signIn('adm', ['admin'], later(32));
    expect(await rolesOf(adm)).toEqual(['admin']);
  });

  it('asked for by somebody who is an administrator no more is not given', async () => {
    await admin('aud');
    await world.db.pool.query(`DELETE FROM account_role WHERE account_id = $1 AND role = 'auditor'`, [
      world.idOf('aud'),
    ]);
    const { stepId, seenHash } = await ask('aud', world.idOf('ben'), 'CURATOR');
    await give('adm', 'takeRole', { accountId: world.idOf('aud'), role: 'ADMIN' });
    expect(await confirm('nob', stepId, seenHash)).toMatchObject({ code: 'ASKER_LEFT' });
    expect(await rolesOf(world.idOf('ben'))).toEqual(['researcher']);
  });

  it('of the last administrator is not taken, also when two take each other’s at the same moment', async () => {
    const both = await Promise.all([
      give('adm', 'takeRole', { accountId: world.idOf('nob'), role: 'ADMIN' }),
      give('nob', 'takeRole', { accountId: world.idOf('adm'), role: 'ADMIN' }),
    ]);
    expect(both.filter(({ __typename }) => __typename === 'TakeRoleSuccess')).toHaveLength(1);
    const { rows } = await world.db.pool.query(`SELECT account_id FROM account_role WHERE role = 'admin'`);
    expect(rows).toHaveLength(1);
    const last = rows[0].account_id === world.idOf('adm') ? 'adm' : 'nob';
    expect(await give(last, 'takeRole', { accountId: world.idOf(last), role: 'ADMIN' })).toMatchObject({
      code: 'LAST_ADMIN',
    });
    await admin('adm');
    await admin('nob');
  });

  it('of the last administrator who can act is not taken, where the other is under a sanction', async () => {
    for (const kind of ['SUSPEND', 'BAR']) {
      await world.db.pool.query(
        'INSERT INTO sanction (id, kind, account_id, reason, starts_at, ends_at, imposed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        [
          randomUUID(),
          kind,
          world.idOf('nob'),
          'x',
          world.clock.at,
          kind === 'BAR' ? null : later(3_600),
          world.idOf('sam'),
        ],
      );
      expect(await give('adm', 'takeRole', { accountId: world.idOf('adm'), role: 'ADMIN' })).toMatchObject({
        code: 'LAST_ADMIN',
      });
      await world.db.pool.query('DELETE FROM sanction');
    }
  });

  it('is given once when two confirm it, and two that exclude each other are never given together', async () => {
    await admin('aud');
    const eve = world.idOf('eve');
    const [one, other] = [await ask('adm', eve, 'STEWARD'), await ask('adm', eve, 'CURATOR')];
    const all = await Promise.all([
      confirm('nob', one.stepId, one.seenHash),
      confirm('aud', other.stepId, other.seenHash),
      confirm('aud', one.stepId, one.seenHash),
    ]);
    expect(all.filter(({ __typename }) => __typename === 'ConfirmGiveRoleSuccess')).toHaveLength(1);
    expect((await rolesOf(eve)).length).toBe(2);
  });
});
