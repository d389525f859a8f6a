import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Name, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ patients: 1, submissions: 1, frames: 5 });
});
afterAll(() => world.stop());

/** Zero-width space, Braille blank, Hangul filler. */
const UNSEEN = '\u200b\u2800\u3164'.repeat(30);
const THAT_IS_NOBODY = '00000000-0000-7000-8000-000000000000';

const CASES: readonly (readonly [mutation: string, who: Name, input: () => Record<string, unknown>])[] = [
  ['haltAccess', 'sam', () => ({ scope: 'ALL' })],
  ['imposeSanction', 'sam', () => ({ accountId: world.idOf('ada'), kind: 'WARN' })],
  ['placeQuarantine', 'sam', () => ({ patient: '9001', timestamp: '20201201T003232' })],
  ['suspendAccount', 'adm', () => ({ accountId: world.idOf('ada') })],
  ['takeRole', 'adm', () => ({ accountId: world.idOf('sam'), role: 'STEWARD' })],
  ['changeSetting', 'adm', () => ({ key: 'runsPerPersonAndDay', value: 5 })],
  ['openException', 'cy', () => ({ hours: 1 })],
  ['moveAccount', 'adm', () => ({ accountId: world.idOf('ada') })],
  ['askToShortenHold', 'adm', () => ({ erasureHoldDays: 3 })],
  ['verifyInstitution', 'adm', () => ({ id: THAT_IS_NOBODY })],
];

it.each(CASES)('%s by %s takes no reason that nobody can see', async (mutation, who, input) => {
  expect(await world.give(who, mutation, { ...input(), reason: UNSEEN })).toMatchObject({
    code: 'REASON_MISSING',
  });
});

it('nor does a report of an incident', async () => {
  const input = { kind: 'OTHER', summary: UNSEEN, discoveredAt: world.clock.at.toISOString() };
  expect(await world.give('ada', 'reportIncident', input)).toMatchObject({ code: 'SUMMARY_MISSING' });
});
