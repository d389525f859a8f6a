import type { Role } from '../../../governance/roles.ts';
import type { Person, Viewer } from './cast.ts';

/** Who is on the team of each request, or invited to it. Rex was taken off; jon joins by the amendment; kim is suspended, dan no researcher any more. */
const TEAM: Readonly<Record<string, readonly Person[]>> = {
  ...{ draft: ['ada', 'ivy'], unsent: ['ada'], withdrawn: ['ada'], returned: ['ada'], sent: ['ada'], pats: ['pat'] },
  ...{ approved: ['ada', 'ben', 'kim', 'dan', 'jon'], eves: ['eve'], hals: ['hal'], lous: ['lou'], bobs: ['bob'] },
  ...{ rexs: ['rex'], renewal: ['hal'], linked: ['ivy'] },
};
export const REQUESTS = Object.keys(TEAM);
/** Requests that were sent in once. */
const SENT = REQUESTS.filter((name) => !['draft', 'unsent', 'renewal', 'linked'].includes(name));
const OFFICIAL: Readonly<Partial<Record<Person, readonly string[]>>> = {
  olu: ['withdrawn', 'returned', 'sent', 'approved', 'rexs'],
  oda: ['pats', 'eves'],
  hue: ['hals', 'lous'],
  bea: ['bobs'],
};

/** Holds one of these roles, and it counts: not suspended, and by no token of a script. */
export const holds = (viewer: Viewer, ...roles: readonly Role[]): boolean =>
  viewer.suspended !== true && viewer.token === undefined && roles.some((role) => viewer.roles.includes(role));

/** On the team of a request; a token knows of the request of its grant alone. */
export const isTeam = ({ who, token, suspended }: Viewer, request: string): boolean =>
  who !== null &&
  suspended !== true &&
  TEAM[request]?.includes(who) === true &&
  (token === undefined || token === request);

export const isOfficial = (viewer: Viewer, request: string): boolean =>
  viewer.who !== null && holds(viewer, 'signing-official') && OFFICIAL[viewer.who]?.includes(request) === true;

/** A steward, or who stands in for them; on the team one is no steward. */
export const isSteward = (viewer: Viewer, request: string): boolean =>
  (holds(viewer, 'steward') || viewer.who === 'dee') && SENT.includes(request) && !isTeam(viewer, request);

/** Stewards who are kept out of a request: of its applicant's institution, or who recused themselves. */
const APART: Readonly<Partial<Record<Person, readonly string[]>>> = { pat: ['eves'], sid: ['sent'], rey: ['sent'] };

/** Reads what stewards say among themselves and propose. */
export const isCounsel = (viewer: Viewer, request: string): boolean =>
  isSteward(viewer, request) && viewer.who !== null && APART[viewer.who]?.includes(request) !== true;

/** Whose grant it is: somebody who is suspended still sees that there is one, and its terms. */
export const holdsGrant = (viewer: Viewer, request: string): boolean =>
  isTeam({ ...viewer, suspended: undefined as never }, request);

export const reads = (viewer: Viewer, request: string): boolean =>
  isTeam(viewer, request) || isOfficial(viewer, request) || isSteward(viewer, request);

/** Whose each thing is that is one person's. */
const OWNERS: Readonly<Record<string, Person>> = {
  ...{ 'export of adas': 'ada', 'fresh export': 'ada', 'export of hals': 'hal', 'export of bobs': 'bob' },
  ...{
    'run of adas': 'ada',
    'fresh run': 'ada',
    'waiting run': 'ada',
    'checkpoint of adas': 'ada',
    'fresh checkpoint': 'ada',
  },
  ...{ 'run of eves': 'eve', 'checkpoint of eves': 'eve', 'run of lous': 'lou', 'checkpoint of lous': 'lou' },
  ...{ 'run of hals': 'hal', 'run of bobs': 'bob', 'checkpoint of hals': 'hal', 'checkpoint of bobs': 'bob' },
  ...{ 'token of adas': 'ada', 'token of eves': 'eve', 'incident adas': 'ada', 'incident eves': 'eve' },
  ...{ 'certificate pending': 'ada', 'certificate rejected': 'eve', 'certificate pats': 'pat' },
  ...{ exception: 'cex', 'ended exception': 'cy', 'sanction of eve': 'eve', 'lifted sanction of eve': 'eve' },
};
const BY_TOKEN: readonly string[] = [
  'export of adas',
  'fresh export',
  'run of adas',
  'fresh run',
  'waiting run',
  'checkpoint of adas',
  'fresh checkpoint',
  'incident adas',
];

/** Whether it is theirs; by a token, whether it belongs to its grant too. */
export const owns = ({ who, token }: Viewer, thing: string): boolean =>
  who !== null && OWNERS[thing] === who && (token === undefined || (token === 'approved' && BY_TOKEN.includes(thing)));

/** Why a role is refused to them, in order, with spaces; the second opinion on `decideRole`. */
export const refusal = (viewer: Viewer, roles: readonly Role[] | 'anybody', byToken = false): string => {
  if (viewer.who === null) return 'REFUSED NOT_SIGNED_IN';
  const reasons = [
    ...(viewer.suspended === true ? ['ACCOUNT_SUSPENDED'] : []),
    ...(roles !== 'anybody' && !roles.some((role) => viewer.roles.includes(role)) ? ['ROLE_MISSING'] : []),
    ...(viewer.token !== undefined && !byToken ? ['TOKEN_BOUND'] : []),
  ];
  return reasons.length === 0 ? 'GIVEN' : `REFUSED ${reasons.join(' ')}`;
};
