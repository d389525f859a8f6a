import { agreementInForce } from '../agreement.ts';
import { addMonths, endOfDay, localDate } from '../calendar.ts';
import type { CommandType, RequestCommand, RequestFacts } from './commands.ts';
import { actorId } from './outcome.ts';
import { fromsOf } from './permissions.ts';
import { seenHash } from './seen.ts';
import { amended, collaboratorsOf, type RequestState, teamOf } from './state.ts';
import { ableStewards } from './stewards.ts';
import { type GrantTerms, termsHash } from './terms.ts';

/** All that was asked for, for as long as can be given. */
const terms = (state: RequestState, { now, policy }: RequestFacts): GrantTerms => {
  const last = addMonths(localDate(now, policy.timeZone), policy.grant.maxMonths);
  return {
    access: Object.fromEntries((state.form.items ?? []).map(({ modality, uses }) => [modality, uses])),
    conditions: '',
    start: state.grant?.terms.start ?? now.toISOString(),
    end: state.grant?.terms.end ?? new Date(endOfDay(last, policy.timeZone)).toISOString(),
  };
};

const WORDS = 'x';

/**
 * The command of a kind that says all that it has to say, by somebody who has looked at the request just now: where this
 * one is refused, it is for what the request is, or who they are. Null where there is nothing that it could be about.
 */
export const exampleCommand = (
  request: RequestState,
  type: Exclude<CommandType, 'create' | 'expire' | 'followRenewal'>,
  facts: RequestFacts,
): RequestCommand | null => {
  // What can be done to an amendment is done to that.
  const state = fromsOf(request).length > 1 ? (amended(request) ?? request) : request;
  const me = actorId(facts);
  const seen = seenHash(state);
  const version = agreementInForce(facts.agreements, facts.now, facts.policy.timeZone)?.version ?? 0;
  switch (type) {
    case 'submit':
    case 'recuse':
    case 'withdraw':
    case 'amend':
    case 'resume':
    case 'countersignCloseOut':
      return { type };
    case 'edit':
      return { type, form: { ...state.form, title: `${state.form.title === WORDS ? 'y' : WORDS}` } };
    case 'invite':
      return { type, email: `${facts.newId.replaceAll(/[^a-z0-9]/gi, '')}@example.org` };
    case 'removeCollaborator': {
      const somebody = collaboratorsOf(state)[0];
      return somebody === undefined ? null : { type, invitationId: somebody.invitationId };
    }
    case 'acceptInvitation': {
      const email = facts.actor.kind === 'account' ? facts.actor.email?.toLowerCase() : undefined;
      const mine = collaboratorsOf(state).find((one) => one.accountId === null && one.email === email);
      return mine === undefined ? null : { type, invitationId: mine.invitationId, token: '' };
    }
    case 'signAgreement': {
      // Whoever has signed the amendment, or has no part in it, may still have to sign for the grant as it is.
      const signed = (one: RequestState) =>
        one.signatures.some((old) => old.accountId === me && old.seen === seenHash(one) && old.version >= version);
      const open = [state, request].find((one) => !signed(one));
      return open === undefined ? null : { type, version, seen: seenHash(open) };
    }
    case 'endorse':
      return {
        type,
        seen,
        agreementVersion: version,
        attestsEmployment: true,
        attestsSeniority: true,
        successorId: null,
      };
    case 'comment':
      return { type, text: WORDS };
    case 'assign': {
      const somebody = ableStewards(request, facts)[0];
      return somebody === undefined ? null : { type, stewardId: somebody };
    }
    case 'return':
      return { type, changes: WORDS };
    case 'propose':
      return { type, seen, terms: terms(state, facts), confirmsExport: true };
    case 'second':
      return state.proposal === null
        ? { type, seen, termsHash: '', confirmsExport: true }
        : { type, seen, termsHash: termsHash(state.proposal.terms), confirmsExport: true };
    case 'removeMember': {
      const team = teamOf(request);
      const somebody = team.includes(me) ? me : team.find((one) => one !== request.applicantId);
      return somebody === undefined ? null : { type, accountId: somebody };
    }
    case 'decline':
    case 'reject':
    case 'suspend':
    case 'revoke':
      return { type, reason: WORDS };
    case 'renew':
      return { type, progressReport: WORDS };
    case 'attestCloseOut':
      return { type, destroyed: true, statement: WORDS };
  }
};
