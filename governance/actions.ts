import type { Role } from './roles.ts';

interface ActionRule {
  /** Who may: everybody, everybody signed in, or holders of one of these roles. */
  readonly who: 'everybody' | 'signed-in' | readonly Role[];
  /** What it is, for the document. */
  readonly does: string;
  /** True where nobody may do it to themself or to their own institution. */
  readonly conflicts?: true;
  /** True where it only concerns the actor's own institution. */
  readonly ownInstitution?: true;
  /** True where somebody else has to have asked for it. */
  readonly second?: true;
  /** True where a token bound to one grant may do it. */
  readonly token?: true;
}

/**
 * What is governed by roles, as a table that a steward could read. Data of releases is not here: that is a matter of
 * grants. Commands on access requests have their own table (request/permissions.ts).
 */
export const ACTIONS = {
  VIEW_OPEN: {
    who: 'everybody',
    does: 'see what is open: the study, its datasheet, safe counts, published results',
    token: true,
  },
  VIEW_RELEASE: { who: 'everybody', does: 'see that a published release exists, its notes and errata', token: true },
  VIEW_OWN: { who: 'signed-in', does: 'see their own account, checklist, grants, exports and runs', token: true },
  VIEW_SCHEMA: { who: 'signed-in', does: 'look up what the API offers', token: true },
  UPLOAD_CERTIFICATE: { who: 'signed-in', does: 'upload a training certificate of their own' },
  SIGN_AGREEMENT: { who: 'signed-in', does: 'sign the data use agreement' },
  REPORT_INCIDENT: { who: 'signed-in', does: 'report an incident', token: true },
  CREATE_REQUEST: { who: ['researcher'], does: 'begin an access request' },
  CREATE_TOKEN: { who: ['researcher'], does: 'make a personal token for one of their grants' },
  END_OWN_TOKEN: { who: 'signed-in', does: 'end a personal token of their own' },
  VIEW_INSTITUTION_REQUESTS: {
    who: ['signing-official'],
    does: 'see the requests of their own institution',
    ownInstitution: true,
  },
  VIEW_REQUEST_QUEUE: { who: ['steward'], does: 'see all access requests' },
  VERIFY_CERTIFICATE: { who: ['steward'], does: 'verify or reject a training certificate', conflicts: true },
  VIEW_CERTIFICATES: { who: ['steward'], does: 'see the training certificates of others' },
  PUBLISH_AGREEMENT: { who: ['steward'], does: 'publish a version of the data use agreement' },
  PUBLISH_RELEASE: { who: ['steward'], does: 'publish a release that a curator asked for', second: true },
  DEPRECATE_RELEASE: { who: ['steward'], does: 'mark a release as superseded' },
  RETRACT_RELEASE: { who: ['steward'], does: 'retract a release' },
  ADD_ERRATUM: { who: ['steward'], does: 'add an erratum to a release, for good' },
  RECORD_WITHDRAWAL: { who: ['steward'], does: "record a patient's withdrawal" },
  CONFIRM_WITHDRAWAL: { who: ['steward'], does: 'send the notices of a withdrawal and order erasure', second: true },
  ATTEST_DESTRUCTION: { who: 'signed-in', does: 'attest that their copies of an export are destroyed' },
  RECORD_CONSENT: { who: ['steward', 'curator'], does: 'record what a patient has consented to' },
  HALT_ACCESS: { who: ['steward'], does: 'halt access, at once' },
  LIFT_HALT: { who: ['steward'], does: 'lift a halt that another steward asked to lift', second: true },
  HANDLE_INCIDENT: { who: ['steward'], does: 'contain, notify and close an incident' },
  SANCTION: { who: ['steward'], does: 'warn, suspend or bar a person or an institution', conflicts: true },
  FIND_PEOPLE: { who: ['steward'], does: 'find an account by a part of its name, to sanction or halt it' },
  LIFT_BAR: { who: ['steward'], does: 'lift a bar that another steward asked to lift', second: true, conflicts: true },
  VIEW_GROUP_FIGURES: { who: ['steward'], does: 'see figures of groups: enrolment, accuracy and quality' },
  QUARANTINE: {
    who: ['steward', 'curator'],
    does: 'put a submission or a range of its time into quarantine, and end it',
  },
  JUDGE_QUARANTINE: { who: ['steward'], does: 'review a quarantine: keep it for a reason, or lift it' },
  REVIEW_QUARANTINED: { who: ['curator'], does: 'look at what is in quarantine' },
  INGEST: { who: ['curator'], does: 'fill the study from a drop' },
  DRAFT_RELEASE: { who: ['curator'], does: 'draft a release and ask for its publication' },
  VIEW_DRAFT: { who: ['curator', 'steward'], does: 'see that a draft of a release exists, its notes and errata' },
  VIEW_QUALITY: { who: ['curator'], does: 'see quality figures of submissions' },
  HANDLE_JOBS: { who: ['curator'], does: 'see the work of the pipeline, repeat what failed, pause a kind of it' },
  OPEN_EXCEPTION: { who: ['curator'], does: 'look at released rows for a stated reason and at most four hours' },
  END_EXCEPTION: { who: 'signed-in', does: 'end an exception that they opened; a steward, any' },
  VIEW_EXCEPTIONS: { who: ['steward', 'curator', 'auditor'], does: 'see which exceptions were opened' },
  READ_AUDIT_LOG: { who: ['steward', 'auditor'], does: 'read the audit log' },
  VERIFY_AUDIT_LOG: { who: ['auditor'], does: 'verify the audit log against its checkpoints' },
  VIEW_STEPS: { who: ['admin', 'steward'], does: 'see what waits for a second person, and take it back' },
  END_TOKEN: { who: ['steward', 'admin'], does: 'see that people have personal tokens, and end them' },
  MANAGE_ACCOUNTS: { who: ['admin'], does: 'suspend accounts and take roles away' },
  APPOINT_DEPUTY: {
    who: ['admin'],
    does: 'appoint a deputy steward whom another administrator asked for',
    second: true,
  },
  VIEW_DEPUTIES: { who: ['admin', 'steward'], does: 'see who stands in for stewards, until when and why' },
  GIVE_ROLE: { who: ['admin'], does: 'give a role that another administrator asked for', second: true },
  CHOOSE_INSTITUTION: { who: 'signed-in', does: 'say at which verified institution they work' },
  VIEW_INSTITUTIONS: { who: 'signed-in', does: 'see the institutions to choose from' },
  VIEW_ALL_INSTITUTIONS: { who: ['admin', 'steward'], does: 'see every institution, its standing and officials' },
  MANAGE_INSTITUTIONS: {
    who: ['admin'],
    does: 'verify institutions and bind their signing officials',
    conflicts: true,
  },
  VIEW_POLICY: { who: 'signed-in', does: 'see the policy that is in force' },
  VIEW_POLICY_HISTORY: { who: ['steward', 'auditor', 'admin'], does: 'see how the policy changed, by whom and why' },
  TIGHTEN_POLICY: { who: ['admin'], does: 'make the policy stricter' },
  LOOSEN_POLICY: { who: ['admin'], does: 'make the policy looser as another administrator asked', second: true },
  HANDLE_MAIL: { who: ['admin'], does: 'see messages that did not leave, and have them sent again' },
  CHANGE_SETTINGS: { who: ['admin'], does: 'change settings' },
  VIEW_WITHDRAWAL_TERMS: {
    who: ['admin', 'steward'],
    does: 'see how long an erasure waits, and how long holders of copies have',
  },
  SHORTEN_HOLD: {
    who: ['admin'],
    does: 'shorten the hold before an erasure as another administrator asked',
    second: true,
  },
  VIEW_SETTINGS: { who: ['admin', 'curator'], does: 'see the settings' },
  CHANGE_RUN_LIMIT: {
    who: ['admin', 'curator'],
    does: 'change how many baseline runs one person may begin in a day',
  },
} as const satisfies Record<string, ActionRule>;

export type RoleAction = keyof typeof ACTIONS;

/** All role-governed actions, in the order of the table. */
export const ROLE_ACTIONS = Object.keys(ACTIONS) as readonly RoleAction[];

/** The rule of an action. */
export const ruleOf = (action: RoleAction): ActionRule => ACTIONS[action];

const names: ReadonlySet<string> = new Set(ROLE_ACTIONS);

/** True for an action that roles govern (and not a use of data). */
export const isRoleAction = (word: string): word is RoleAction => names.has(word);
