import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS_WITH_SECOND_FACTOR, SECOND_FACTOR, signInReason } from '../../../governance/second-factor.ts';
import { schema } from '../../../schema/index.ts';
import { FIXTURE_NOW } from '../../support/study-fixture.ts';
import { startWorld, type World } from './world.ts';

const MUTATIONS = Object.keys(schema.getMutationType()?.getFields() ?? {}).sort();
const id = '00000000-0000-7000-8000-000000000000';
const inMs = (ms: number): string => new Date(FIXTURE_NOW.getTime() + ms).toISOString();

/** One command of a steward and one of an administrator that ask, with what they say where they are taken. */
const DECISIONS = [
  ['sam', 'addErratum', { releaseId: id, concerns: 'Table 2', text: 'A sum is wrong.' }, 'RELEASE_UNKNOWN'],
  ['adm', 'changeSetting', { key: 'nothing', value: 1, reason: 'Because.' }, 'SETTING_UNKNOWN'],
] as const;

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
});
afterAll(() => world.stop());

const give = async (who: 'sam' | 'adm', name: string, input: object, headers: Record<string, string>) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
  const text = `mutation Give($input: ${type}) { ${name}(input: $input) { __typename ... on ExpectedError { code } ... on Refused { reasons { code sentence whoActsNext } } } }`;
  const { data } = await world.ask(who, text, { input }, headers);
  return data[name] as { __typename: string; code?: string; reasons?: { code: string }[] };
};

describe('a recent second factor', () => {
  it('is asked for or not by every command that there is', () => {
    expect(Object.keys(SECOND_FACTOR).sort()).toEqual(MUTATIONS);
  });

  it.each(
    DECISIONS,
  )('is asked of %s for %s; without one nothing is done, and the log says so', async (who, name, input, code) => {
    for (const until of ['never', inMs(0), inMs(-1)]) {
      const answer = await give(who, name, input, { 'x-test-second-factor-until': until });
      expect(answer).toMatchObject({
        __typename: 'Refused',
        reasons: [{ code: 'STEP_UP_REQUIRED', whoActsNext: 'YOU' }],
      });
    }
    expect(await give(who, name, input, { 'x-test-second-factor-until': inMs(1) })).toMatchObject({ code });
    expect(await give(who, name, input, {})).toMatchObject({ code });
    const refused = await world.entries('COMMAND_REFUSED');
    expect(refused).toContainEqual(
      expect.objectContaining({ command: name, code: 'FORBIDDEN', reasons: ['STEP_UP_REQUIRED'] }),
    );
  });

  it.each(DECISIONS)('is nothing that a program has: %s gives no %s by a device login', async (who, name, input) => {
    const answer = await give(who, name, input, { 'x-test-program': 'yes' });
    expect(answer).toMatchObject({ __typename: 'Refused', reasons: [{ code: 'BROWSER_REQUIRED' }] });
  });

  it('does not stand in the way of who stops access at once', async () => {
    for (const headers of [{ 'x-test-second-factor-until': 'never' }, { 'x-test-program': 'yes' }]) {
      const answer = await give('sam', 'haltAccess', { scope: 'ALL', reason: 'A leak.' }, headers as never);
      expect(answer.__typename).toBe('HaltAccessSuccess');
    }
  });

  it('that was missing is no answer to the same command sent again with one', async () => {
    const input = { key: 'runsPerPersonAndDay', value: 7, reason: 'Because.', commandId: crypto.randomUUID() };
    const first = await give('adm', 'changeSetting', input, { 'x-test-second-factor-until': 'never' });
    expect(first.reasons?.[0]?.code).toBe('STEP_UP_REQUIRED');
    const second = await give('adm', 'changeSetting', input, { 'x-test-second-factor-until': inMs(1000) });
    expect(second.__typename).toBe('ChangeSettingSuccess');
  });

  it('is asked for by a command that the table does not know', () => {
    const actor = { kind: 'account', accountId: 'sam', signIn: { by: 'browser', secondFactorUntil: null } } as const;
    expect(signInReason('somethingNew', actor, FIXTURE_NOW)?.code).toBe('STEP_UP_REQUIRED');
    expect(COMMANDS_WITH_SECOND_FACTOR.length).toBeGreaterThan(40);
    // A realm without one: a browser is enough.
    const plain = { ...actor, signIn: { by: 'browser' } } as const;
    expect(COMMANDS_WITH_SECOND_FACTOR.filter((name) => signInReason(name, plain, FIXTURE_NOW))).toEqual([]);
  });
});
