import type { Role } from '../../../governance/roles.ts';
import type { Viewer } from './cast.ts';
import { holds, holdsGrant, isOfficial, isTeam, owns, REQUESTS, reads, refusal } from './relations.ts';

/** What somebody is told of a field of Query, and which things are in it where it is a list of some. */
interface Root {
  readonly outcome: (viewer: Viewer) => string;
  readonly things?: (viewer: Viewer) => readonly string[];
}

const given = (yes: boolean): string => (yes ? 'GIVEN' : 'NOTHING');
const open: Root = { outcome: () => 'GIVEN' };
/** For some roles; a refusal of everybody else says why. */
const forRoles = (...roles: readonly Role[]): Root => ({ outcome: (viewer) => refusal(viewer, roles) });
/** One thing, which for everybody else is not there. */
const thereFor = (who: (viewer: Viewer) => boolean): Root => ({ outcome: (viewer) => given(who(viewer)) });
const own = (thing: string): Root => thereFor((viewer) => owns(viewer, thing));
const STAFF_OF_RELEASES: readonly Role[] = ['curator', 'steward'];
const list = (
  refused: (viewer: Viewer) => string,
  all: readonly string[],
  sees: (viewer: Viewer, thing: string) => boolean,
): Root => {
  const things = (viewer: Viewer) => (refused(viewer) === 'GIVEN' ? all.filter((thing) => sees(viewer, thing)) : []);
  return {
    things,
    outcome: (viewer) => (refused(viewer) === 'GIVEN' ? given(things(viewer).length > 0) : refused(viewer)),
  };
};
const signedIn = (viewer: Viewer): string => (viewer.who === null ? 'REFUSED NOT_SIGNED_IN' : 'GIVEN');
const isSteward = (viewer: Viewer): boolean => holds(viewer, 'steward');

const MEMBERS_OF_VIDEO = ['ada', 'ben', 'kim', 'dan', 'bob', 'hal'];
const haltsOf = (viewer: Viewer): readonly string[] => {
  if (holds(viewer, 'steward', 'auditor', 'curator')) return ['halt of hal', 'halt of video'];
  if (viewer.token === 'eves') return [];
  return [
    ...(viewer.who === 'hal' ? ['halt of hal'] : []),
    ...(MEMBERS_OF_VIDEO.includes(viewer.who ?? '') ? ['halt of video'] : []),
  ];
};

const ofRequest = (name: string): [string, Root] => [
  `accessRequest ${name}`,
  thereFor((viewer) => reads(viewer, name)),
];
const incident = (name: string): [string, Root] => [
  `incident incident ${name}`,
  thereFor((viewer) => isSteward(viewer) || owns(viewer, `incident ${name}`)),
];
const certificate = (name: string): [string, Root] => [
  `certificate certificate ${name}`,
  thereFor((viewer) => isSteward(viewer) || owns(viewer, `certificate ${name}`)),
];

/** Every way in which the fields of Query are asked (asks.ts), by its name. */
export const ROOTS: Readonly<Record<string, Root>> = {
  ...Object.fromEntries(
    [
      'draft',
      'unsent',
      'withdrawn',
      'returned',
      'sent',
      'pats',
      'approved',
      'eves',
      'bobs',
      'rexs',
      'renewal',
      'linked',
    ].map(ofRequest),
  ),
  accessRequests: { ...list(() => 'GIVEN', REQUESTS, reads), outcome: () => 'GIVEN' },
  account: forRoles('admin'),
  accounts: forRoles('admin'),
  activeHalts: list(signedIn, ['halt of hal', 'halt of video'], (viewer, thing) => haltsOf(viewer).includes(thing)),
  agreement: open,
  agreementPreview: forRoles('steward'),
  agreements: open,
  approvedUses: open,
  accessGroups: forRoles('steward', 'auditor'),
  auditEntries: forRoles('steward', 'auditor'),
  ...Object.fromEntries(['pending', 'rejected', 'pats'].map(certificate)),
  certificateQueue: forRoles('steward'),
  certificateTotals: forRoles('steward'),
  certificatesPending: forRoles('steward'),
  consents: forRoles('steward', 'curator'),
  deputies: forRoles('admin', 'steward'),
  destructionDuties: {
    outcome: (viewer) => {
      const holds = ['hal', 'bob'].includes(viewer.who ?? '') || (viewer.who === 'ada' && viewer.token !== 'eves');
      return viewer.who === null ? 'REFUSED NOT_SIGNED_IN' : given(holds);
    },
  },
  draftReleases: forRoles(...STAFF_OF_RELEASES),
  'draftReleases, published too': forRoles(...STAFF_OF_RELEASES),
  'drop drop': forRoles('curator'),
  exceptions: list(
    (viewer) => refusal(viewer, ['steward', 'curator', 'auditor']),
    ['exception', 'ended exception'],
    (viewer, thing) => holds(viewer, 'steward', 'auditor') || owns(viewer, thing),
  ),
  'export export of adas': own('export of adas'),
  'export fresh export': own('fresh export'),
  'export export of hals': own('export of hals'),
  'export export of bobs': own('export of bobs'),
  failedJobs: forRoles('curator'),
  groupFigures: forRoles('steward'),
  ...Object.fromEntries(['eves', 'adas'].map(incident)),
  incidents: list(
    signedIn,
    ['incident adas', 'incident eves'],
    (viewer, thing) => isSteward(viewer) || owns(viewer, thing),
  ),
  institutions: { outcome: (viewer) => refusal(viewer, 'anybody') },
  ...Object.fromEntries(
    ['run of adas', 'run of eves', 'run of lous', 'run of hals', 'checkpoint of adas', 'checkpoint of eves'].map(
      (thing) => [`lineage ${thing}`, own(thing)],
    ),
  ),
  drops: forRoles('curator'),
  jobKinds: forRoles('curator'),
  pendingSteps: list(
    (viewer) => refusal(viewer, ['admin', 'steward']),
    ['step LIFT_HALT', 'step LIFT_BAR', 'step ERASURE', 'step GIVE_ROLE'],
    (viewer, thing) => holds(viewer, thing === 'step GIVE_ROLE' ? 'admin' : 'steward'),
  ),
  peopleByName: forRoles('steward'),
  personalTokens: forRoles('steward', 'admin'),
  policy: { outcome: (viewer) => refusal(viewer, 'anybody') },
  policyVersions: forRoles('steward', 'auditor', 'admin'),
  previewPolicy: forRoles('admin'),
  quarantines: forRoles('steward', 'curator'),
  queueMetrics: open,
  release: open,
  'release, a draft': thereFor((viewer) => holds(viewer, ...STAFF_OF_RELEASES)),
  releases: open,
  'releaseCheck release check': forRoles(...STAFF_OF_RELEASES),
  releaseDiff: thereFor((viewer) => holds(viewer, ...STAFF_OF_RELEASES)),
  ...Object.fromEntries(
    ['run of adas', 'run of eves', 'run of lous', 'run of hals', 'run of bobs', 'waiting run'].map((thing) => [
      `run ${thing}`,
      own(thing),
    ]),
  ),
  sanctions: forRoles('steward'),
  requirements: open,
  settings: forRoles('admin', 'curator'),
  fileTrace: forRoles('steward', 'auditor'),
  strangerRefusals: forRoles('steward', 'auditor'),
  studies: open,
  study: open,
  studyReport: open,
  trainings: open,
  unsentMail: forRoles('admin'),
  viewer: thereFor(({ who }) => who !== null),
  withdrawals: forRoles('steward'),
  withdrawalTerms: forRoles('admin', 'steward'),
};

/** Answered by what of the released data somebody may read or run on: whether they are refused is the data's matrix's to say, here that they are. */
export const BY_GRANT: Readonly<Record<string, readonly string[]>> = {
  runPreview: ['ada', 'ben', 'eve', 'lou', 'ada, by a token of her grant', 'ada, by a device login'],
  'releaseDiff, published': ['ada', 'ben', 'cex', 'ada, by a token of her grant', 'ada, by a device login'],
};

/** Who may know of a thing by whatever way they come to it. */
export const KNOWN: Readonly<Record<string, (viewer: Viewer, thing: string) => boolean>> = {
  AccessRequest: reads,
  Amendment: (viewer, thing) => {
    const request = thing.replace('amendment of ', '');
    return reads(viewer, request) && (request !== 'approved' || isTeam(viewer, request) || isOfficial(viewer, request));
  },
  Grant: (viewer, thing) =>
    reads(viewer, thing.replace('grant of ', '')) || holdsGrant(viewer, thing.replace('grant of ', '')),
  Export: owns,
  BaselineRun: owns,
  Checkpoint: owns,
  Incident: (viewer, thing) => isSteward(viewer) || owns(viewer, thing),
  Certificate: (viewer, thing) => isSteward(viewer) || owns(viewer, thing),
  PersonalToken: (viewer, thing) => holds(viewer, 'steward', 'admin') || owns(viewer, thing),
  Sanction: (viewer, thing) =>
    isSteward(viewer) ||
    owns(viewer, thing) ||
    (thing === 'sanction of den' && ['bob', 'bea'].includes(viewer.who ?? '')),
  Halt: (viewer, thing) => haltsOf(viewer).includes(thing),
  AccessException: (viewer, thing) => holds(viewer, 'steward', 'auditor') || owns(viewer, thing),
  Quarantine: (viewer) => holds(viewer, 'steward', 'curator'),
  ReleaseDraft: (viewer) => holds(viewer, ...STAFF_OF_RELEASES),
  ReleaseCheck: (viewer) => holds(viewer, ...STAFF_OF_RELEASES),
  Withdrawal: (viewer) => isSteward(viewer),
  Drop: (viewer) => holds(viewer, 'curator'),
  PendingStep: (viewer, thing) => holds(viewer, thing === 'step GIVE_ROLE' ? 'admin' : 'steward'),
  UnsentMail: (viewer) => holds(viewer, 'admin'),
};
