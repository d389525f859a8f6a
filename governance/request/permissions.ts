import type { CommandType } from './commands.ts';
import { REQUEST_STATES, type RequestState, type RequestStatus } from './state.ts';

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

/**
 * How a request stands, as far as commands depend on it. NONE: there is none yet. AMENDING and AMENDED: it is approved, and
 * an amendment of it is being written, or was sent in; what is done then is done to the amendment, and the grant lives on.
 */
export type From = RequestStatus | 'NONE' | 'AMENDING' | 'AMENDED';

/** Every way in which a request can stand for a command, in the order of its life. */
export const FROMS: readonly From[] = ['NONE', ...REQUEST_STATES, 'AMENDING', 'AMENDED'];

interface Permission {
  readonly does: string;
  /** Who may, and from which states. No rule means no. */
  readonly rules: readonly { readonly from: readonly From[]; readonly who: readonly Part[] }[];
  /** True where nobody may do it for themself, their institution (a steward's) or a recent co-author. */
  readonly conflicts?: true;
}

const OPEN = ['DRAFT', 'RETURNED', 'AMENDING'] as const;
const SENT = ['SUBMITTED', 'AMENDED'] as const;
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
    rules: [{ from: [...SENT, 'SUSPENDED'], who: ['signing-official'] }],
    conflicts: true,
  },
  decline: {
    does: 'decline to endorse, with a reason',
    rules: [{ from: SENT, who: ['signing-official'] }],
    conflicts: true,
  },
  comment: {
    does: 'comment: stewards to each other or to the applicant; the team to the stewards',
    rules: [{ from: SENT, who: ['applicant', 'collaborator', 'steward'] }],
  },
  assign: { does: 'assign to a steward', rules: [{ from: SENT, who: ['steward'] }] },
  recuse: { does: 'step back', rules: [{ from: SENT, who: ['steward'] }] },
  return: {
    does: 'return with what to change',
    rules: [{ from: SENT, who: ['steward'] }],
    conflicts: true,
  },
  propose: { does: 'propose a grant', rules: [{ from: SENT, who: ['steward'] }], conflicts: true },
  second: {
    does: 'second the identical proposal',
    rules: [{ from: SENT, who: ['steward'] }],
    conflicts: true,
  },
  reject: { does: 'reject with a reason', rules: [{ from: SENT, who: ['steward'] }], conflicts: true },
  withdraw: { does: 'withdraw the request', rules: [{ from: [...OPEN, ...SENT], who: ['applicant'] }] },
  amend: {
    does: 'begin an amendment of the team, the data or the purpose',
    rules: [{ from: ['APPROVED'], who: ['applicant'] }],
  },
  removeMember: {
    does: 'remove a member at once; a collaborator, themself; the applicant leaves, and so suspends the grant',
    rules: [{ from: ['APPROVED'], who: ['applicant', 'collaborator', 'signing-official', 'steward'] }],
  },
  suspend: {
    does: 'suspend the grant: the official withdraws the endorsement, a steward has a reason, the applicant has left',
    rules: [{ from: ['APPROVED'], who: ['signing-official', 'steward', 'clock'] }],
  },
  resume: { does: 'resume the grant', rules: [{ from: ['SUSPENDED'], who: ['steward'] }], conflicts: true },
  revoke: { does: 'revoke the grant with a reason', rules: [{ from: GIVEN, who: ['steward'] }] },
  renew: {
    does: 'begin the renewal, with a progress report',
    rules: [{ from: ['APPROVED', 'EXPIRED'], who: ['applicant'] }],
  },
  followRenewal: {
    does: 'extend the grant for a renewal asked for in time, and end it with the renewal',
    rules: [{ from: ['APPROVED', 'SUSPENDED', 'EXPIRED'], who: ['clock'] }],
  },
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

/** How a request stands for commands: once approved it can be amended, and then it stands in two ways at once. */
export const fromsOf = (state: RequestState | null): readonly From[] => {
  if (state === null) return ['NONE'];
  if (state.status !== 'APPROVED' || state.amendment === null) return [state.status];
  return [state.status, state.amendment.status === 'SUBMITTED' ? 'AMENDED' : 'AMENDING'];
};

/** True where one of the parts may give the command in some state. */
export const isEverPermitted = (command: CommandType, parts: readonly Part[]): boolean =>
  PERMISSIONS[command].rules.some((rule) => rule.who.some((part) => parts.includes(part)));
