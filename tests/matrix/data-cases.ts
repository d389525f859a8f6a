import { MODALITIES, type Modality } from '../../governance/modality.ts';
import type { Role } from '../../governance/roles.ts';
import { ALL_DEVIATIONS } from '../agreement/deviations.ts';
import type { World } from '../agreement/world.ts';

/** Somebody in some situation, what they lose of all that may be read, and the reasons that they are told. */
export interface Case {
  readonly name: string;
  readonly changes: readonly ((world: World) => void)[];
  readonly loses: readonly Modality[];
  readonly reasons: readonly string[];
  /** The release does not exist for them. */
  readonly gone?: true;
}

const NOTHING: readonly Modality[] = [];
const ALL: readonly Modality[] = MODALITIES;
/** The classes of the design, each with those that ask for as much and more. */
const IDENTIFIABLE: readonly Modality[] = ['VIDEO', 'FRAMES', 'FACES', 'AUDIO', 'SPECTROGRAMS'];
const BIOMETRIC: readonly Modality[] = ['LANDMARKS', ...IDENTIFIABLE];
const ASKS = {
  HUMAN_SUBJECTS: ALL,
  GLOBAL_PRIVACY: ALL,
  INFORMATION_SECURITY: ALL,
  HIPAA: BIOMETRIC,
  SOCIAL_BEHAVIORAL: BIOMETRIC,
  CONFLICTS_OF_INTEREST: IDENTIFIABLE,
} as const;

/** By the names of the deviations of tests/agreement. */
const named = (name: string): ((world: World) => void) => {
  const found = ALL_DEVIATIONS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no deviation is called ${name}`);
  return found.change;
};
const when = (name: string, loses: readonly Modality[], ...reasons: string[]): Case => ({
  name,
  changes: [named(name)],
  loses,
  reasons: reasons.sort(),
});
const roles = (held: readonly Role[], loses: readonly Modality[], ...reasons: string[]): Case => ({
  ...{ name: `roles: ${held.join(' ') || 'none'}`, loses, reasons },
  changes: [
    (world) => {
      world.roles = [...held];
    },
  ],
});
/** With a role, and without any grant: who has none has signed no agreement for it. */
const without = (held: readonly Role[], ...reasons: string[]): Case => ({
  ...{ name: `roles: ${held.join(' ') || 'none'}, without a grant`, loses: ALL, reasons: reasons.sort() },
  changes: [
    (world) => {
      world.roles = [...held];
      world.grants.first.member = 'no';
    },
  ],
});

const STAFF: readonly Role[] = ['signing-official', 'steward', 'curator', 'auditor', 'admin'];

export const CASES: readonly Case[] = [
  { name: 'everything is in order', changes: [], loses: NOTHING, reasons: [] },
  // Who.
  when('a stranger', ALL, 'NOT_SIGNED_IN'),
  roles([], ALL, 'ROLE_MISSING'),
  ...STAFF.map((role) => roles([role], ALL, 'ROLE_MISSING')),
  ...STAFF.map((role) => without([role], 'ROLE_MISSING', 'NO_GRANT', 'AGREEMENT_UNSIGNED')),
  ...STAFF.map((role) => roles(['researcher', role], NOTHING)),
  without(['researcher'], 'NO_GRANT', 'AGREEMENT_UNSIGNED'),
  without([], 'ROLE_MISSING', 'NO_GRANT', 'AGREEMENT_UNSIGNED'),
  when('comes with a token of the theirs grant', ALL, 'NO_GRANT', 'AGREEMENT_UNSIGNED'),
  when('names the elsewhere grant', ALL, 'NO_GRANT', 'AGREEMENT_UNSIGNED'),
  when('names another grant than that of the token', ALL, 'NO_GRANT', 'AGREEMENT_UNSIGNED'),
  // The account and the institution.
  when('suspended for good', ALL, 'ACCOUNT_SUSPENDED'),
  when('suspended until now', NOTHING),
  when('suspended from this moment', ALL, 'ACCOUNT_SUSPENDED'),
  when('works nowhere', ALL, 'INSTITUTION_INELIGIBLE'),
  when('works elsewhere', ALL, 'INSTITUTION_INELIGIBLE'),
  ...['UNVERIFIED', 'SUSPENDED', 'BARRED'].map((standing) =>
    when(`the institution is ${standing}`, ALL, 'INSTITUTION_INELIGIBLE'),
  ),
  {
    ...{ name: 'the country is not eligible', loses: ALL, reasons: ['INSTITUTION_INELIGIBLE'] },
    changes: [named('the institution is in Germany'), named('policy: Germany is not eligible')],
  },
  // The grant.
  ...['SUSPENDED', 'REVOKED', 'EXPIRED', 'CLOSED'].map((state) =>
    when(`the first grant is ${state}`, ALL, `GRANT_${state}`),
  ),
  when('the first grant starts in an hour', ALL, 'GRANT_NOT_STARTED'),
  when('the first grant starts now', NOTHING),
  when('the first grant ends now', ALL, 'GRANT_EXPIRED'),
  when('the first grant belongs to another institution', ALL, 'INSTITUTION_INELIGIBLE'),
  when('the first grant has removed them', ALL, 'NO_GRANT', 'AGREEMENT_UNSIGNED'),
  when('the first grant is for nothing', ALL, 'MODALITY_NOT_GRANTED'),
  when('the first grant is for READ alone', NOTHING),
  when('the first grant is for RUN alone', ALL, 'USE_NOT_GRANTED'),
  when('the first grant is for EXPORT alone', ALL, 'USE_NOT_GRANTED'),
  when(
    'the first grant is for labels',
    ALL.filter((kind) => kind !== 'LABELS' && kind !== 'PAIN_SCORES'),
    'MODALITY_NOT_GRANTED',
  ),
  ...MODALITIES.map((modality) =>
    when(`the first grant is for all but ${modality}`, [modality], 'MODALITY_NOT_GRANTED'),
  ),
  // Training.
  ...Object.entries(ASKS).flatMap(([type, asked]) => [
    when(`${type} missing`, asked, 'TRAINING_MISSING'),
    when(`${type} pending`, asked, 'TRAINING_UNVERIFIED'),
    when(`${type} rejected`, asked, 'TRAINING_MISSING'),
    when(`${type} replaced`, asked, 'TRAINING_MISSING'),
    when(`${type} counts until yesterday`, asked, 'TRAINING_EXPIRED'),
    when(`${type} counts until today`, NOTHING),
    when(`${type} of eleven years ago`, asked, 'TRAINING_EXPIRED'),
    when(`${type} only seen`, IDENTIFIABLE, 'TRAINING_UNVERIFIED'),
  ]),
  // The agreement.
  when('no agreement was published', ALL, 'AGREEMENT_UNSIGNED'),
  when('me: no signature', ALL, 'AGREEMENT_UNSIGNED'),
  when('official: no signature', ALL, 'AGREEMENT_UNSIGNED'),
  when('a new agreement today and without grace', ALL, 'AGREEMENT_OUTDATED'),
  when('a new agreement three days ago with five of grace', NOTHING),
  when('a new agreement five days ago with five of grace', ALL, 'AGREEMENT_OUTDATED'),
  when('a new agreement today, editorial', NOTHING),
  // Halts and the release.
  when('halt: ALL ', ALL, 'ACCESS_HALTED'),
  when('halt: RELEASE 1.0.0', ALL, 'ACCESS_HALTED'),
  when('halt: RELEASE 2.0.0', NOTHING),
  ...(['LABELS', 'VIDEO', 'FACES', 'PAIN_SCORES', 'LANDMARKS'] as const).map((modality) =>
    when(`halt: MODALITY ${modality}`, [modality], 'ACCESS_HALTED'),
  ),
  when('halt: INSTITUTION own', ALL, 'ACCESS_HALTED'),
  when('halt: INSTITUTION other', NOTHING),
  when('halt: GRANT first', ALL, 'ACCESS_HALTED'),
  when('halt: GRANT second', NOTHING),
  when('release 1.0.0 is DEPRECATED', NOTHING),
  when('release 1.0.0 is RETRACTED', ALL, 'RELEASE_RETRACTED'),
  { ...when('release 1.0.0 is DRAFT', ALL), gone: true },
];
