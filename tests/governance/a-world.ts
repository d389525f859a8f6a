import type { AccountActor } from '../../governance/actor.ts';
import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import type { AccountFacts, CertificateFacts, Facts, GrantFacts, ReleaseFacts } from '../../governance/facts.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import type { RowFacts } from '../../governance/rows.ts';
import { TRAINING_TYPES } from '../../governance/training.ts';
import { USES, type Use } from '../../governance/use.ts';

/** A world in which one researcher may do everything, for tests that then take one thing away. */
export const NOW = new Date('2025-03-15T12:00:00Z');

export const researcher: AccountActor = { kind: 'account', accountId: 'ada' };

export const release: ReleaseFacts = { id: 'release-1', state: 'PUBLISHED' };

export const account = (changes: Partial<AccountFacts> = {}): AccountFacts => ({
  id: 'ada',
  roles: ['researcher'],
  institutionId: 'uni',
  suspensions: [],
  ...changes,
});

export const everything: Readonly<Record<Modality, readonly Use[]>> = Object.fromEntries<readonly Use[]>(
  MODALITIES.map((modality) => [modality, USES]),
) as Record<Modality, readonly Use[]>;

export const grant = (changes: Partial<GrantFacts> = {}): GrantFacts => ({
  id: 'grant-1',
  state: 'ACTIVE',
  start: new Date('2025-01-01T05:00:00Z'),
  end: new Date('2026-01-01T05:00:00Z'),
  access: everything,
  purpose: ['HMB', 'NCU', 'IRB'],
  institutionId: 'uni',
  members: ['ada'],
  signatures: [
    { accountId: 'ada', version: 1, as: 'MEMBER', signedAt: new Date('2024-12-01T00:00:00Z') },
    { accountId: 'olu', version: 1, as: 'OFFICIAL', signedAt: new Date('2024-12-02T00:00:00Z') },
  ],
  ...changes,
});

export const certificate = (changes: Partial<CertificateFacts> = {}): CertificateFacts => ({
  id: `certificate-${changes.type ?? 'HIPAA'}`,
  accountId: 'ada',
  type: 'HIPAA',
  state: 'VERIFIED',
  completedOn: '2024-12-01',
  expiresOn: '2025-12-01',
  verifiedHow: 'ISSUER',
  ...changes,
});

export const facts = (changes: Partial<Facts> = {}): Facts => ({
  policy: DEFAULT_POLICY,
  account: account(),
  institution: { id: 'uni', country: 'US', verified: true, suspensions: [] },
  grants: [grant()],
  certificates: TRAINING_TYPES.map((type) => certificate({ type })),
  agreements: [{ version: 1, effectiveOn: '2024-01-01', graceDays: 0, editorial: false }],
  halts: [],
  exceptions: [],
  tokens: [],
  ...changes,
});

export const row = (changes: Partial<RowFacts> = {}): RowFacts => ({
  inRelease: true,
  consent: {
    version: '1',
    uses: ['HMB', 'NCU'],
    modalities: MODALITIES,
    adultFrom: null,
    reconsentedAt: null,
  },
  withdrawals: [],
  quarantines: [],
  ...changes,
});
