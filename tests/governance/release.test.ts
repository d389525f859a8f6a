import { describe, expect, it } from 'vitest';
import {
  applyReleaseEvent,
  CHECK_HOURS,
  citedVersion,
  decideReleaseCommand,
  MOST_WORDS,
  RELEASE_REFUSALS,
  type Release,
  type ReleaseCommand,
  type ReleaseContext,
  type ReleaseOutcome,
} from '../../governance/release.ts';
import { compareVersions } from '../../governance/release-version.ts';
import type { Role } from '../../governance/roles.ts';
import { account, facts, NOW } from './a-world.ts';

const at = NOW.toISOString();
const hash = 'c'.repeat(64);
const by = (accountId: string, role: Role, changes: Partial<ReleaseContext> = {}): ReleaseContext => ({
  actor: { kind: 'account', accountId },
  facts: facts({ account: account({ id: accountId, roles: [role] }) }),
  now: NOW,
  versions: ['1.0.0', '1.9.0'],
  published: ['1.0.0', '1.9.0'],
  changes: [],
  check: { contentHash: hash, endedAt: new Date(NOW.getTime() - 3_600_000), checksums: true, problems: [] },
  problems: [],
  newId: 'release-2',
  ...changes,
});
const curator = by('cy', 'curator');
const steward = by('sam', 'steward');

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
      errata: [],
    });
  });

  it('is deprecated, and retracted from either', () => {
    const deprecated = having(published(), { type: 'deprecate', reason: '2.0.0 is better.' }, steward);
    expect(deprecated.state).toBe('DEPRECATED');
    expect(having(deprecated, { type: 'retract', reason: 'Wrong labels.' }, steward).state).toBe('RETRACTED');
    expect(having(published(), { type: 'retract', reason: 'Wrong labels.' }, steward).state).toBe('RETRACTED');
  });

  const erratum: ReleaseCommand = {
    type: 'addErratum',
    concerns: ' Table 1 ',
    text: 'Two columns stand in each other’s place.\n',
    correctedIn: '2.0.0',
  };

  it('is given errata once it is published, whatever becomes of it, numbered, never instead of earlier ones', () => {
    const first = having(published(), erratum, steward);
    expect(first.errata).toEqual([
      {
        number: 1,
        at,
        concerns: 'Table 1',
        text: 'Two columns stand in each other’s place.',
        correctedIn: '2.0.0',
      },
    ]);
    const deprecated = having(first, { type: 'deprecate', reason: 'Old.' }, steward);
    const retracted = having(
      having(deprecated, { ...erratum, correctedIn: null }, steward),
      { type: 'retract', reason: 'Wrong.' },
      steward,
    );
    const last = having(retracted, { ...erratum, text: 'More.' }, steward);
    expect(last.errata.map(({ number, text }) => [number, text])).toEqual([
      [1, 'Two columns stand in each other’s place.'],
      [2, 'Two columns stand in each other’s place.'],
      [3, 'More.'],
    ]);
    expect([last.state, last.lastReason]).toEqual(['RETRACTED', 'Wrong.']);
  });

  it('is published on a check of every byte of the same content, of the last 24 hours to the millisecond', () => {
    const check = curator.check!;
    const attempt = (changes: Partial<typeof check> | null) =>
      codeOf(
        decideReleaseCommand(
          asked(),
          { type: 'publish', contentHash: hash },
          by('sam', 'steward', { check: changes && { ...check, ...changes } }),
        ),
      );
    const aged = (milliseconds: number) => ({ endedAt: new Date(NOW.getTime() - milliseconds) });
    expect(attempt({})).toBe('done');
    expect(attempt(null)).toBe('CHECK_NEEDED');
    expect(attempt({ checksums: false })).toBe('CHECK_NEEDED');
    expect(attempt({ contentHash: 'd'.repeat(64) })).toBe('CHECK_NEEDED');
    expect(attempt(aged(CHECK_HOURS * 3_600_000))).toBe('CHECK_NEEDED');
    expect(attempt(aged(CHECK_HOURS * 3_600_000 - 1))).toBe('done');
    expect(attempt({ problems: ['a.bin: is missing'] })).toBe('CHECK_FAILED');
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
    [
      'VERSION_INVALID',
      'a later one was published since',
      () => decideReleaseCommand(asked(), publish, by('sam', 'steward', { published: ['1.10.0', '2.0.0'] })),
    ],
    [
      'VERSION_TOO_SMALL',
      'a minor step removes patients',
      () =>
        decideReleaseCommand(
          null,
          { type: 'draft', version: '1.10.0' },
          by('cy', 'curator', { changes: ['PATIENTS_ADDED', 'PATIENTS_REMOVED'] }),
        ),
    ],
    [
      'VERSION_TOO_SMALL',
      'another was published since, of which this one is more than a minor step',
      () => decideReleaseCommand(asked(), publish, by('sam', 'steward', { changes: ['FOLDS_CHANGED'] })),
    ],
    [
      'CHECK_NEEDED',
      'nobody checked it',
      () => decideReleaseCommand(asked(), publish, by('sam', 'steward', { check: null })),
    ],
    [
      'CHECK_FAILED',
      'the check found something',
      () =>
        decideReleaseCommand(
          asked(),
          publish,
          by('sam', 'steward', { check: { ...steward.check!, problems: ['a.bin: the file is missing'] } }),
        ),
    ],
    ['WRONG_STATE', 'a draft is given an erratum', () => decideReleaseCommand(draft(), erratum, steward)],
    ['FORBIDDEN', 'a curator adds an erratum', () => decideReleaseCommand(published(), erratum, curator)],
    ['FORBIDDEN', 'a curator retracts', () => decideReleaseCommand(published(), retract, curator)],
    [
      'REASON_MISSING',
      'an erratum says nothing',
      () => decideReleaseCommand(published(), { ...erratum, text: ' \n' }, steward),
    ],
    [
      'VERSION_INVALID',
      'an erratum is corrected in no version',
      () => decideReleaseCommand(published(), { ...erratum, correctedIn: 'soon' }, steward),
    ],
    [
      'TEXT_TOO_LONG',
      'an erratum is a book',
      () => decideReleaseCommand(published(), { ...erratum, text: 'x'.repeat(MOST_WORDS + 1) }, steward),
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

  it('is told which changes its version does not allow, and which version does', () => {
    const context = by('cy', 'curator', { changes: ['PATIENTS_ADDED', 'FOLDS_CHANGED'] });
    expect(decideReleaseCommand(null, { type: 'draft', version: '1.10.0' }, context)).toEqual({
      ok: false,
      refusal: {
        code: 'VERSION_TOO_SMALL',
        reasons: [],
        problems: [],
        changes: ['FOLDS_CHANGED'],
        nextVersion: '2.0.0',
      },
    });
  });

  it('is refused in every way that there is', () => {
    expect(new Set(refusals.map(([code]) => code))).toEqual(new Set(Object.keys(RELEASE_REFUSALS)));
  });

  it('is ordered by number, and cited with the withdrawals that took from it', () => {
    expect(['1.10.0', '1.9.0', '2.0.0', '1.9.1'].sort(compareVersions)).toEqual(['1.9.0', '1.9.1', '1.10.0', '2.0.0']);
    expect([citedVersion('1.0.0', 0), citedVersion('1.0.0', 2)]).toEqual(['1.0.0', '1.0.0+w2']);
  });
});
