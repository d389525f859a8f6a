import { describe, expect, it } from 'vitest';
import { type Actor, ANONYMOUS } from '../../governance/actor.ts';
import { decide } from '../../governance/decide.ts';
import type { Decision } from '../../governance/decision.ts';
import type { Facts, ReleaseFacts } from '../../governance/facts.ts';
import type { Modality } from '../../governance/modality.ts';
import { REASON_CODES, type ReasonCode } from '../../governance/reasons.ts';
import type { RowFacts, Span } from '../../governance/rows.ts';
import { USES, type Use } from '../../governance/use.ts';
import { account, certificate, facts, grant, NOW, release, researcher, row } from './a-world.ts';

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
    when: 'the token has just expired',
    code: 'TOKEN_ENDED',
    actor: { ...researcher, tokenId: 'token-1', tokenGrantId: 'grant-1' },
    facts: facts({ tokens: [{ id: 'token-1', grantId: 'grant-1', expiresAt: NOW }] }),
  },
  {
    when: 'the token was ended',
    code: 'TOKEN_ENDED',
    actor: { ...researcher, tokenId: 'token-1', tokenGrantId: 'grant-1' },
  },
  {
    when: 'the token is of another grant than the one it is said to act for',
    code: 'TOKEN_ENDED',
    actor: { ...researcher, tokenId: 'token-1', tokenGrantId: 'grant-1' },
    facts: facts({ tokens: [{ id: 'token-1', grantId: 'grant-2', expiresAt: new Date('2026-01-01T00:00:00Z') }] }),
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
  it.each(cases)('refuses with $code when $when', (one) => {
    expect(codesOf(ask(one))).toEqual(one.all ?? [one.code]);
  });

  it('has a case for every reason that can meet data', () => {
    const notAboutData: readonly ReasonCode[] = [
      'CONFLICT_OF_INTEREST',
      'SECOND_PERSON_NEEDED',
      'TOKEN_BOUND',
      'STEP_UP_REQUIRED',
      'BROWSER_REQUIRED',
    ];
    const met = new Set([...cases.map(({ code }) => code), ...notAboutData]);
    expect(REASON_CODES.filter((code) => !met.has(code))).toEqual([]);
  });
});
