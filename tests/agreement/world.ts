import { DEFAULT_POLICY } from '../../governance/default-policy.ts';
import type { GrantState, HaltScope, ReleaseState } from '../../governance/facts.ts';
import { MODALITIES, type Modality } from '../../governance/modality.ts';
import type { Policy } from '../../governance/policy.ts';
import type { Role } from '../../governance/roles.ts';
import type { WithdrawalKind } from '../../governance/rows.ts';
import { TRAINING_TYPES, type TrainingType } from '../../governance/training.ts';
import { USES, type Use } from '../../governance/use.ts';

/**
 * Everything that decides who sees what, as a person would write it down: names instead of ids, days instead of instants where the rules say days.
 * `database-facts.ts` writes it to tables, `opinion.ts` reads it as it stands.
 */
export interface World {
  now: string;
  policy: PolicyName;
  roles: Role[];
  suspended: { from: string; until: string | null } | null;
  /** Where the person works. */
  institution: 'own' | 'other' | null;
  standing: 'UNVERIFIED' | 'VERIFIED' | 'SUSPENDED' | 'BARRED';
  country: string;
  certificates: Certificate[];
  agreements: { version: number; effectiveOn: string; graceDays: number; editorial: boolean }[];
  grants: Record<GrantName, Grant>;
  halts: { scope: HaltScope; target: string | null; from: string; liftedAt: string | null }[];
  exceptions: { whose: 'mine' | 'theirs'; release: Version; from: string; until: string }[];
  releases: Record<Version, ReleaseState>;
  consents: Consent[];
  withdrawals: { patient: string; kind: WithdrawalKind; takenBack?: true }[];
  quarantines: { patient: string; at: number; range: [number, number] | null; liftedAt: string | null }[];
  actor: { signedIn: boolean; names: GrantName | 'malformed' | null; token: GrantName | null };
}

export interface Certificate {
  type: TrainingType;
  state: 'PENDING' | 'VERIFIED' | 'REJECTED' | 'REPLACED';
  how: 'SEEN' | 'ISSUER' | null;
  completedOn: string;
  expiresOn: string | null;
}

export interface Grant {
  state: GrantState;
  start: string;
  end: string;
  access: Partial<Record<Modality, Use[]>>;
  purpose: string[];
  institution: 'own' | 'other';
  /** Whether the person belongs to it, did once, or never. */
  member: 'yes' | 'removed' | 'no';
  signatures: { who: 'me' | 'official' | 'them'; version: number; at: string }[];
}

export interface Consent {
  patient: string;
  effectiveAt: string;
  uses: string[];
  modalities: Modality[];
  adultFrom: string | null;
  reconsentedOn: string | null;
}

/** Of the study asked: `first` is the person's, `second` may become so, `theirs` is somebody else's; `elsewhere` is the person's for another study. */
export const GRANT_NAMES = ['first', 'second', 'elsewhere', 'theirs'] as const;
export type GrantName = (typeof GRANT_NAMES)[number];

/** 2.0.0 has the first two patients alone, and of the first only the first submission. */
export const VERSIONS = ['1.0.0', '2.0.0'] as const;
export type Version = (typeof VERSIONS)[number];

export const PATIENTS = ['9001', '9002', '9003'] as const;
export const FRAMES = 45;

const classes = (change: Partial<Policy['classes']['labels']>): Policy['classes'] => {
  const { labels, features, biometric, identifiable } = DEFAULT_POLICY.classes;
  const changed = (rule: Policy['classes']['labels']) => ({ ...rule, ...change });
  return {
    labels: changed(labels),
    features: changed(features),
    biometric: changed(biometric),
    identifiable: changed(identifiable),
  };
};

/** Policies that an admin could make; numbered in this order. */
export const POLICIES = {
  usual: DEFAULT_POLICY,
  'Germany is not eligible': { ...DEFAULT_POLICY, ineligibleCountries: ['DE'] },
  'everything looked up at the issuer': { ...DEFAULT_POLICY, classes: classes({ verifiedBy: 'ISSUER' }) },
  'no agreement': { ...DEFAULT_POLICY, classes: classes({ agreement: false }) },
  'no training': { ...DEFAULT_POLICY, classes: classes({ training: [] }) },
  'days end in Kathmandu': { ...DEFAULT_POLICY, timeZone: 'Asia/Kathmandu' },
} as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;
export const policyNumber = (name: PolicyName): number => Object.keys(POLICIES).indexOf(name) + 1;

export const NOW = '2025-03-15T12:00:00.000Z';
export const everything = (uses: readonly Use[] = USES, modalities: readonly Modality[] = MODALITIES) =>
  Object.fromEntries(modalities.map((modality) => [modality, [...uses]])) as Partial<Record<Modality, Use[]>>;

const signed = (who: 'me' | 'official' | 'them') => ({ who, version: 1, at: '2024-12-20T00:00:00.000Z' });
const grant = (changes: Partial<Grant>): Grant => ({
  state: 'ACTIVE',
  start: '2024-12-20T00:00:00.000Z',
  end: '2025-09-01T00:00:00.000Z',
  access: everything(),
  purpose: ['HMB', 'NCU', 'IRB'],
  institution: 'own',
  member: 'yes',
  signatures: [signed('me'), signed('official')],
  ...changes,
});

/** In it the person may do everything with everything of release 1.0.0. */
export const usualWorld = (): World => ({
  now: NOW,
  policy: 'usual',
  roles: ['researcher'],
  suspended: null,
  institution: 'own',
  standing: 'VERIFIED',
  country: 'US',
  certificates: TRAINING_TYPES.map((type) => ({
    type,
    state: 'VERIFIED',
    how: 'ISSUER',
    completedOn: '2024-12-01',
    expiresOn: null,
  })),
  agreements: [{ version: 1, effectiveOn: '2024-12-01', graceDays: 30, editorial: false }],
  grants: {
    first: grant({}),
    second: grant({ member: 'no' }),
    elsewhere: grant({}),
    theirs: grant({ member: 'no', signatures: [signed('them'), signed('official')] }),
  },
  halts: [],
  exceptions: [],
  releases: { '1.0.0': 'PUBLISHED', '2.0.0': 'DRAFT' },
  consents: PATIENTS.map((patient) => ({
    patient,
    effectiveAt: '2020-01-01T00:00:00.000Z',
    uses: ['HMB'],
    modalities: [...MODALITIES],
    adultFrom: null,
    reconsentedOn: null,
  })),
  withdrawals: [],
  quarantines: [],
  actor: { signedIn: true, names: null, token: null },
});
