import type { CommandType } from './commands.ts';
import type { RequestStatus } from './state.ts';

/**
 * What somebody is to a request. `invitee` has not accepted yet; `signing-official` is bound to the request's
 * institution; `researcher` is anybody with that role, before there is a request; `clock` is time itself.
 */
export const PARTS = [
  'researcher',
  'applicant',
  'collaborator',
  'invitee',
  'signing-official',
  'steward',
  'clock',
] as const;

export type Part = (typeof PARTS)[number];

/** NONE: there is no request yet. */
export type From = RequestStatus | 'NONE';

interface Permission {
  readonly does: string;
  /** Who may, and from which states. No rule means no. */
  readonly rules: readonly { readonly from: readonly From[]; readonly who: readonly Part[] }[];
  /** True where nobody may do it for themself, their institution (a steward's) or a recent co-author. */
  readonly conflicts?: true;
}

const OPEN = ['DRAFT', 'RETURNED'] as const;
const GIVEN = ['APPROVED', 'SUSPENDED'] as const;

/** The commands on a request: from which states, by whom. Checked before anything is handled; the document is made from it. */
export const PERMISSIONS: Readonly<Record<CommandType, Permission>> = {
  create: { does: 'begin a request', rules: [{ from: ['NONE'], who: ['researcher'] }] },
  edit: { does: 'change the form', rules: [{ from: OPEN, who: ['applicant'] }] },
  invite: { does: 'invite a collaborator', rules: [{ from: OPEN, who: ['applicant'] }] },
  removeCollaborator: { does: 'take a collaborator off', rules: [{ from: OPEN, who: ['applicant'] }] },
  acceptInvitation: { does: 'join the team', rules: [{ from: OPEN, who: ['invitee'] }] },
  signAgreement: {
    does: 'sign the data use agreement; once granted, a new version of it',
    rules: [
      { from: [...OPEN, ...GIVEN], who: ['applicant', 'collaborator'] },
      { from: GIVEN, who: ['signing-official'] },
    ],
  },
  submit: { does: 'send the request in', rules: [{ from: OPEN, who: ['applicant'] }] },
  endorse: {
    does: 'endorse for the institution; under suspension, anew or for a successor',
    rules: [{ from: ['SUBMITTED', 'SUSPENDED'], who: ['signing-official'] }],
    conflicts: true,
  },
  decline: {
    does: 'decline to endorse, with a reason',
    rules: [{ from: ['SUBMITTED'], who: ['signing-official'] }],
    conflicts: true,
  },
  comment: { does: 'comment', rules: [{ from: ['SUBMITTED'], who: ['steward'] }] },
  assign: { does: 'assign to a steward', rules: [{ from: ['SUBMITTED'], who: ['steward'] }] },
  recuse: { does: 'step back', rules: [{ from: ['SUBMITTED'], who: ['steward'] }] },
  return: {
    does: 'return with what to change',
    rules: [{ from: ['SUBMITTED'], who: ['steward'] }],
    conflicts: true,
  },
  propose: { does: 'propose a grant', rules: [{ from: ['SUBMITTED'], who: ['steward'] }], conflicts: true },
  second: {
    does: 'second the identical proposal',
    rules: [{ from: ['SUBMITTED'], who: ['steward'] }],
    conflicts: true,
  },
  reject: { does: 'reject with a reason', rules: [{ from: ['SUBMITTED'], who: ['steward'] }], conflicts: true },
  withdraw: { does: 'withdraw the request', rules: [{ from: ['DRAFT', 'SUBMITTED', 'RETURNED'], who: ['applicant'] }] },
  removeMember: {
    does: 'remove a member at once; a collaborator, themself',
    rules: [{ from: ['APPROVED'], who: ['applicant', 'collaborator', 'signing-official', 'steward'] }],
  },
  suspend: {
    does: 'suspend the grant: the official withdraws the endorsement, a steward has a reason, the applicant has left',
    rules: [{ from: ['APPROVED'], who: ['signing-official', 'steward', 'clock'] }],
  },
  resume: { does: 'resume the grant', rules: [{ from: ['SUSPENDED'], who: ['steward'] }], conflicts: true },
  revoke: { does: 'revoke the grant with a reason', rules: [{ from: GIVEN, who: ['steward'] }] },
  expire: { does: 'end the grant at its end', rules: [{ from: GIVEN, who: ['clock'] }] },
  attestCloseOut: {
    does: 'attest that copies, models and derivatives are destroyed',
    rules: [{ from: ['APPROVED', 'EXPIRED', 'REVOKED'], who: ['applicant'] }],
  },
  countersignCloseOut: {
    does: 'countersign the attestation, which closes the grant',
    rules: [{ from: ['APPROVED', 'EXPIRED', 'REVOKED'], who: ['signing-official'] }],
  },
};

export const COMMANDS = Object.keys(PERMISSIONS) as readonly CommandType[];

/** True where one of the parts may give the command in this state. */
export const isPermitted = (command: CommandType, from: From, parts: readonly Part[]): boolean =>
  PERMISSIONS[command].rules.some((rule) => rule.from.includes(from) && rule.who.some((part) => parts.includes(part)));

/** True where one of the parts may give the command in some state. */
export const isEverPermitted = (command: CommandType, parts: readonly Part[]): boolean =>
  PERMISSIONS[command].rules.some((rule) => rule.who.some((part) => parts.includes(part)));
