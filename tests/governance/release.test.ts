import { describe, expect, it } from 'vitest';
import {
  applyReleaseEvent,
  citedVersion,
  compareVersions,
  decideReleaseCommand,
  RELEASE_REFUSALS,
  type Release,
  type ReleaseCommand,
  type ReleaseContext,
  type ReleaseOutcome,
} from '../../governance/release.ts';
import type { Role } from '../../governance/roles.ts';
import { account, facts, NOW } from './a-world.ts';

const at = NOW.toISOString();
const by = (accountId: string, role: Role, changes: Partial<ReleaseContext> = {}): ReleaseContext => ({
  actor: { kind: 'account', accountId },
  facts: facts({ account: account({ id: accountId, roles: [role] }) }),
  now: NOW,
  versions: ['1.0.0', '1.9.0'],
  problems: [],
  newId: 'release-2',
  ...changes,
});
const curator = by('cy', 'curator');
const steward = by('sam', 'steward');
const hash = 'c'.repeat(64);

const having = (state: Release | null, command: ReleaseCommand, context: ReleaseContext): Release => {
  const outcome = decideReleaseCommand(state, command, context);
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return applyReleaseEvent(state, outcome.event);
};
const draft = () => having(null, { type: 'draft', version: '1.10.0' }, curator);
const asked = () => having(draft(), { type: 'askPublication', contentHash: hash }, curator);
const published = () => having(asked(), { type: 'publish', contentHash: hash }, steward);
const codeOf = (outcome: ReleaseOutcome): string => (outcome.ok ? 'done' : outcome.refusal.code);

describe('a release', () => {
  it('is drafted and asked for by a curator and published by a steward, exactly as asked', () => {
    expect(decideReleaseCommand(asked(), { type: 'publish', contentHash: hash }, steward)).toEqual({
      ok: true,
      event: { type: 'ReleasePublished', contentHash: hash, by: 'sam', at },
    });
    expect(published()).toEqual({
      id: 'release-2',
      version: '1.10.0',
      state: 'PUBLISHED',
      asked: { by: 'cy', contentHash: hash },
      publishedAt: at,
      lastReason: null,
    });
  });

  it('is deprecated, and retracted from either', () => {
    const deprecated = having(published(), { type: 'deprecate', reason: '2.0.0 is better.' }, steward);
    expect(deprecated.state).toBe('DEPRECATED');
    expect(having(deprecated, { type: 'retract', reason: 'Wrong labels.' }, steward).state).toBe('RETRACTED');
    expect(having(published(), { type: 'retract', reason: 'Wrong labels.' }, steward).state).toBe('RETRACTED');
  });

  const retract: ReleaseCommand = { type: 'retract', reason: 'Wrong.' };
  const publish: ReleaseCommand = { type: 'publish', contentHash: hash };
  const refusals: readonly [string, string, () => ReleaseOutcome][] = [
    ['FORBIDDEN', 'a curator publishes', () => decideReleaseCommand(asked(), publish, curator)],
    ['FORBIDDEN', 'a steward drafts', () => decideReleaseCommand(null, { type: 'draft', version: '2.0.0' }, steward)],
    ['NOT_ASKED', 'nobody asked', () => decideReleaseCommand(draft(), publish, steward)],
    [
      'CONTENT_CHANGED',
      'it changed since',
      () => decideReleaseCommand(asked(), { type: 'publish', contentHash: 'other' }, steward),
    ],
    [
      'CHECK_FAILED',
      'folds share a patient',
      () => decideReleaseCommand(asked(), publish, by('sam', 'steward', { problems: ['fold 3 shares patient 0004'] })),
    ],
    [
      'VERSION_INVALID',
      'the version is none',
      () => decideReleaseCommand(null, { type: 'draft', version: '2.0' }, curator),
    ],
    [
      'VERSION_INVALID',
      'the version was there',
      () => decideReleaseCommand(null, { type: 'draft', version: '1.9.0' }, curator),
    ],
    ['WRONG_STATE', 'it is published already', () => decideReleaseCommand(published(), publish, steward)],
    ['WRONG_STATE', 'a draft is retracted', () => decideReleaseCommand(draft(), retract, steward)],
    [
      'WRONG_STATE',
      'it is retracted already',
      () => decideReleaseCommand(having(published(), retract, steward), retract, steward),
    ],
    [
      'REASON_MISSING',
      'no reason is given',
      () => decideReleaseCommand(published(), { type: 'retract', reason: ' ' }, steward),
    ],
  ];

  it.each(refusals)('is refused with %s when %s', (code, _, attempt) => {
    expect(codeOf(attempt())).toBe(code);
  });

  it('is refused in every way that there is', () => {
    expect(new Set(refusals.map(([code]) => code))).toEqual(new Set(Object.keys(RELEASE_REFUSALS)));
  });

  it('is ordered by number, and cited with the withdrawals that took from it', () => {
    expect(['1.10.0', '1.9.0', '2.0.0', '1.9.1'].sort(compareVersions)).toEqual(['1.9.0', '1.9.1', '1.10.0', '2.0.0']);
    expect([citedVersion('1.0.0', 0), citedVersion('1.0.0', 2)]).toEqual(['1.0.0', '1.0.0+w2']);
  });
});
