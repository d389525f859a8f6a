import { describe, expect, it } from 'vitest';
import { type Actor, ANONYMOUS } from '../../governance/actor.ts';
import { decide, decideModalities } from '../../governance/decide.ts';
import type { Decision } from '../../governance/decision.ts';
import type { Facts, ReleaseFacts } from '../../governance/facts.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import { isHidden, publicReasons, REASON_CODES, type ReasonCode } from '../../governance/reasons.ts';
import type { RowFacts, Span } from '../../governance/rows.ts';
import { USES, type Use } from '../../governance/use.ts';
import { account, certificate, everything, facts, grant, NOW, release, researcher, row } from './a-world.ts';

interface Case {
  readonly when: string;
  readonly code: ReasonCode;
  readonly actor?: Actor;
  readonly use?: Use;
  readonly modality?: Modality;
  readonly release?: ReleaseFacts | null;
  readonly facts?: Facts;
  readonly row?: RowFacts;
  readonly span?: Span | null;
  /** Every reason told, where it is more than the one. */
  readonly all?: readonly ReasonCode[];
}

const suspended = [{ from: new Date('2025-03-01T00:00:00Z'), until: null }];
const halt = { id: 'halt-1', from: new Date('2025-03-15T11:59:59Z'), liftedAt: null };
const without = (type: string) => facts().certificates.filter((one) => one.type !== type);
const consent = row().consent!;

const cases: readonly Case[] = [
  { when: 'a stranger asks', code: 'NOT_SIGNED_IN', actor: ANONYMOUS },
  { when: 'the account is not known', code: 'NOT_SIGNED_IN', facts: facts({ account: null }) },
  { when: "the facts are another person's", code: 'NOT_SIGNED_IN', facts: facts({ account: account({ id: 'bob' }) }) },
  {
    when: 'the account is suspended',
    code: 'ACCOUNT_SUSPENDED',
    facts: facts({ account: account({ suspensions: suspended }) }),
  },
  { when: 'the role was taken away', code: 'ROLE_MISSING', facts: facts({ account: account({ roles: [] }) }) },
  {
    when: 'nobody has granted anything',
    code: 'NO_GRANT',
    facts: facts({ grants: [] }),
    all: ['NO_GRANT', 'AGREEMENT_UNSIGNED'],
  },
  {
    when: 'the member was removed',
    code: 'NO_GRANT',
    facts: facts({ grants: [grant({ members: ['bob'] })] }),
    all: ['NO_GRANT', 'AGREEMENT_UNSIGNED'],
  },
  {
    when: "a grant of somebody else's is named",
    code: 'NO_GRANT',
    actor: { ...researcher, grantId: 'grant-2' },
    facts: facts({ grants: [grant(), grant({ id: 'grant-2', members: ['bob'] })] }),
    all: ['NO_GRANT', 'AGREEMENT_UNSIGNED'],
  },
  {
    when: 'a token bound to one grant names another',
    code: 'NO_GRANT',
    actor: { ...researcher, tokenGrantId: 'grant-1', grantId: 'grant-2' },
    facts: facts({ grants: [grant(), grant({ id: 'grant-2' })] }),
    all: ['NO_GRANT', 'AGREEMENT_UNSIGNED'],
  },
  {
    when: 'there are several grants and none is named',
    code: 'GRANT_NOT_NAMED',
    facts: facts({ grants: [grant(), grant({ id: 'grant-2' })] }),
  },
  {
    when: 'the grant starts tomorrow',
    code: 'GRANT_NOT_STARTED',
    facts: facts({ grants: [grant({ start: new Date('2025-03-16T04:00:00Z') })] }),
  },
  { when: 'the grant has ended', code: 'GRANT_EXPIRED', facts: facts({ grants: [grant({ end: NOW })] }) },
  {
    when: 'the grant is marked expired',
    code: 'GRANT_EXPIRED',
    facts: facts({ grants: [grant({ state: 'EXPIRED' })] }),
  },
  {
    when: 'the grant is suspended',
    code: 'GRANT_SUSPENDED',
    facts: facts({ grants: [grant({ state: 'SUSPENDED' })] }),
  },
  { when: 'the grant was revoked', code: 'GRANT_REVOKED', facts: facts({ grants: [grant({ state: 'REVOKED' })] }) },
  { when: 'the grant is closed', code: 'GRANT_CLOSED', facts: facts({ grants: [grant({ state: 'CLOSED' })] }) },
  {
    when: 'the grant is for other data',
    code: 'MODALITY_NOT_GRANTED',
    facts: facts({ grants: [grant({ access: { PAIN_SCORES: USES } })] }),
  },
  {
    when: 'the grant lists the data with no use',
    code: 'MODALITY_NOT_GRANTED',
    facts: facts({ grants: [grant({ access: { LABELS: [] } })] }),
  },
  {
    when: 'the grant is for running only',
    code: 'USE_NOT_GRANTED',
    facts: facts({ grants: [grant({ access: { LABELS: ['RUN'] } })] }),
  },
  {
    when: 'a training was never taken',
    code: 'TRAINING_MISSING',
    facts: facts({ certificates: without('GLOBAL_PRIVACY') }),
  },
  {
    when: 'a certificate was rejected',
    code: 'TRAINING_MISSING',
    facts: facts({
      certificates: [...without('GLOBAL_PRIVACY'), certificate({ type: 'GLOBAL_PRIVACY', state: 'REJECTED' })],
    }),
  },
  {
    when: "the certificate is somebody else's",
    code: 'TRAINING_MISSING',
    facts: facts({
      certificates: [...without('GLOBAL_PRIVACY'), certificate({ type: 'GLOBAL_PRIVACY', accountId: 'bob' })],
    }),
  },
  {
    when: 'a certificate waits to be verified',
    code: 'TRAINING_UNVERIFIED',
    facts: facts({
      certificates: [
        ...without('GLOBAL_PRIVACY'),
        certificate({ type: 'GLOBAL_PRIVACY', state: 'PENDING', verifiedHow: null }),
      ],
    }),
  },
  {
    when: 'a certificate was only seen and identifiable data is asked for',
    code: 'TRAINING_UNVERIFIED',
    modality: 'VIDEO',
    facts: facts({ certificates: [...without('HIPAA'), certificate({ type: 'HIPAA', verifiedHow: 'SEEN' })] }),
  },
  {
    when: 'a certificate has run out',
    code: 'TRAINING_EXPIRED',
    facts: facts({
      certificates: [...without('GLOBAL_PRIVACY'), certificate({ type: 'GLOBAL_PRIVACY', expiresOn: '2025-03-14' })],
    }),
  },
  {
    when: 'the person has not signed',
    code: 'AGREEMENT_UNSIGNED',
    facts: facts({ grants: [grant({ signatures: grant().signatures.slice(1) })] }),
  },
  {
    when: 'the official has not signed',
    code: 'AGREEMENT_UNSIGNED',
    facts: facts({ grants: [grant({ signatures: grant().signatures.slice(0, 1) })] }),
  },
  { when: 'there is no agreement in force', code: 'AGREEMENT_UNSIGNED', facts: facts({ agreements: [] }) },
  {
    when: 'the agreement was superseded and its grace is over',
    code: 'AGREEMENT_OUTDATED',
    facts: facts({
      agreements: [...facts().agreements, { version: 2, effectiveOn: '2025-03-01', graceDays: 7, editorial: false }],
    }),
  },
  {
    when: 'the institution is suspended',
    code: 'INSTITUTION_INELIGIBLE',
    facts: facts({ institution: { id: 'uni', country: 'US', verified: true, suspensions: suspended } }),
  },
  {
    when: 'the institution is not verified',
    code: 'INSTITUTION_INELIGIBLE',
    facts: facts({ institution: { id: 'uni', country: 'US', verified: false, suspensions: [] } }),
  },
  {
    when: 'the country is not eligible',
    code: 'INSTITUTION_INELIGIBLE',
    facts: facts({ policy: { ...facts().policy, ineligibleCountries: ['US'] } }),
  },
  {
    when: 'the person has moved to another institution',
    code: 'INSTITUTION_INELIGIBLE',
    facts: facts({
      account: account({ institutionId: 'lab' }),
      institution: { id: 'lab', country: 'US', verified: true, suspensions: [] },
    }),
  },
  {
    when: 'all access is halted',
    code: 'ACCESS_HALTED',
    facts: facts({ halts: [{ ...halt, scope: 'ALL', target: null }] }),
  },
  {
    when: 'the release is halted',
    code: 'ACCESS_HALTED',
    facts: facts({ halts: [{ ...halt, scope: 'RELEASE', target: 'release-1' }] }),
  },
  {
    when: 'the modality is halted',
    code: 'ACCESS_HALTED',
    facts: facts({ halts: [{ ...halt, scope: 'MODALITY', target: 'LABELS' }] }),
  },
  {
    when: 'the institution is halted',
    code: 'ACCESS_HALTED',
    facts: facts({ halts: [{ ...halt, scope: 'INSTITUTION', target: 'uni' }] }),
  },
  {
    when: 'the grant is halted',
    code: 'ACCESS_HALTED',
    facts: facts({ halts: [{ ...halt, scope: 'GRANT', target: 'grant-1' }] }),
  },
  { when: 'the release was retracted', code: 'RELEASE_RETRACTED', release: { id: 'release-1', state: 'RETRACTED' } },
  { when: 'the release is a draft', code: 'RELEASE_UNPUBLISHED', release: { id: 'release-1', state: 'DRAFT' } },
  { when: 'there is no such release', code: 'RELEASE_UNPUBLISHED', release: null },
  { when: 'the row is not in the release', code: 'RELEASE_UNPUBLISHED', row: row({ inRelease: false }) },
  {
    when: 'the patient stopped sharing',
    code: 'PATIENT_WITHDRAWN',
    row: row({ withdrawals: [{ kind: 'STOP_SHARING' }] }),
  },
  { when: 'the patient asked for erasure', code: 'PATIENT_WITHDRAWN', row: row({ withdrawals: [{ kind: 'ERASE' }] }) },
  { when: 'there is no consent record', code: 'CONSENT_MISSING', row: row({ consent: null }) },
  {
    when: 'the consent is for another purpose',
    code: 'CONSENT_MISSING',
    row: row({ consent: { ...consent, uses: ['DS:MONDO:0004992'] } }),
  },
  {
    when: 'the consent does not cover the modality',
    code: 'CONSENT_MISSING',
    row: row({ consent: { ...consent, modalities: ['VIDEO'] } }),
  },
  {
    when: 'the submission is in quarantine',
    code: 'QUARANTINED',
    row: row({ quarantines: [{ fromSeconds: null, toSeconds: null, liftedAt: null }] }),
  },
  {
    when: 'that part of the narrative is in quarantine',
    code: 'QUARANTINED',
    row: row({ quarantines: [{ fromSeconds: 2, toSeconds: 3, liftedAt: null }] }),
    span: { fromSeconds: 2.9, toSeconds: 3 },
  },
];

const ask = (one: Case): Decision => {
  const { actor = researcher, use = 'READ', modality = 'LABELS' } = one;
  const place = one.release === undefined ? release : one.release;
  return decide(
    actor,
    use,
    one.row === undefined
      ? { kind: 'modality', modality, release: place }
      : { kind: 'row', modality, release: place, row: one.row, span: one.span ?? null },
    one.facts ?? facts(),
    NOW,
  );
};

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

  it.each(cases)('refuses with $code when $when', (one) => {
    expect(codesOf(ask(one))).toEqual(one.all ?? [one.code]);
  });

  it('has a case for every reason that can meet data', () => {
    const notAboutData: readonly ReasonCode[] = ['CONFLICT_OF_INTEREST', 'SECOND_PERSON_NEEDED', 'TOKEN_BOUND'];
    const met = new Set([...cases.map(({ code }) => code), ...notAboutData]);
    expect(REASON_CODES.filter((code) => !met.has(code))).toEqual([]);
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
