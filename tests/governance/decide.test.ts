import { describe, expect, it } from 'vitest';
import type { Actor } from '../../governance/actor.ts';
import { decide, decideModalities } from '../../governance/decide.ts';
import type { Decision } from '../../governance/decision.ts';
import type { Facts, ReleaseFacts } from '../../governance/facts.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import { isHidden, publicReasons, type ReasonCode } from '../../governance/reasons.ts';
import type { RowFacts } from '../../governance/rows.ts';
import { USES, type Use } from '../../governance/use.ts';
import { account, everything, facts, grant, NOW, release, researcher, row } from './a-world.ts';

const suspended = [{ from: new Date('2025-03-01T00:00:00Z'), until: null }];
const halt = { id: 'halt-1', from: new Date('2025-03-15T11:59:59Z'), liftedAt: null };
const without = (type: string) => facts().certificates.filter((one) => one.type !== type);

const codesOf = (decision: Decision): readonly ReasonCode[] =>
  decision.allow ? [] : decision.reasons.map(({ code }) => code);

describe('decide() for data', () => {
  it.each([...MODALITIES])('allows %s in every use to somebody who has everything', (modality) => {
    for (const use of USES) {
      const decision = decide(researcher, use, { kind: 'modality', modality, release }, facts(), NOW);
      expect(decision).toEqual({
        allow: true,
        basis: {
          kind: 'grant',
          grantId: 'grant-1',
          purpose: ['HMB', 'NCU', 'IRB'],
          policyVersion: 1,
          agreementVersion: 1,
          // The certificates end on 1 December, before the grant: midnight in New York.
          validUntil: Date.parse('2025-12-02T05:00:00Z'),
        },
      });
    }
  });

  it('tells every unmet requirement at once, in the order of the table', () => {
    const nothing = facts({
      account: account({ roles: [], suspensions: suspended }),
      institution: null,
      grants: [],
      certificates: [],
      halts: [{ ...halt, scope: 'ALL', target: null }],
    });
    const decision = decide(
      researcher,
      'READ',
      { kind: 'modality', modality: 'LANDMARKS', release: null },
      nothing,
      NOW,
    );
    expect(decision).toEqual({
      allow: false,
      reasons: [
        { code: 'ACCOUNT_SUSPENDED', subject: null },
        { code: 'ROLE_MISSING', subject: 'researcher' },
        { code: 'NO_GRANT', subject: null },
        { code: 'TRAINING_MISSING', subject: 'HUMAN_SUBJECTS' },
        { code: 'TRAINING_MISSING', subject: 'GLOBAL_PRIVACY' },
        { code: 'TRAINING_MISSING', subject: 'INFORMATION_SECURITY' },
        { code: 'TRAINING_MISSING', subject: 'HIPAA' },
        { code: 'TRAINING_MISSING', subject: 'SOCIAL_BEHAVIORAL' },
        { code: 'AGREEMENT_UNSIGNED', subject: null },
        { code: 'INSTITUTION_INELIGIBLE', subject: 'uni' },
        { code: 'ACCESS_HALTED', subject: null },
        { code: 'RELEASE_UNPUBLISHED', subject: null },
      ],
    });
  });

  it('asks labels and features for three trainings, biometrics for five, what shows a person for six', () => {
    const asked = decideModalities(researcher, 'READ', release, facts({ certificates: [] }), NOW);
    const counts = MODALITIES.map((modality) => [modality, codesOf(asked[modality]).length]);
    expect(Object.fromEntries(counts)).toEqual({
      LABELS: 3,
      PAIN_SCORES: 3,
      AUDIO_FEATURES: 3,
      BASELINES: 3,
      LANDMARKS: 5,
      SPECTROGRAMS: 6,
      VIDEO: 6,
      FRAMES: 6,
      FACES: 6,
      AUDIO: 6,
    });
  });

  it('lets somebody run on faces that they may not see', () => {
    const given = facts({ grants: [grant({ access: { FACES: ['RUN'] } })] });
    const faces = { kind: 'modality', modality: 'FACES', release } as const;
    expect(decide(researcher, 'RUN', faces, given, NOW).allow).toBe(true);
    expect(codesOf(decide(researcher, 'READ', faces, given, NOW))).toEqual(['USE_NOT_GRANTED']);
    expect(codesOf(decide(researcher, 'EXPORT', faces, given, NOW))).toEqual(['USE_NOT_GRANTED']);
  });
});

describe('a halt', () => {
  const halted = (from: Date, liftedAt: Date | null): readonly ReasonCode[] => {
    const given = facts({ halts: [{ id: 'halt-1', scope: 'ALL', target: null, from, liftedAt }] });
    return codesOf(decide(researcher, 'READ', { kind: 'modality', modality: 'LABELS', release }, given, NOW));
  };
  const soon = new Date(NOW.getTime() + 1);

  it('holds from its first moment until it is lifted', () => {
    expect([halted(NOW, null), halted(NOW, soon)]).toEqual([['ACCESS_HALTED'], ['ACCESS_HALTED']]);
    expect([halted(NOW, NOW), halted(soon, null)]).toEqual([[], []]);
  });

  it('of something else holds nobody up', () => {
    const elsewhere = (['RELEASE', 'MODALITY', 'INSTITUTION', 'GRANT'] as const).map((scope) => ({
      id: scope,
      scope,
      target: 'another',
      from: NOW,
      liftedAt: null,
    }));
    const resource = { kind: 'modality', modality: 'LABELS', release } as const;
    expect(decide(researcher, 'READ', resource, facts({ halts: elsewhere }), NOW).allow).toBe(true);
  });
});

describe('several grants of one person', () => {
  const two = facts({
    grants: [grant({ access: { LABELS: ['READ'] } }), grant({ id: 'grant-2', access: { VIDEO: ['READ'] } })],
  });
  const read = (actor: Actor, modality: Modality, given: Facts) =>
    decide(actor, 'READ', { kind: 'modality', modality, release }, given, NOW);

  it('are kept apart: each gives what it gives and never their sum', () => {
    expect(read({ ...researcher, grantId: 'grant-1' }, 'LABELS', two).allow).toBe(true);
    expect(codesOf(read({ ...researcher, grantId: 'grant-1' }, 'VIDEO', two))).toEqual(['MODALITY_NOT_GRANTED']);
    expect(read({ ...researcher, grantId: 'grant-2' }, 'VIDEO', two).allow).toBe(true);
    expect(codesOf(read({ ...researcher, tokenGrantId: 'grant-2' }, 'LABELS', two))).toEqual(['MODALITY_NOT_GRANTED']);
  });

  it('need no name where only one is in force', () => {
    const one = facts({ grants: [grant({ id: 'old', state: 'CLOSED' }), grant(), grant({ id: 'ended', end: NOW })] });
    expect(read(researcher, 'LABELS', one)).toMatchObject({ allow: true, basis: { grantId: 'grant-1' } });
  });

  it('tell the story of the one that lasts longest where none is in force', () => {
    const none = facts({
      grants: [
        grant({ id: 'a', end: new Date('2024-06-01T00:00:00Z') }),
        grant({ id: 'b', state: 'REVOKED', end: new Date('2025-06-01T00:00:00Z') }),
      ],
    });
    expect(read(researcher, 'LABELS', none)).toEqual({
      allow: false,
      reasons: [{ code: 'GRANT_REVOKED', subject: 'b' }],
    });
  });
});

describe('what may not be known to exist', () => {
  const withdrawn = row({ withdrawals: [{ kind: 'ERASE' }] });
  const ofRow = (given: Facts, place: ReleaseFacts | null, one: RowFacts) =>
    decide(researcher, 'READ', { kind: 'row', modality: 'LABELS', release: place, row: one, span: null }, given, NOW);

  it('is hidden from somebody who could otherwise see it', () => {
    const decision = ofRow(facts(), release, withdrawn);
    expect(decision.allow).toBe(false);
    if (!decision.allow) expect(isHidden(decision.reasons)).toBe(true);
  });

  it('answers somebody who could not like any other row, while the log keeps the reason', () => {
    const refused = ofRow(facts({ certificates: without('GLOBAL_PRIVACY') }), release, withdrawn);
    const ordinary = ofRow(facts({ certificates: without('GLOBAL_PRIVACY') }), release, row());
    expect(codesOf(refused)).toEqual(['TRAINING_MISSING', 'PATIENT_WITHDRAWN']);
    if (refused.allow || ordinary.allow) throw new Error('both are refused');
    expect(isHidden(refused.reasons)).toBe(false);
    expect(publicReasons(refused.reasons)).toEqual(publicReasons(ordinary.reasons));
  });

  it('keeps for the log that the patient does not consent to the purpose, where there is one to compare', () => {
    const other = row({ consent: { ...row().consent!, uses: [] } });
    const untrained = facts({ certificates: without('GLOBAL_PRIVACY') });
    expect(codesOf(ofRow(untrained, release, other))).toEqual(['TRAINING_MISSING', 'CONSENT_MISSING']);
    expect(codesOf(ofRow(facts({ grants: [] }), release, other))).not.toContain('CONSENT_MISSING');
  });

  it('a draft looks like a release that was never made', () => {
    const draft = decideModalities(researcher, 'READ', { id: 'd', state: 'DRAFT' }, facts(), NOW);
    expect(draft).toEqual(decideModalities(researcher, 'READ', null, facts(), NOW));
  });
});

describe('a curator', () => {
  const curator: Actor = { kind: 'account', accountId: 'cy' };
  const theirs = (changes: Partial<Facts> = {}) =>
    facts({
      account: account({ id: 'cy', roles: ['curator'], institutionId: null }),
      institution: null,
      grants: [],
      certificates: [],
      ...changes,
    });
  const draft: ReleaseFacts = { id: 'release-2', state: 'DRAFT' };
  const ofVideo = (use: Use, place: ReleaseFacts, given: Facts) =>
    decide(curator, use, { kind: 'modality', modality: 'VIDEO', release: place }, given, NOW);

  it('looks at every part of a draft, and neither runs nor exports', () => {
    expect(ofVideo('READ', draft, theirs())).toEqual({ allow: true, basis: { kind: 'draft', role: 'curator' } });
    expect(ofVideo('RUN', draft, theirs()).allow).toBe(false);
    expect(ofVideo('EXPORT', draft, theirs()).allow).toBe(false);
  });

  it('sees no published rows', () => {
    expect(codesOf(ofVideo('READ', release, theirs()))).toContain('ROLE_MISSING');
  });

  const exception = (hours: number) => ({
    id: 'look-1',
    accountId: 'cy',
    releaseId: 'release-1',
    from: new Date('2025-03-15T11:00:00Z'),
    until: new Date(Date.parse('2025-03-15T11:00:00Z') + hours * 3_600_000),
  });

  it('sees them by a reasoned exception, of four hours at most, while it lasts', () => {
    const until = Date.parse('2025-03-15T15:00:00Z');
    expect(ofVideo('READ', release, theirs({ exceptions: [exception(4)] }))).toEqual({
      allow: true,
      basis: { kind: 'exception', exceptionId: 'look-1', validUntil: until },
    });
    expect(ofVideo('READ', release, theirs({ exceptions: [exception(5)] })).allow).toBe(false);
    expect(ofVideo('READ', release, theirs({ exceptions: [exception(1)] })).allow).toBe(false);
    expect(ofVideo('EXPORT', release, theirs({ exceptions: [exception(4)] })).allow).toBe(false);
  });

  it('sees nothing while access is halted or the account suspended', () => {
    expect(codesOf(ofVideo('READ', draft, theirs({ halts: [{ ...halt, scope: 'ALL', target: null }] })))).toEqual([
      'ACCESS_HALTED',
    ]);
    const shut = theirs({ account: account({ id: 'cy', roles: ['curator'], suspensions: suspended }) });
    expect(codesOf(ofVideo('READ', draft, shut))).toEqual(['ACCOUNT_SUSPENDED']);
  });

  it('does not see withdrawn or quarantined rows of a draft, but those without consent to share', () => {
    const ofRow = (one: RowFacts) =>
      decide(curator, 'READ', { kind: 'row', modality: 'VIDEO', release: draft, row: one, span: null }, theirs(), NOW);
    expect(codesOf(ofRow(row({ withdrawals: [{ kind: 'STOP_SHARING' }] })))).toEqual(['PATIENT_WITHDRAWN']);
    expect(ofRow(row({ consent: null })).allow).toBe(true);
  });
});

describe('the pipeline', () => {
  const job = (changes = {}): Actor => ({
    kind: 'system:pipeline',
    job: { jobId: 'job-1', actions: ['READ', 'INGEST'], modalities: ['VIDEO'], releaseId: 'release-2', ...changes },
  });
  const draft: ReleaseFacts = { id: 'release-2', state: 'DRAFT' };
  const ask = (actor: Actor, use: Use, modality: Modality, place: ReleaseFacts | null) =>
    decide(actor, use, { kind: 'modality', modality, release: place }, facts({ account: null }), NOW).allow;

  it('may do what its job names and nothing beside', () => {
    expect(ask(job(), 'READ', 'VIDEO', draft)).toBe(true);
    expect(ask(job(), 'EXPORT', 'VIDEO', draft)).toBe(false);
    expect(ask(job(), 'READ', 'AUDIO', draft)).toBe(false);
    expect(ask(job(), 'READ', 'VIDEO', release)).toBe(false);
    expect(ask(job({ releaseId: null }), 'READ', 'VIDEO', null)).toBe(true);
    expect(decide(job(), 'INGEST', { kind: 'none' }, facts(), NOW).allow).toBe(true);
    expect(decide(job(), 'PUBLISH_RELEASE', { kind: 'none' }, facts(), NOW).allow).toBe(false);
  });
});

it('a full grant does nothing for everybody with a use of nothing in particular', () => {
  expect(
    codesOf(decide(researcher, 'READ', { kind: 'none' }, facts({ grants: [grant({ access: everything })] }), NOW)),
  ).toEqual(['MODALITY_NOT_GRANTED']);
});
