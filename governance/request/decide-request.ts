import { amend, amendmentMeant, changesNothing, ofAmendment } from './amendment.ts';
import type { Outcome, RequestCommand, RequestFacts } from './commands.ts';
import * as life from './grant-life.ts';
import { actorId, refused } from './outcome.ts';
import { isConflicted, partsOf } from './parts.ts';
import { fromsOf, isEverPermitted, isPermitted, type Part, PERMISSIONS } from './permissions.ts';
import * as prepare from './prepare.ts';
import { followRenewal, renew } from './renewal.ts';
import * as review from './review.ts';
import type { RequestState } from './state.ts';

/** What stands against a command before anything of it is handled; null when nothing does. */
const gate = (
  state: RequestState | null,
  command: RequestCommand,
  facts: RequestFacts,
  parts: readonly Part[],
): Outcome | null => {
  if (state === null && command.type !== 'create') return refused('NOT_FOUND');
  if (parts.length === 0) return refused(state === null ? 'NOT_PERMITTED' : 'NOT_FOUND');
  if (facts.actor.kind === 'account' && facts.actor.suspended) return refused('ACCOUNT_SUSPENDED');
  if (!isEverPermitted(command.type, state === null ? ['researcher'] : parts)) return refused('NOT_PERMITTED');
  if (command.expectedVersion !== undefined && command.expectedVersion !== (state?.version ?? 0)) {
    return refused('REQUEST_CHANGED');
  }
  if (!fromsOf(state).some((from) => isPermitted(command.type, from, parts))) return refused('WRONG_STATE');
  if (state === null || PERMISSIONS[command.type].conflicts !== true) return null;
  if (state.recused.includes(actorId(facts))) return refused('RECUSED');
  return isConflicted(state, command.type, facts) ? refused('CONFLICT_OF_INTEREST') : null;
};

const handle = (
  state: RequestState,
  command: Exclude<RequestCommand, { type: 'create' }>,
  facts: RequestFacts,
  parts: readonly Part[],
): Outcome => {
  switch (command.type) {
    case 'edit':
      return prepare.edit(state, command, facts);
    case 'invite':
      return prepare.invite(state, command, facts);
    case 'removeCollaborator':
      return prepare.removeCollaborator(state, command, facts);
    case 'acceptInvitation':
      return prepare.acceptInvitation(state, command, facts);
    case 'signAgreement':
      return prepare.signAgreement(state, command, facts, parts);
    case 'submit':
      return prepare.submit(state, facts);
    case 'withdraw':
      return prepare.withdraw(facts);
    case 'endorse':
      return review.endorse(state, command, facts);
    case 'decline':
      return review.decline(command, facts);
    case 'comment':
      return review.comment(state, command, facts);
    case 'assign':
      return review.assign(state, command, facts);
    case 'recuse':
      return review.recuse(state, facts);
    case 'return':
      return review.returnRequest(command, facts);
    case 'propose':
      return review.propose(state, command, facts);
    case 'second':
      return review.second(state, command, facts);
    case 'reject':
      return review.reject(command, facts);
    case 'amend':
      return amend(state, facts);
    case 'removeMember':
      return life.removeMember(state, command, facts, parts);
    case 'suspend':
      return life.suspend(state, command, facts, parts);
    case 'resume':
      return life.resume(state, facts);
    case 'revoke':
      return life.revoke(command, facts);
    case 'expire':
      return life.expire(state, facts);
    case 'renew':
      return renew(state, command, facts);
    case 'followRenewal':
      return followRenewal(state, command, facts);
    case 'attestCloseOut':
      return life.attestCloseOut(state, command, facts);
    case 'countersignCloseOut':
      return life.countersignCloseOut(state, facts);
  }
};

/**
 * What a command does to a request: events, or a refusal. Who may is the table of permissions, asked first; whoever is
 * nothing to a request is told that there is none. No events means that all is as wanted already. Never throws for
 * commands and facts of the right shape.
 */
export const decideRequest = (state: RequestState | null, command: RequestCommand, facts: RequestFacts): Outcome => {
  const parts = partsOf(state, facts);
  const stopped = gate(state, command, facts, parts);
  if (stopped !== null) return stopped;
  if (state === null || command.type === 'create') {
    return state === null && command.type === 'create' ? prepare.create(command, facts) : refused('WRONG_STATE');
  }
  const amendment = amendmentMeant(state, command, parts);
  if (amendment === null) return handle(state, command, facts, parts);
  if (command.type === 'submit' && changesNothing(state, amendment)) return refused('NOTHING_AMENDED');
  return ofAmendment(state, handle(amendment, command, facts, parts));
};
