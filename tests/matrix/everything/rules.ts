import type { Viewer } from './cast.ts';
import type { Outcome } from './looks.ts';
import { holds, holdsGrant, isCounsel, isOfficial, isSteward, isTeam } from './relations.ts';

/**
 * To whom a field tells something of an object that they were given. WITH_IT: to everybody who is. The ones of `UNCOMPARED` say something else to each, and are
 * tested elsewhere: OWN is about oneself, AS_THEY_MAY says what one could do, AS_IT_GROWS grows with each look at it, BY_GRANT follows from decisions about data.
 */
export const RULES = [
  ...[
    'WITH_IT',
    'COMMENTS',
    'PROPOSAL',
    'AMENDMENT',
    'CERTIFICATES',
    'GAPS',
    'DOCUMENT',
    'ACCESS_LOG',
    'HALT',
    'HANDLER',
    'ALL_INSTITUTIONS',
    'LOOKS',
    'HISTORY',
  ],
  ...['FIGURE', 'FIGURE_OF_FEW', 'EXPORTED', 'COUNTS', 'OWN', 'AS_THEY_MAY', 'AS_IT_GROWS', 'BY_GRANT'],
] as const;
export type Rule = (typeof RULES)[number];
export const UNCOMPARED: readonly Rule[] = ['OWN', 'AS_THEY_MAY', 'AS_IT_GROWS', 'BY_GRANT'];
/** Rules that a command's answer keeps too, since neither time nor what came after changes what they say. */
export const ALWAYS: readonly Rule[] = [
  'COMMENTS',
  'PROPOSAL',
  'HALT',
  'HANDLER',
  'ALL_INSTITUTIONS',
  'LOOKS',
  'HISTORY',
];

export type Rows = Readonly<Record<string, Readonly<Record<string, Rule>>>>;
export const row = (rule: Rule, fields: string): Record<string, Rule> =>
  Object.fromEntries(fields.split(' ').map((field) => [field, rule]));

const given = (yes: boolean): Outcome => (yes ? 'GIVEN' : 'NOTHING');
/** The request that a thing is of. */
const requestOf = (thing: string): string => thing.replace(/^(grant|amendment) of /, '');

/** Reasons that a person's own runs and exports are refused for. */
const SHUT: Readonly<Record<string, Outcome>> = {
  eve: 'REFUSED MODALITY_NOT_GRANTED',
  hal: 'REFUSED ACCESS_HALTED',
  bob: 'REFUSED INSTITUTION_INELIGIBLE',
};

/** What somebody is told by a field of this rule of a thing; where they are given it, that is, if there is something. */
export function ruled(rule: Rule, viewer: Viewer, thing: string): Outcome {
  const request = requestOf(thing);
  const who = viewer.who ?? '';
  switch (rule) {
    case 'COMMENTS':
      return given(isSteward(viewer, request) || isTeam(viewer, request));
    case 'PROPOSAL':
      return given(isCounsel(viewer, request) || (isOfficial(viewer, request) && !isTeam(viewer, request)));
    case 'AMENDMENT':
      // The one of `approved` was not sent in: nobody but the team knows of it, nor whose turn it is.
      return given(isTeam(viewer, request) || request !== 'approved');
    case 'CERTIFICATES': {
      if (holds(viewer, 'steward')) return 'GIVEN';
      const reasons = [viewer.suspended && 'ACCOUNT_SUSPENDED', 'ROLE_MISSING', viewer.token && 'TOKEN_BOUND'];
      return `REFUSED ${reasons.filter(Boolean).join(' ')}`;
    }
    case 'GAPS':
      // Everybody's for stewards by role, one's own for the team: nothing for officials, nor for deputies where stewards are enough, as here.
      return given(holds(viewer, 'steward') || isTeam(viewer, request));
    case 'DOCUMENT':
      // Of people: for stewards by role and who is on the team already, and for no token of a script.
      return given(!viewer.token && (holds(viewer, 'steward') || (isTeam(viewer, request) && who !== 'ivy')));
    case 'ACCESS_LOG':
      if (viewer.suspended === true && holdsGrant(viewer, request)) return 'REFUSED ACCOUNT_SUSPENDED';
      // Jon is to be a member, and is none yet.
      return isTeam(viewer, request) && who !== 'jon' ? 'GIVEN' : 'REFUSED NO_GRANT';
    case 'HALT':
      return given(holds(viewer, 'steward', 'auditor'));
    case 'HANDLER':
      return given(holds(viewer, 'steward'));
    case 'ALL_INSTITUTIONS':
      return given(holds(viewer, 'steward', 'admin'));
    case 'LOOKS':
      return given(holds(viewer, 'curator'));
    case 'HISTORY':
      return given(holds(viewer, 'steward', 'auditor', 'admin'));
    case 'FIGURE':
      return SHUT[who] ?? 'GIVEN';
    case 'FIGURE_OF_FEW':
      return who === 'lou' ? 'REFUSED USE_NOT_GRANTED' : (SHUT[who] ?? 'GIVEN');
    case 'EXPORTED':
      // Somebody whose data is in it has withdrawn since.
      return SHUT[who] ?? (thing === 'export of adas' ? 'REFUSED EXPORT_ENDED' : 'GIVEN');
    case 'COUNTS':
      return ['eve', 'lou'].includes(who) ? 'REFUSED USE_NOT_GRANTED' : 'GIVEN';
    default:
      return 'GIVEN';
  }
}
