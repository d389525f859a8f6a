import type { Viewer } from './cast.ts';
import { holds, holdsGrant, isCounsel, isOfficial, isSteward, isTeam, owns, reads } from './relations.ts';

type Knows = (viewer: Viewer) => boolean;

const everybody: Knows = () => true;
/** Who reads the log reads what was said with a command that is in it. */
const readsLog: Knows = (viewer) => holds(viewer, 'steward', 'auditor');
const steward: Knows = (viewer) => holds(viewer, 'steward');
const any =
  (...all: readonly Knows[]): Knows =>
  (viewer) =>
    all.some((one) => one(viewer));
const is =
  (...names: readonly string[]): Knows =>
  ({ name, who }) =>
    who !== null && (names.includes(name) || (name === 'ada, by a device login' && names.includes('ada')));
const admin: Knows = (viewer) => holds(viewer, 'admin');
const readersOf =
  (request: string): Knows =>
  (viewer) =>
    reads(viewer, request);
const proposalOf =
  (request: string): Knows =>
  (viewer) =>
    isCounsel(viewer, request) || isOfficial(viewer, request);

const form = (mark: string, knows: Knows): Record<string, Knows> =>
  Object.fromEntries(['title', 'summary', 'detail', 'coauthor'].map((part) => [`§${mark}-${part}`, knows]));
/** Of an approved use the register tells the title and the plain summary to all. */
const granted = (name: string): Record<string, Knows> => ({
  ...form(name, readersOf(name)),
  ...{ [`§${name}-title`]: everybody, [`§${name}-summary`]: everybody, [`§${name}-conditions`]: readersOf(name) },
});
/** Of certificates that were verified: theirs, and for stewards those of whoever is on a team of a request that they see. */
const credentials = (...names: readonly string[]): Record<string, Knows> =>
  Object.fromEntries(names.map((name) => [`§credential-of-${name}`, any(is(name), steward)]));

/** Every marked text of the stage, and exactly who is told it, by whatever way. */
export const MARKS: Readonly<Record<string, Knows>> = {
  ...form('draft', readersOf('draft')),
  ...form('unsent', readersOf('unsent')),
  ...form('withdrawn', readersOf('withdrawn')),
  ...form('returned', readersOf('returned')),
  '§returned-changes': readersOf('returned'),
  ...form('sent', readersOf('sent')),
  '§sent-conditions': proposalOf('sent'),
  '§sent-among-stewards': (viewer) => isCounsel(viewer, 'sent'),
  '§sent-to-applicant': (viewer) => isSteward(viewer, 'sent') || isTeam(viewer, 'sent'),
  '§sent-from-team': (viewer) => isCounsel(viewer, 'sent') || isTeam(viewer, 'sent'),
  '§pats-own-comment': (viewer) => isSteward(viewer, 'pats') || isTeam(viewer, 'pats'),
  ...form('pats', readersOf('pats')),
  '§pats-conditions': proposalOf('pats'),
  '§pats-among-stewards': (viewer) => isSteward(viewer, 'pats'),
  ...granted('approved'),
  '§approved-conditions': (viewer) => reads(viewer, 'approved') || holdsGrant(viewer, 'approved'),
  ...form('amending', (viewer) => isTeam(viewer, 'approved')),
  ...granted('eves'),
  ...form('amended', readersOf('eves')),
  '§amended-conditions': proposalOf('eves'),
  ...granted('hals'),
  ...granted('lous'),
  ...granted('bobs'),
  ...granted('rexs'),
  '§revoked': any(readersOf('rexs')),
  '§attested': readersOf('rexs'),
  '§progress': readersOf('renewal'),
  ...credentials('ada', 'ben', 'kim', 'dan', 'eve', 'hal', 'bob', 'lou', 'rex'),
  '§credential-of-jon': is('jon'),
  '§credential-of-ivy': is('ivy'),
  '§credential-pending': any(is('ada'), steward),
  '§credential-rejected': any(is('eve'), steward),
  '§rejected-for-rejected': any(is('eve'), steward),
  '§credential-pats': steward,
  '§token-of-adas': any(is('ada'), steward, admin),
  '§token-of-eves': any(is('eve'), steward, admin),
  '§quarantine-kept': (viewer) => holds(viewer, 'steward', 'curator'),
  '§quarantine-stays': (viewer) => holds(viewer, 'steward', 'curator'),
  '§consent': (viewer) => holds(viewer, 'steward', 'curator'),
  '§consent-mistaken': (viewer) => holds(viewer, 'steward', 'curator'),
  '§exception': any(readsLog, (viewer) => owns(viewer, 'exception')),
  '§exception-ended': any(readsLog, (viewer) => owns(viewer, 'ended exception')),
  '§incident-adas': any(steward, (viewer) => owns(viewer, 'incident adas')),
  '§incident-eves': any(steward, (viewer) => owns(viewer, 'incident eves')),
  ...{ '§contained': steward, '§notified': steward, '§whom': steward, '§withdrawal-step': steward },
  ...{ '§halt-of-hal': readsLog, '§halt-of-video': readsLog, '§lift-halt': readsLog, '§lift-bar': readsLog },
  ...{ '§warned': any(readsLog, is('eve')), '§shut-out': any(readsLog, is('eve')) },
  ...{ '§sanction-lifted': any(readsLog, is('eve')), '§barred': any(readsLog, is('bob', 'bea')) },
  '§draft-notes': (viewer) => holds(viewer, 'steward', 'curator'),
  ...{ '§agreement': everybody, '§agreement-text': everybody },
  ...{
    '§setting': readsLog,
    '§deputy': any(readsLog, admin),
    '§moved': readsLog,
    '§role-of-dan': readsLog,
    '§role-of-fay': readsLog,
  },
  '§loosened': any(readsLog, admin),
  '§give-role': any(readsLog, admin),
  '§standing': any(readsLog, admin),
  ...Object.fromEntries(
    ['kim', 'ofi', 'sly', 'cys', 'aus', 'ads'].map((name) => [`§suspended-${name}`, any(readsLog, admin)]),
  ),
  ...Object.fromEntries(['bea', 'hue', 'ofi'].map((name) => [`§proof-${name}`, any(steward, admin)])),
  '§job-failed': (viewer) => holds(viewer, 'curator'),
  '§mail-error': admin,
};
