import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Actor, ANONYMOUS } from '../../governance/actor.ts';
import { accessChecklist } from '../../governance/checklist.ts';
import { decide, decideModalities, rowFilterOf } from '../../governance/decide.ts';
import type { AccountFacts, CertificateFacts, Facts, GrantFacts, ReleaseFacts } from '../../governance/facts.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import { type RowFacts, rowVisible } from '../../governance/rows.ts';
import { TRAINING_TYPES, type TrainingType } from '../../governance/training.ts';
import { USES } from '../../governance/use.ts';
import { account, certificate, facts, grant, NOW, release, row } from './a-world.ts';

const before = new Date(NOW.getTime() - 86_400_000);
const after = new Date(NOW.getTime() + 86_400_000);
const moment = fc.constantFrom(before, NOW, after);
const mostly = <Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight: 24, arbitrary: fc.constant(usual) },
    ...others.map((value) => ({ weight: 1, arbitrary: fc.constant(value) })),
  );
const suspensions = fc.oneof(
  { weight: 9, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.record({ from: moment, until: fc.option(moment) }), { maxLength: 2 }) },
);

const aGrant = (id: string): fc.Arbitrary<GrantFacts> =>
  fc
    .record({
      state: mostly<GrantFacts['state']>('ACTIVE', 'SUSPENDED', 'REVOKED', 'EXPIRED', 'CLOSED'),
      start: mostly(before, NOW, after),
      end: mostly(after, NOW, before),
      access: fc.oneof(
        { weight: 3, arbitrary: fc.constant(grant().access) },
        { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...MODALITIES), fc.subarray([...USES])) },
      ),
      purpose: fc.subarray(['HMB', 'NCU', 'IRB', 'GRU', 'DS:MONDO:0004992']),
      institutionId: mostly('uni', 'lab'),
      members: mostly(['ada'], ['bob'], []),
      signatures: mostly(grant().signatures, grant().signatures.slice(1), []),
    })
    .map((changes) => grant({ id, ...changes }));

const aCertificate = (type: TrainingType): fc.Arbitrary<CertificateFacts> =>
  fc
    .record({
      state: mostly<'VERIFIED' | 'PENDING' | 'REJECTED'>('VERIFIED', 'PENDING', 'REJECTED'),
      expiresOn: mostly<string | null>('2025-12-01', '2025-03-14', null),
      verifiedHow: mostly<'ISSUER' | 'SEEN'>('ISSUER', 'SEEN'),
    })
    .map((changes) => certificate({ type, ...changes }));

const someFacts: fc.Arbitrary<Facts> = fc
  .record({
    account: fc
      .record({ roles: mostly<AccountFacts['roles']>(['researcher'], [], ['researcher', 'curator']), suspensions })
      .map((changes) => account(changes)),
    institution: fc
      .record({ verified: mostly(true, false), country: mostly('US', 'XX'), suspensions })
      .map((changes) => ({ id: 'uni', ...changes })),
    grants: fc.oneof(fc.tuple(aGrant('grant-1')), fc.tuple(aGrant('grant-1'), aGrant('grant-2')), fc.constant([])),
    certificates: fc
      .tuple(
        ...TRAINING_TYPES.map((type) =>
          fc.oneof(
            { weight: 24, arbitrary: fc.array(aCertificate(type), { minLength: 1, maxLength: 2 }) },
            { weight: 1, arbitrary: fc.constant([]) },
          ),
        ),
      )
      .map((all) => all.flat()),
    agreements: mostly(
      facts().agreements,
      [],
      [...facts().agreements, { version: 2, effectiveOn: '2025-03-01', graceDays: 3, editorial: false }],
    ),
    exceptions: mostly<Facts['exceptions']>(
      [],
      [{ id: 'e', accountId: 'ada', releaseId: 'release-1', from: before, until: after }],
    ),
    tokens: mostly<Facts['tokens']>(
      [{ id: 'token-1', grantId: 'grant-1', expiresAt: after }],
      [],
      [{ id: 'token-1', grantId: 'grant-1', expiresAt: NOW }],
      [{ id: 'token-1', grantId: 'grant-2', expiresAt: after }],
    ),
    halts: mostly<Facts['halts']>([], [{ id: 'h', scope: 'ALL', target: null, from: before, liftedAt: null }]),
  })
  .map((changes) => facts({ ...changes, policy: { ...facts().policy, ineligibleCountries: ['XX'] } }));

const someActor: fc.Arbitrary<Actor> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Actor>(ANONYMOUS) },
  {
    weight: 9,
    arbitrary: fc
      .record({
        kind: fc.constant('account' as const),
        accountId: mostly('ada', 'bob'),
        grantId: fc.constantFrom('grant-1', 'grant-2', null),
        token: mostly<{ tokenGrantId: string | null; tokenId: string | null }>(
          { tokenGrantId: null, tokenId: null },
          { tokenGrantId: 'grant-1', tokenId: null },
          { tokenGrantId: 'grant-1', tokenId: 'token-1' },
        ),
      })
      .map(({ token, ...actor }) => ({ ...actor, ...token })),
  },
);

const someRelease: fc.Arbitrary<ReleaseFacts | null> = mostly<ReleaseFacts | null>(
  release,
  { id: 'release-1', state: 'DRAFT' },
  { id: 'release-1', state: 'DEPRECATED' },
  { id: 'release-1', state: 'RETRACTED' },
  null,
);

const someRow: fc.Arbitrary<RowFacts> = fc
  .record({
    inRelease: mostly(true, false),
    consent: fc.option(
      fc.record({
        version: fc.constant('1'),
        uses: fc.subarray(['HMB', 'GRU', 'NCU', 'DS:MONDO:0004992', 'XYZ']),
        modalities: fc.subarray([...MODALITIES], { minLength: 5 }),
        adultFrom: fc.option(moment),
        reconsentedAt: fc.option(moment),
      }),
      { freq: 8 },
    ),
    withdrawals: mostly<RowFacts['withdrawals']>([], [{ kind: 'STOP_SHARING' }], [{ kind: 'STOP_COLLECTION' }]),
    quarantines: mostly<RowFacts['quarantines']>(
      [],
      [{ fromSeconds: null, toSeconds: null, liftedAt: null }],
      [{ fromSeconds: 1, toSeconds: 2, liftedAt: null }],
      [{ fromSeconds: null, toSeconds: null, liftedAt: before }],
    ),
  })
  .map((changes) => row(changes));

const span = fc.constantFrom(null, { fromSeconds: 0, toSeconds: 9 }, { fromSeconds: 2, toSeconds: 2.1 });
const modality = fc.constantFrom(...MODALITIES);
const use = fc.constantFrom(...USES);

/** Each takes away something that somebody needs, or adds something that stands in the way. */
type Worsening = (given: Facts) => Facts;
const eachGrant =
  (change: (one: GrantFacts) => Partial<GrantFacts>): Worsening =>
  (given) => ({ ...given, grants: given.grants.map((one) => ({ ...one, ...change(one) })) });

const WORSENINGS: Readonly<Record<string, Worsening>> = {
  'the account is gone': (given) => ({ ...given, account: null }),
  'the role is gone': (given) => ({ ...given, account: given.account && { ...given.account, roles: [] } }),
  'the account is suspended': (given) => ({
    ...given,
    account: given.account && { ...given.account, suspensions: [{ from: before, until: null }] },
  }),
  'the institution is gone': (given) => ({ ...given, institution: null }),
  'the country is not eligible': (given) => ({
    ...given,
    policy: { ...given.policy, ineligibleCountries: ['US', 'XX'] },
  }),
  'the grants are gone': (given) => ({ ...given, grants: [] }),
  'a grant is revoked': eachGrant(() => ({ state: 'REVOKED' })),
  'a grant ends now': eachGrant(() => ({ end: NOW })),
  'a use is taken away': eachGrant(({ access }) => ({
    access: Object.fromEntries(Object.entries(access).map(([key, uses]) => [key, uses.slice(1)])),
  })),
  'a modality is taken away': eachGrant(({ access }) => ({
    access: Object.fromEntries(Object.entries(access).slice(1)),
  })),
  'a member is removed': eachGrant(() => ({ members: [] })),
  'the signatures are gone': eachGrant(() => ({ signatures: [] })),
  'a certificate is gone': (given) => ({ ...given, certificates: given.certificates.slice(1) }),
  'a certificate is rejected': (given) => ({
    ...given,
    certificates: given.certificates.map((one, index) => (index === 0 ? { ...one, state: 'REJECTED' as const } : one)),
  }),
  'a new agreement is in force': (given) => ({
    ...given,
    agreements: [...given.agreements, { version: 9, effectiveOn: '2025-03-15', graceDays: 0, editorial: false }],
  }),
  'the agreement is gone': (given) => ({ ...given, agreements: [] }),
  'everything is halted': (given) => ({
    ...given,
    halts: [...given.halts, { id: 'x', scope: 'ALL', target: null, from: before, liftedAt: null }],
  }),
  'every class asks for every training, looked up': (given) => {
    const { classes } = given.policy;
    const strict = { training: [...TRAINING_TYPES], verifiedBy: 'ISSUER' as const };
    return {
      ...given,
      policy: {
        ...given.policy,
        classes: {
          labels: { ...classes.labels, ...strict },
          features: { ...classes.features, ...strict },
          biometric: { ...classes.biometric, ...strict },
          identifiable: { ...classes.identifiable, ...strict },
        },
      },
    };
  },
  'the exceptions are gone': (given) => ({ ...given, exceptions: [] }),
  'the tokens are ended': (given) => ({ ...given, tokens: [] }),
};

describe('for any facts', () => {
  it.each(Object.entries(WORSENINGS))('nobody gains when %s', (_, worsen) => {
    // With a grant named: of two grants, losing one would rightly leave the other as the default.
    const named = someActor.filter((actor) => actor.kind !== 'account' || (actor.grantId ?? null) !== null);
    fc.assert(
      fc.property(named, use, modality, someRelease, someFacts, (actor, how, what, where, given) => {
        const resource = { kind: 'modality', modality: what, release: where } as const;
        const worse = decide(actor, how, resource, worsen(given), NOW);
        if (worse.allow) expect(decide(actor, how, resource, given, NOW).allow).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('what is worse for a row hides it or leaves it hidden', () => {
    fc.assert(
      fc.property(someActor, use, modality, someFacts, someRow, span, (actor, how, what, given, one, part) => {
        const allowed = (changed: RowFacts): boolean =>
          decide(actor, how, { kind: 'row', modality: what, release, row: changed, span: part }, given, NOW).allow;
        const worse: readonly RowFacts[] = [
          { ...one, inRelease: false },
          { ...one, consent: null },
          { ...one, consent: one.consent && { ...one.consent, modalities: [] } },
          { ...one, consent: one.consent && { ...one.consent, uses: [...one.consent.uses, 'XYZ'] } },
          { ...one, withdrawals: [...one.withdrawals, { kind: 'ERASE' }] },
          { ...one, quarantines: [...one.quarantines, { fromSeconds: null, toSeconds: null, liftedAt: null }] },
        ];
        for (const changed of worse) if (allowed(changed)) expect(allowed(one)).toBe(true);
      }),
    );
  });

  it('the list and the item agree: a row is in the list exactly when it is allowed by itself', () => {
    let seen = 0;
    fc.assert(
      fc.property(
        someActor,
        use,
        modality,
        someRelease,
        someFacts,
        fc.array(someRow, { maxLength: 6 }),
        span,
        (actor, how, what, where, given, rows, part) => {
          const decision = decideModalities(actor, how, where, given, NOW)[what];
          const filter = rowFilterOf(decision, NOW);
          const list =
            filter === null ? [] : rows.filter((one) => rowVisible(one, filter, { modality: what, span: part }));
          const items = rows.filter(
            (one) =>
              decide(actor, how, { kind: 'row', modality: what, release: where, row: one, span: part }, given, NOW)
                .allow,
          );
          seen += list.length;
          expect(list).toEqual(items);
        },
      ),
      // Few actors of chance may see anything: about one row in 150 runs.
      { numRuns: 4000 },
    );
    expect(seen).toBeGreaterThan(0);
  });

  it('all modalities at once are decided as each by itself', () => {
    fc.assert(
      fc.property(someActor, use, someRelease, someFacts, (actor, how, where, given) => {
        const each = Object.fromEntries(
          MODALITIES.map((what) => [
            what,
            decide(actor, how, { kind: 'modality', modality: what, release: where }, given, NOW),
          ]),
        );
        expect(decideModalities(actor, how, where, given, NOW)).toEqual(each);
      }),
    );
  });

  it('what is allowed under a grant ends no later than it says', () => {
    fc.assert(
      fc.property(someActor, use, modality, someFacts, (actor, how, what, given) => {
        const resource = { kind: 'modality', modality: what, release } as const;
        const decision = decide(actor, how, resource, given, NOW);
        if (!decision.allow || decision.basis.kind !== 'grant') return;
        const { validUntil } = decision.basis;
        expect(validUntil).toBeGreaterThan(NOW.getTime());
        expect(decide(actor, how, resource, given, new Date(validUntil)).allow).toBe(false);
      }),
    );
  });

  it('the checklist has everything met exactly when a published release is allowed', () => {
    fc.assert(
      fc.property(someActor, use, modality, someFacts, (actor, how, what, given) => {
        const checklist = accessChecklist(actor, how, what, release, given, NOW);
        expect(checklist.items.every(({ met }) => met)).toBe(checklist.allowed);
      }),
    );
  });
});

it('the facts that are tried let some in and keep some out, in every use', () => {
  const counts = { allowed: 0, refused: 0 };
  fc.assert(
    fc.property(someActor, use, modality, someFacts, (actor, how, what: Modality, given) => {
      counts[
        decide(actor, how, { kind: 'modality', modality: what, release }, given, NOW).allow ? 'allowed' : 'refused'
      ] += 1;
    }),
    { numRuns: 2_000 },
  );
  expect(counts.allowed).toBeGreaterThan(20);
  expect(counts.refused).toBeGreaterThan(20);
});
