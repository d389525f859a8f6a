import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addResearcher } from '../../support/person-fixture.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());

const EXCEPTION = 'exception { id curator { name } release reason endsAt endedBy { name } }';
const open = (hours: number, reason = 'A landmark file that cannot be read.') =>
  world.give('cy', 'openException', { hours, reason }, `... on OpenExceptionSuccess { ${EXCEPTION} }`);
const end = (who: Name, id: string) =>
  world.give(who, 'endException', { id }, `... on EndExceptionSuccess { ${EXCEPTION} }`);
const reads = async () =>
  (await world.ask('cy', '{ release { patients(first: 1) { totalCount } } }')).errors?.[0]?.extensions?.code ?? 'OK';
const wait = (hours: number) => {
  world.clock.at = new Date(world.clock.at.getTime() + hours * 3_600_000);
};

describe('a curator’s exception', () => {
  it('shows released rows while it lasts, is told to auditors and stands in the log', async () => {
    expect(await reads()).toBe('FORBIDDEN');
    const { exception } = await open(4);
    expect(exception).toMatchObject({ curator: { name: 'Cy Person' }, endedBy: null });
    expect(await reads()).toBe('OK');
    const { rows } = await world.db.pool.query(`SELECT account_id, template, data FROM outbox`);
    expect(rows).toEqual([
      {
        account_id: world.idOf('aud'),
        template: 'exception-opened',
        data: { curator: 'Cy Person', release: exception.release, until: exception.endsAt },
      },
    ]);
    expect((await world.entries('OPEN_EXCEPTION'))[0]).toMatchObject({
      exception: exception.id,
      reason: exception.reason,
    });
    expect(await open(1)).toMatchObject({ code: 'EXCEPTION_OPEN' });
    wait(4);
    expect(await reads()).toBe('FORBIDDEN');
  });

  it('is ended early by who opened it or a steward, by nobody else, and never made longer', async () => {
    const { exception } = await open(2);
    expect(await end('eve', exception.id)).toMatchObject({ code: 'EXCEPTION_UNKNOWN' });
    expect(await reads()).toBe('OK');
    expect((await end('sam', exception.id)).exception.endedBy).toEqual({ name: 'Sam Person' });
    expect(await reads()).toBe('FORBIDDEN');
    await expect(
      world.db.database.query(`UPDATE access_exception SET ends_at = ends_at + interval '1 hour'`),
    ).rejects.toThrow('not made longer');
    await expect(world.db.database.query(`UPDATE access_exception SET starts_at = now()`)).rejects.toThrow(
      'permission denied',
    );
    await expect(world.db.database.query('DELETE FROM access_exception')).rejects.toThrow('permission denied');
  });

  it('is refused beyond the hours of the policy and the number of a day; of two at once one is opened', async () => {
    expect(await open(1)).toMatchObject({ code: 'EXCEPTION_LIMIT' });
    wait(25);
    for (const hours of [4.5, 0, -1]) expect(await open(hours)).toMatchObject({ code: 'HOURS_INVALID' });
    expect(await open(1, 'look')).toMatchObject({ code: 'REASON_MISSING' });
    const all = await Promise.all([open(1), open(1), open(1)]);
    expect(all.map(({ code }) => code ?? 'OK').sort()).toEqual(['EXCEPTION_OPEN', 'EXCEPTION_OPEN', 'OK']);
    wait(1);
  });

  it('is listed for who watches over it', async () => {
    const LIST =
      'query($after: String) { exceptions(first: 2, after: $after) { totalCount nodes { reason } pageInfo { endCursor hasNextPage } } }';
    const page = (await world.ask('aud', LIST)).data.exceptions;
    expect(page).toMatchObject({ totalCount: 3, nodes: [{}, {}], pageInfo: { hasNextPage: true } });
    const rest = (await world.ask('cy', LIST, { after: page.pageInfo.endCursor })).data.exceptions;
    expect(rest).toMatchObject({ totalCount: 3, nodes: [{}], pageInfo: { hasNextPage: false } });
    expect((await world.ask('aud', LIST, { after: 'nonsense' })).data.exceptions.nodes).toEqual([]);
    expect((await world.ask('ada', LIST)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });
});

describe('settings', () => {
  const set = (key: string, value: unknown, reason = 'Load.') =>
    world.give(
      'adm',
      'changeSetting',
      { key, value, reason },
      '... on ChangeSettingSuccess { setting { key value default changedBy { name } } }',
    );

  it('are listed with what they are, and changed with a reason', async () => {
    const { data } = await world.ask('adm', '{ settings { key value default does } }');
    expect(data.settings.map(({ key, value }: { key: string; value: unknown }) => [key, value])).toEqual([
      ['runsPerPersonAndDay', 20],
      ['waitingExportsPerPerson', 30],
      ['exceptionsPerCuratorAndDay', 2],
    ]);
    expect((await set('exceptionsPerCuratorAndDay', 1)).setting).toEqual({
      key: 'exceptionsPerCuratorAndDay',
      value: 1,
      default: 2,
      changedBy: { name: 'Adm Person' },
    });
    expect((await world.entries('CHANGE_SETTING'))[0]).toMatchObject({ before: 2, after: 1, reason: 'Load.' });
    expect(await set('exceptionsPerCuratorAndDay', 0)).toMatchObject({ code: 'SETTING_INVALID' });
    expect(await set('exceptionsPerCuratorAndDay', 3, '')).toMatchObject({ code: 'REASON_MISSING' });
    expect(await set(`account-roles-as-of:${world.idOf('adm')}`, {})).toMatchObject({ code: 'SETTING_UNKNOWN' });
    expect((await world.ask('sam', '{ settings { key } }')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('limit runs of one person and day at once, also those begun at the same moment', async () => {
    const rae = await addResearcher(world.db.pool, { name: 'rae', studyId: world.study.studyId, now: world.clock.at });
    await set('runsPerPersonAndDay', 2);
    const run = () =>
      world.ask(
        rae,
        'mutation { runBaseline(input: { experiment: "random-forest-pain" }) { __typename ... on ExpectedError { code } } }',
        {},
        { 'iss-grant': rae.grantId },
      );
    const all = await Promise.all([run(), run(), run(), run()]);
    const became = all.map(({ data }) => data.runBaseline.code ?? data.runBaseline.__typename);
    expect(became.sort()).toEqual(['RUN_LIMIT', 'RUN_LIMIT', 'RunBaselineSuccess', 'RunBaselineSuccess']);
  });
});
