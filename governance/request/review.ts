import { agreementInForce, signedText } from '../agreement.ts';
import { addMonths, endOfDay, localDate, startOfDay } from '../calendar.ts';
import type { CommandOf, Outcome, RequestFacts } from './commands.ts';
import { actorId, happened, refused } from './outcome.ts';
import type { RefusalCode } from './refusals.ts';
import { seenHash } from './seen.ts';
import { amended, type RequestState, teamOf } from './state.ts';
import { ableStewards } from './stewards.ts';
import { type GrantTerms, modalitiesOf, needsExportWord, normalTerms, stewardsNeeded, termsHash } from './terms.ts';
import { LONGEST_TEXT, unsaid } from './text.ts';

/** Of one person in 24 hours; each is a mail to others, and is kept. */
const MOST_COMMENTS = 200;

/** The official attests employment and seniority, and signs the agreement for the institution. */
export const endorse = (state: RequestState, command: CommandOf<'endorse'>, facts: RequestFacts): Outcome => {
  const { seen, agreementVersion, successorId = null, typedName } = command;
  if (seen !== seenHash(state)) return refused('REQUEST_CHANGED');
  if (!facts.institution.eligible) return refused('INSTITUTION_INELIGIBLE');
  if (!command.attestsEmployment || !command.attestsSeniority) return refused('ATTESTATION_MISSING');
  const current = agreementInForce(facts.agreements, facts.now, facts.policy.timeZone);
  if (current?.version !== agreementVersion) return refused('AGREEMENT_NOT_IN_FORCE', String(agreementVersion));
  if (successorId !== null && (successorId === state.applicantId || !teamOf(state).includes(successorId))) {
    return refused('NO_SUCH_MEMBER', successorId);
  }
  return happened(facts, {
    type: 'RequestEndorsed',
    seen,
    agreementVersion,
    successorId,
    ...signedText(current, typedName),
  });
};

export const decline = ({ reason }: CommandOf<'decline'>, facts: RequestFacts): Outcome =>
  unsaid(reason) ?? happened(facts, { type: 'RequestDeclined', reason });

/** Of a steward, among stewards unless it says that it is for the applicant; of the team, for stewards and the team, whoever they are besides. */
export const comment = (
  state: RequestState,
  { text, to = 'STEWARDS' }: CommandOf<'comment'>,
  facts: RequestFacts,
): Outcome => {
  const no = unsaid(text);
  if (no !== null) return no;
  if (facts.today.comment >= MOST_COMMENTS) return refused('TOO_MANY_COMMENTS', String(MOST_COMMENTS));
  const me = actorId(facts);
  const changed = amended(state);
  if (teamOf(state).includes(me) || (changed !== null && teamOf(changed).includes(me)))
    return happened(facts, { type: 'CommentAdded', text, to: 'STEWARDS', ofTeam: true });
  return happened(facts, { type: 'CommentAdded', text, to });
};

export const assign = (state: RequestState, { stewardId }: CommandOf<'assign'>, facts: RequestFacts): Outcome => {
  if (!facts.stewards.some(({ accountId }) => accountId === stewardId)) return refused('NO_SUCH_STEWARD', stewardId);
  if (state.recused.includes(stewardId)) return refused('RECUSED', stewardId);
  if (!ableStewards(state, facts).includes(stewardId)) return refused('CONFLICT_OF_INTEREST', stewardId);
  return happened(facts, { type: 'RequestAssigned', stewardId });
};

export const recuse = (state: RequestState, facts: RequestFacts): Outcome =>
  state.recused.includes(actorId(facts)) ? happened(facts) : happened(facts, { type: 'StewardRecused' });

export const returnRequest = ({ changes }: CommandOf<'return'>, facts: RequestFacts): Outcome =>
  unsaid(changes) ?? happened(facts, { type: 'RequestReturned', changes });

export const reject = ({ reason }: CommandOf<'reject'>, facts: RequestFacts): Outcome =>
  unsaid(reason) ?? happened(facts, { type: 'RequestRejected', reason });

/** What has to hold whenever a steward says yes, first or second. */
const yesRefusal = (state: RequestState, seen: string, facts: RequestFacts): RefusalCode | null => {
  if (seen !== seenHash(state)) return 'REQUEST_CHANGED';
  const { endorsement } = state;
  const stands =
    endorsement !== null && endorsement.seen === seen && facts.institution.officials.includes(endorsement.officialId);
  if (!stands) return 'NOT_ENDORSED';
  if (facts.applicantInstitutionId !== state.institutionId) return 'APPLICANT_LEFT';
  if (!facts.institution.eligible) return 'INSTITUTION_INELIGIBLE';
  return facts.closeOutOverdue ? 'CLOSE_OUT_OVERDUE' : null;
};

const isInstant = (text: string): boolean => !Number.isNaN(Date.parse(text));

/** What is wrong with a grant's time: it starts, ends after that and after now, and at most the policy's months away. */
const termRefusal = (terms: GrantTerms, { now, policy, renewedGrantEnd }: RequestFacts): RefusalCode | null => {
  if (!isInstant(terms.start) || !isInstant(terms.end)) return 'TERM_INVALID';
  const end = Date.parse(terms.end);
  if (renewedGrantEnd !== null && Date.parse(terms.start) > renewedGrantEnd.getTime()) return 'RENEWAL_GAP';
  if (end <= Date.parse(terms.start) || end <= now.getTime()) return 'TERM_INVALID';
  const last = addMonths(localDate(now, policy.timeZone), policy.grant.maxMonths);
  return end > endOfDay(last, policy.timeZone) ? 'TERM_TOO_LONG' : null;
};

/** What is wrong with a start: a grant is not given for a time that is over. */
const startRefusal = ({ start }: GrantTerms, { now, policy }: RequestFacts): RefusalCode | null =>
  isInstant(start) && Date.parse(start) < startOfDay(localDate(now, policy.timeZone), policy.timeZone)
    ? 'TERM_INVALID'
    : null;

const approval = (terms: GrantTerms, stewards: readonly string[], facts: RequestFacts) =>
  ({ type: 'RequestApproved', grantId: facts.newId, terms, stewards }) as const;

/** A grant is proposed; where one steward is enough, it is given with that. */
export const propose = (state: RequestState, command: CommandOf<'propose'>, facts: RequestFacts): Outcome => {
  const { seen, confirmsExport } = command;
  const no =
    yesRefusal(state, seen, facts) ??
    (state.grant === null ? startRefusal(command.terms, facts) : null) ??
    termRefusal(command.terms, facts);
  if (no !== null) return refused(no);
  const terms = normalTerms(command.terms);
  if (terms.conditions.length > LONGEST_TEXT) return refused('TEXT_TOO_LONG');
  const { grant } = state;
  // An amendment changes what is given to whom, not for how long: that takes a renewal.
  if (grant !== null && (terms.start !== grant.terms.start || terms.end > grant.terms.end))
    return refused('TERM_INVALID');
  const given = modalitiesOf(terms);
  if (given.length === 0) return refused('NOTHING_GRANTED');
  const excess = given.find((modality) => {
    const asked = state.form.items?.find((item) => item.modality === modality)?.uses ?? [];
    return terms.access[modality]?.some((use) => !asked.includes(use));
  });
  if (excess !== undefined) return refused('NOT_ASKED_FOR', excess);
  if (needsExportWord(terms, facts.policy) && !confirmsExport) return refused('EXPORT_NOT_CONFIRMED');
  const proposed = { type: 'GrantProposed', seen, terms, confirmsExport } as const;
  return stewardsNeeded(terms, facts.policy) > 1
    ? happened(facts, proposed)
    : happened(facts, proposed, approval(terms, [actorId(facts)], facts));
};

/** Another steward agrees to the identical proposal. */
export const second = (state: RequestState, command: CommandOf<'second'>, facts: RequestFacts): Outcome => {
  const { seen, confirmsExport } = command;
  const { proposal } = state;
  if (proposal === null || proposal.seen !== seen)
    return refused(seen === seenHash(state) ? 'NOT_PROPOSED' : 'REQUEST_CHANGED');
  const no = yesRefusal(state, seen, facts) ?? termRefusal(proposal.terms, facts);
  if (no !== null) return refused(no);
  const hash = termsHash(proposal.terms);
  if (command.termsHash !== hash) return refused('PROPOSAL_DIFFERS');
  if (proposal.by === actorId(facts)) return refused('SAME_STEWARD');
  // Whose word it was has to have it still.
  if (!ableStewards(state, facts).includes(proposal.by)) return refused('NOT_PROPOSED');
  if (needsExportWord(proposal.terms, facts.policy) && !(confirmsExport && proposal.confirmsExport)) {
    return refused('EXPORT_NOT_CONFIRMED');
  }
  return happened(
    facts,
    { type: 'ProposalSeconded', seen, termsHash: hash, confirmsExport },
    approval(proposal.terms, [proposal.by, actorId(facts)], facts),
  );
};
