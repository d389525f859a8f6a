import { z } from 'zod';
import { agreementInForce, signedText, signsInForce } from '../agreement.ts';
import { canonicalText, sha256 } from '../canonical.ts';
import { draftProblems, formProblems } from '../forms.ts';
import type { CommandOf, Outcome, RequestFacts } from './commands.ts';
import { actorId, happened, refused } from './outcome.ts';
import type { Part } from './permissions.ts';
import { seenHash } from './seen.ts';
import { type Collaborator, collaboratorsOf, type RequestState, teamOf } from './state.ts';

const emailSchema = z.email().max(254);

/** Days for which an invitation can be accepted. */
export const INVITATION_DAYS = 14;
const DAY_MS = 86_400_000;
/** Most collaborators of one request, invited ones among them. */
const LARGEST_TEAM = 50;
/** Of one person in 24 hours: a large team at once. */
const MOST_INVITATIONS = 60;
/** Requests that one person begins in 24 hours: more than anybody has studies, and each is kept. */
const MOST_BEGUN = 30;

const hasExpired = ({ expiresAt }: Collaborator, now: Date): boolean =>
  expiresAt === null || Date.parse(expiresAt) <= now.getTime();

/** DRAFT begins. */
export const create = ({ linkedTo }: CommandOf<'create'>, facts: RequestFacts): Outcome => {
  const institutionId = facts.actor.kind === 'account' ? facts.actor.institutionId : null;
  if (institutionId === null) return refused('INSTITUTION_MISSING');
  if (facts.today.create >= MOST_BEGUN) return refused('TOO_MANY_REQUESTS', String(MOST_BEGUN));
  const created = { type: 'RequestCreated', requestId: facts.newId, institutionId } as const;
  return happened(facts, linkedTo === undefined ? created : { ...created, linkedTo });
};

/** A form that says the same as before changes nothing, and so voids nothing. */
export const edit = (state: RequestState, command: CommandOf<'edit'>, facts: RequestFacts): Outcome => {
  const problem = draftProblems(command.form)[0];
  if (problem !== undefined) return refused('FORM_INVALID', `${problem.path}: ${problem.message}`);
  if (canonicalText(command.form) === canonicalText(state.form)) return happened(facts);
  return happened(facts, { type: 'FormEdited', form: command.form });
};

export const invite = (state: RequestState, command: CommandOf<'invite'>, facts: RequestFacts): Outcome => {
  const parsed = emailSchema.safeParse(command.email.trim().toLowerCase());
  if (!parsed.success) return refused('EMAIL_INVALID');
  const email = parsed.data;
  const own = facts.actor.kind === 'account' && facts.actor.email?.toLowerCase() === email;
  const before = collaboratorsOf(state).find((one) => one.email === email);
  if (own || (before !== undefined && (before.accountId !== null || !hasExpired(before, facts.now)))) {
    return refused('ALREADY_INVITED', email);
  }
  if (collaboratorsOf(state).length >= LARGEST_TEAM) return refused('TEAM_TOO_LARGE', String(LARGEST_TEAM));
  // Each is a mail to an address that nobody has vouched for.
  if (facts.today.invite >= MOST_INVITATIONS) return refused('TOO_MANY_INVITATIONS', String(MOST_INVITATIONS));
  const invited = {
    type: 'CollaboratorInvited',
    invitationId: facts.newId,
    email,
    tokenSha256: facts.newTokenSha256,
    expiresAt: new Date(facts.now.getTime() + INVITATION_DAYS * DAY_MS).toISOString(),
  } as const;
  // A new invitation takes the place of one that has expired.
  return before === undefined
    ? happened(facts, invited)
    : happened(facts, { type: 'CollaboratorRemoved', invitationId: before.invitationId }, invited);
};

export const removeCollaborator = (
  state: RequestState,
  { invitationId }: CommandOf<'removeCollaborator'>,
  facts: RequestFacts,
): Outcome =>
  collaboratorsOf(state).some((one) => one.invitationId === invitationId)
    ? happened(facts, { type: 'CollaboratorRemoved', invitationId })
    : refused('NO_SUCH_MEMBER', invitationId);

export const acceptInvitation = (
  state: RequestState,
  { invitationId, token }: CommandOf<'acceptInvitation'>,
  facts: RequestFacts,
): Outcome => {
  const { actor } = facts;
  const invitation = collaboratorsOf(state).find((one) => one.invitationId === invitationId && one.accountId === null);
  if (actor.kind !== 'account' || invitation === undefined || invitation.email !== actor.email?.toLowerCase()) {
    return refused('NO_SUCH_MEMBER', invitationId);
  }
  if (teamOf(state).includes(actor.accountId)) return refused('ALREADY_INVITED', actor.accountId);
  // People of another institution file their own, linked request: their own official answers for them.
  if (actor.institutionId !== state.institutionId) return refused('OTHER_INSTITUTION');
  if (hasExpired(invitation, facts.now)) return refused('INVITATION_EXPIRED');
  if (sha256(token) !== invitation.tokenSha256) return refused('INVITATION_TOKEN_WRONG');
  return happened(facts, { type: 'InvitationAccepted', invitationId });
};

/** Members sign what they see; once granted, members and the official sign a newer version. */
export const signAgreement = (
  state: RequestState,
  { version, seen, typedName }: CommandOf<'signAgreement'>,
  facts: RequestFacts,
  parts: readonly Part[],
): Outcome => {
  if (seen !== seenHash(state)) return refused('REQUEST_CHANGED');
  const current = agreementInForce(facts.agreements, facts.now, facts.policy.timeZone);
  const known = facts.agreements.find((one) => one.version === version);
  // A version that is announced may be signed ahead of its day, so that nobody loses a moment on it.
  if (current === null || known === undefined || version < current.version)
    return refused('AGREEMENT_NOT_IN_FORCE', String(version));
  const as = teamOf(state).includes(actorId(facts)) ? 'MEMBER' : 'OFFICIAL';
  // Who joins by an amendment is not of the team before that is approved.
  if (as === 'OFFICIAL' && !parts.includes('signing-official')) return refused('NOT_PERMITTED');
  const signed = state.signatures.some(
    (one) => one.accountId === actorId(facts) && one.version === version && one.as === as && one.seen === seen,
  );
  // Said twice, it holds once.
  if (signed) return happened(facts);
  return happened(facts, { type: 'AgreementSigned', version, as, seen, ...signedText(known, typedName) });
};

export const submit = (state: RequestState, facts: RequestFacts): Outcome => {
  const problem = formProblems(state.form)[0];
  if (problem !== undefined) return refused('FORM_INCOMPLETE', `${problem.path}: ${problem.message}`);
  const open = collaboratorsOf(state).find(({ accountId }) => accountId === null);
  if (open !== undefined) return refused('INVITATION_OPEN', open.email);
  if (!facts.institution.eligible) return refused('INSTITUTION_INELIGIBLE');
  const seen = seenHash(state);
  const current = agreementInForce(facts.agreements, facts.now, facts.policy.timeZone);
  const unsigned = teamOf(state).find(
    (member) =>
      current === null ||
      !state.signatures.some(
        (one) =>
          one.accountId === member &&
          one.as === 'MEMBER' &&
          one.seen === seen &&
          signsInForce(facts.agreements, one.version, current),
      ),
  );
  if (unsigned !== undefined) return refused('AGREEMENT_UNSIGNED', unsigned);
  return happened(facts, { type: 'RequestSubmitted', seen });
};

export const withdraw = (facts: RequestFacts): Outcome => happened(facts, { type: 'RequestWithdrawn' });
