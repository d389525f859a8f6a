import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureId } from '../../support/study-fixture.ts';
import { approved, does, trained } from '../mutations/steps.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());

const UNI = fixtureId('institution', 'uni');
const LAB = fixtureId('institution', 'lab');
const NIH = fixtureId('institution', 'nih');
const RECORD = 'institution { id name ror country standing standingReason officials { person { name } proof } }';
const give = (who: Name, mutation: string, input: Record<string, unknown>, selection = RECORD) =>
  world.give(who, mutation, input, `... on ${mutation[0]!.toUpperCase()}${mutation.slice(1)}Success { ${selection} }`);
const LIST = `query($search: String, $first: Int, $after: String) { institutions(search: $search, first: $first, after: $after) {
  totalCount nodes { id name standing officials { person { name } } } pageInfo { hasNextPage endCursor } } }`;
const list = async (who: Name, of: object = {}) => (await world.ask(who, LIST, { ...of })).data.institutions;
// biome-ignore lint/suspicious/noExplicitAny: reasons as the answer has them, or OK
const reads = async (who: Name, grantId: string): Promise<any> =>
  (await world.ask(who, '{ release { patients(first: 1) { totalCount } } }', {}, { 'iss-grant': grantId })).errors?.[0]
    ?.extensions?.reasons ?? 'OK';

describe('an institution', () => {
  it('is added with an identifier whose check digits hold, verified, and then chosen from', async () => {
    const added = await give('adm', 'addInstitution', {
      name: ' Ärzte  ohne <b>Namen</b> ',
      ror: 'ror.org/040gcmg81',
      country: 'DE',
    });
    expect(added.institution).toMatchObject({
      name: 'Ärzte ohne <b>Namen</b>',
      ror: '040gcmg81',
      standing: 'UNVERIFIED',
    });
    const { id } = added.institution;
    expect((await list('ada', { search: 'rzte' })).nodes).toEqual([]);
    expect((await list('adm', { search: '040gc' })).totalCount).toBe(1);
    expect(await give('ada', 'chooseInstitution', { id }, 'institution { id }')).toMatchObject({
      code: 'INSTITUTION_UNKNOWN',
    });
    expect(await give('adm', 'verifyInstitution', { id, reason: ' ' })).toMatchObject({ code: 'REASON_MISSING' });
    expect((await give('adm', 'verifyInstitution', { id, reason: 'Register and a call.' })).institution.standing).toBe(
      'VERIFIED',
    );
    expect(await give('adm', 'verifyInstitution', { id, reason: 'Again.' })).toMatchObject({ code: 'WRONG_STATE' });
    expect((await list('ada', { search: 'rzte' })).nodes).toEqual([
      { id, name: 'Ärzte ohne <b>Namen</b>', standing: 'VERIFIED', officials: [] },
    ]);
    expect((await world.entries('VERIFY_INSTITUTION'))[0]).toMatchObject({
      institution: id,
      from: 'UNVERIFIED',
      to: 'VERIFIED',
    });
  });

  it.each([
    ['ROR_INVALID', { name: 'One', ror: '040gcmg82', country: 'US' }],
    ['ROR_INVALID', { name: 'One', ror: 'javascript:alert(1)', country: 'US' }],
    ['COUNTRY_UNKNOWN', { name: 'One', country: 'ZZ' }],
    ['COUNTRY_UNKNOWN', { name: 'One', country: 'de' }],
    ['NAME_INVALID', { name: ' ', country: 'US' }],
    ['NAME_INVALID', { name: 'x'.repeat(201), country: 'US' }],
    ['INSTITUTION_EXISTS', { name: 'Another', ror: 'ror.org/040GCMG81', country: 'US' }],
    ['INSTITUTION_EXISTS', { name: 'UNI', country: 'US' }],
  ])('is refused with %s for %j', async (code, input) => {
    expect(await give('adm', 'addInstitution', input)).toMatchObject({ code });
  });

  it('is added once when two add it at the same moment', async () => {
    const all = await Promise.all(
      Array.from({ length: 4 }, () => give('adm', 'addInstitution', { name: 'Twice', country: 'FR' })),
    );
    expect(all.map(({ code }) => code ?? 'OK').sort()).toEqual([
      'INSTITUTION_EXISTS',
      'INSTITUTION_EXISTS',
      'INSTITUTION_EXISTS',
      'OK',
    ]);
  });

  it('is not decided about by its own people, nor officials by themselves', async () => {
    for (const [mutation, input] of [
      ['setInstitutionStanding', { id: NIH, standing: 'BARRED', reason: 'x' }],
      ['verifyInstitution', { id: NIH, reason: 'x' }],
      ['bindOfficial', { id: NIH, accountId: world.idOf('sam'), proof: 'x' }],
      ['bindOfficial', { id: UNI, accountId: world.idOf('adm'), proof: 'x' }],
      ['unbindOfficial', { id: NIH, accountId: world.idOf('sam'), reason: 'x' }],
    ] as const) {
      const refused = await give('adm', mutation, input);
      expect(refused.reasons?.map(({ code }) => code)).toEqual(['CONFLICT_OF_INTEREST']);
    }
  });

  it('is listed a page at a time, whole only to who answers for it', async () => {
    const names: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const page = await list('adm', { first: 2, after });
      names.push(...page.nodes.map(({ name }: { name: string }) => name));
      ({ endCursor: after, hasNextPage: more } = page.pageInfo);
    }
    expect(names).toEqual(['lab', 'nih', 'Twice', 'uni', 'Ärzte ohne <b>Namen</b>']);
    const uni = (page: { nodes: { id: string; officials: unknown[] }[] }) => page.nodes.find(({ id }) => id === UNI)!;
    expect(uni(await list('sam')).officials).toEqual([{ person: { name: 'Olu Person' } }]);
    expect(uni(await list('ada')).officials).toEqual([]);
    expect((await world.ask(null, LIST)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });
});

describe('a signing official', () => {
  it('is bound where they work, out of band, and unbound at once', async () => {
    const ben = world.idOf('ben');
    expect(await give('adm', 'bindOfficial', { id: LAB, accountId: ben, proof: 'A letter.' })).toMatchObject({
      code: 'NOT_OF_INSTITUTION',
    });
    const bound = await give('adm', 'bindOfficial', { id: UNI, accountId: ben, proof: 'A letter.' });
    expect(bound.institution.officials).toEqual([
      expect.objectContaining({ person: { name: 'Olu Person' } }),
      { person: { name: 'Ben Person' }, proof: 'A letter.' },
    ]);
    expect(await give('adm', 'bindOfficial', { id: UNI, accountId: ben, proof: 'Again.' })).toMatchObject({
      code: 'OFFICIAL_BOUND',
    });
    const unbound = await give('adm', 'unbindOfficial', { id: UNI, accountId: ben, reason: 'Left.' });
    expect(unbound.institution.officials).toHaveLength(1);
    expect(await give('adm', 'unbindOfficial', { id: UNI, accountId: ben, reason: 'Left.' })).toMatchObject({
      code: 'OFFICIAL_UNKNOWN',
    });
  });
});

describe('with access under way', () => {
  let grantId: string;
  let requestId: string;
  beforeAll(async () => {
    await trained(world, 'ada');
    const request = await approved(world);
    [requestId, grantId] = [request.id, request.grant.id];
  });

  it.each([
    'SUSPENDED',
    'BARRED',
    'UNVERIFIED',
  ])('an institution that becomes %s ends its people’s access at once', async (standing) => {
    expect(await reads('ada', grantId)).toBe('OK');
    await give('adm', 'setInstitutionStanding', { id: UNI, standing, reason: 'A matter.' });
    expect(await reads('ada', grantId)).toEqual([expect.objectContaining({ code: 'INSTITUTION_INELIGIBLE' })]);
    await give('adm', 'setInstitutionStanding', { id: UNI, standing: 'VERIFIED', reason: 'Settled.' });
    expect(await reads('ada', grantId)).toBe('OK');
  });

  it('a change of institution is recorded, ends access and suspends the grant, which going back does not undo', async () => {
    const moved = await give(
      'ada',
      'chooseInstitution',
      { id: LAB },
      'institution { name } suspendedRequests leftRequests',
    );
    expect(moved).toMatchObject({ institution: { name: 'lab' }, suspendedRequests: [requestId], leftRequests: [] });
    expect((await reads('ada', grantId)).map(({ code }: { code: string }) => code).sort()).toEqual([
      'GRANT_SUSPENDED',
      'INSTITUTION_INELIGIBLE',
    ]);
    const { data } = await world.ask(
      'adm',
      `{ account(id: "${world.idOf('ada')}") { moves { institution { name } recordedBy { name } } } }`,
    );
    expect(data.account.moves).toEqual([{ institution: { name: 'lab' }, recordedBy: { name: 'Ada Person' } }]);
    expect((await world.entries('CHOOSE_INSTITUTION'))[0]).toMatchObject({
      from: UNI,
      to: LAB,
      suspended: [requestId],
    });
    await give('ada', 'chooseInstitution', { id: UNI }, 'institution { name }');
    expect(await reads('ada', grantId)).toEqual([expect.objectContaining({ code: 'GRANT_SUSPENDED' })]);
    expect(await give('ada', 'chooseInstitution', { id: UNI }, 'institution { name }')).toMatchObject({
      code: 'INSTITUTION_UNCHANGED',
    });
    await expect(world.db.pool.query('DELETE FROM account_institution')).rejects.toThrow('append-only');
  });

  it('who decides about people does not choose their own, so that a conflict of interest is not shaken off', async () => {
    for (const who of ['sam', 'cy', 'aud', 'adm', 'olu'] as const)
      expect(await give(who, 'chooseInstitution', { id: LAB }, 'institution { name }')).toMatchObject({
        code: 'INSTITUTION_FIXED',
      });
  });

  it('a deputy steward does not choose their own while they stand in', async () => {
    await world.db.pool.query(
      `INSERT INTO deputy_steward (id, account_id, asked_by, confirmed_by, reason, starts_at, ends_at) VALUES ($1, $2, $3, $3, 'x', $4, $5)`,
      [randomUUID(), world.idOf('eve'), world.idOf('adm'), world.clock.at, new Date(world.clock.at.getTime() + 60_000)],
    );
    const chooses = () => give('eve', 'chooseInstitution', { id: UNI }, 'institution { name }');
    expect(await chooses()).toMatchObject({ code: 'INSTITUTION_FIXED' });
    await world.db.pool.query('UPDATE deputy_steward SET ended_at = $1, ended_by = $2', [
      world.clock.at,
      world.idOf('adm'),
    ]);
    expect((await chooses()).code).not.toBe('INSTITUTION_FIXED');
  });

  it('an official who is moved signs for the old institution no more', async () => {
    const olu = world.idOf('olu');
    expect(
      await give(
        'adm',
        'moveAccount',
        { accountId: world.idOf('adm'), institutionId: LAB, reason: 'x' },
        'leftRequests',
      ),
    ).toMatchObject({ code: 'OWN_ACCOUNT' });
    const moved = await give(
      'adm',
      'moveAccount',
      { accountId: olu, institutionId: LAB, reason: 'New post.' },
      'institution { name }',
    );
    expect(moved.institution).toEqual({ name: 'lab' });
    const { rows } = await world.db.pool.query('SELECT 1 FROM official WHERE account_id = $1', [olu]);
    expect(rows).toEqual([]);
    expect((await world.entries('MOVE_ACCOUNT'))[0]).toMatchObject({
      subject: olu,
      unboundFrom: [UNI],
      reason: 'New post.',
    });
    await does(
      world,
      'adm',
      'moveAccount',
      { accountId: olu, reason: 'Left.' },
      '... on MoveAccountSuccess { institution { name } }',
    );
    const { data } = await world.ask(
      'adm',
      `{ account(id: "${olu}") { institution { name } moves { institution { name } } } }`,
    );
    expect(data.account).toEqual({
      institution: null,
      moves: [{ institution: null }, { institution: { name: 'lab' } }],
    });
  });
});
