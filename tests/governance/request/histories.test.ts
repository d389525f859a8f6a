import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../governance/canonical.ts';
import { DEFAULT_POLICY } from '../../../governance/default-policy.ts';
import type { RequestDraft } from '../../../governance/forms.ts';
import type { Modality } from '../../../governance/modality.ts';
import type { RequestActor, RequestCommand, RequestFacts } from '../../../governance/request/commands.ts';
import { decideRequest } from '../../../governance/request/decide-request.ts';
import type { RequestEvent } from '../../../governance/request/events.ts';
import { applyEvent, foldRequest } from '../../../governance/request/fold.ts';
import { grantFacts } from '../../../governance/request/grant.ts';
import type { RefusalCode } from '../../../governance/request/refusals.ts';
import { seenHash } from '../../../governance/request/seen.ts';
import { foldSent } from '../../../governance/request/sent.ts';
import {
  amended,
  REQUEST_STATES,
  type RequestState,
  type RequestStatus,
  teamOf,
} from '../../../governance/request/state.ts';
import { type GrantTerms, normalTerms, termsHash } from '../../../governance/request/terms.ts';
import { nextActor } from '../../../governance/request/view.ts';
import type { Use } from '../../../governance/use.ts';
import { form as whole } from './a-request.ts';
import * as naive from './naive-request.ts';
import { onward, take, waitsFor } from './naive-steps.ts';

const RUNS = 2_000;
const DAY_MS = 86_400_000;
const FIRST = Date.parse('2025-03-15T12:00:00Z');
const TOKEN = 'mailed';
const at = (day: number): Date => new Date(FIRST + day * DAY_MS);
const iso = (day: number): string => at(day).toISOString();

const CLASS: Readonly<Partial<Record<RefusalCode, naive.Class>>> = {
  NOT_FOUND: 'hidden',
  ACCOUNT_SUSPENDED: 'theirs',
  NOT_PERMITTED: 'theirs',
  WRONG_STATE: 'state',
  CONFLICT_OF_INTEREST: 'conflict',
  RECUSED: 'conflict',
  SAME_STEWARD: 'conflict',
  REQUEST_CHANGED: 'stale',
  PROPOSAL_DIFFERS: 'stale',
};
const classOf = (code: RefusalCode): naive.Class => CLASS[code] ?? 'unready';

const formOf = (name: string): RequestDraft => {
  if (name === 'none') return {};
  const items = Object.entries(naive.ASKS[name] ?? {}).map(([modality, uses]) => ({
    ...{ modality: modality as Modality, uses: [...uses] as Use[] },
    why: 'Needed for the work.',
  }));
  return { ...whole, title: `A title for ${name}`, items };
};
const termsOf = ({ access, start, end }: naive.Terms): GrantTerms => ({
  ...{ access: (naive.TERMS[access] ?? {}) as GrantTerms['access'], conditions: '' },
  ...{ start: iso(start), end: iso(end) },
});

const actorOf = (who: naive.Who, suspended: boolean): RequestActor => {
  if (who === 'clock') return { kind: 'system:clock' };
  const { institution, roles } = naive.PEOPLE[who];
  return {
    ...{ kind: 'account', accountId: who, roles, institutionId: institution },
    ...{ email: `${who}@example.org`, suspended },
  };
};
const factsOf = (who: naive.Who, c: naive.Circumstances, newId: string): RequestFacts => ({
  ...{ now: at(c.day), policy: DEFAULT_POLICY, actor: actorOf(who, c.suspended) },
  agreements: [{ version: 1, effectiveOn: '2024-01-01', graceDays: 30, editorial: false }],
  institution: { eligible: c.eligible, officials: c.official ? ['olu'] : [] },
  applicantInstitutionId: c.moved ? 'elsewhere' : 'uni',
  stewards: naive.STEWARDS.map((one) => ({ accountId: one, institutionId: naive.PEOPLE[one].institution })),
  ...{ coAuthors: c.coAuthors, closeOutOverdue: c.late, renewedGrantEnd: null },
  ...{ newId, newTokenSha256: sha256(TOKEN), today: { create: 0, invite: 0, comment: 0 } },
});

/** A command in the product's words. */
const commandOf = (d: naive.Does, state: RequestState, seen: ReadonlyMap<number, string>): RequestCommand => {
  const hash = 'on' in d ? (seen.get(d.on) ?? '0'.repeat(64)) : '';
  const words = 'said' in d && d.said ? 'Since it has to be.' : ' ';
  switch (d.type) {
    case 'edit':
      return { type: d.type, form: formOf(d.form) };
    case 'invite':
      return { type: d.type, email: `${d.email}@Example.org` };
    case 'removeCollaborator':
      return { type: d.type, invitationId: d.invitation };
    case 'acceptInvitation':
      return { type: d.type, invitationId: d.invitation, token: d.token ? TOKEN : 'guessed' };
    case 'signAgreement':
      return { type: d.type, version: d.known ? 1 : 2, seen: hash };
    case 'endorse':
      return {
        ...{ type: d.type, seen: hash, agreementVersion: d.known ? 1 : 2, successorId: d.successor },
        ...{ attestsEmployment: true, attestsSeniority: d.attests },
      };
    case 'assign':
      return { type: d.type, stewardId: d.whom };
    case 'removeMember':
      return { type: d.type, accountId: d.whom };
    case 'propose':
      return { type: d.type, seen: hash, terms: termsOf(d.terms), confirmsExport: d.confirms };
    case 'second': {
      const proposal = (amended(state) ?? state).proposal;
      const theirs = proposal === null ? '' : termsHash(proposal.terms);
      return { type: d.type, seen: hash, termsHash: d.same ? theirs : 'f'.repeat(64), confirmsExport: d.confirms };
    }
    case 'decline':
    case 'reject':
    case 'suspend':
    case 'revoke':
      return { type: d.type, reason: words };
    case 'comment':
      return { type: d.type, text: words };
    case 'return':
      return { type: d.type, changes: words };
    case 'renew':
      return { type: d.type, progressReport: words };
    case 'attestCloseOut':
      return { type: d.type, destroyed: d.destroyed, statement: words };
    case 'followRenewal': {
      const status = d.news as RequestStatus;
      return { type: d.type, renewal: { requestId: d.renewal, status, start: iso(d.start) } };
    }
    default:
      return { type: d.type };
  }
};

const people = Object.keys(naive.PEOPLE) as naive.Person[];
const pick = <Value>(of: readonly Value[], dice: number): Value => of[dice % of.length]!;
const mostly = <Value>(usual: Value, ...rare: Value[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 14, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });

const aStep = fc.record({
  /** Something useful, or anything. */
  onward: fc.boolean(),
  type: fc.constantFrom(...naive.TYPES),
  /** The person that the command is for by rights, or anybody. */
  who: mostly<naive.Who | null>(null, ...people, 'clock'),
  dice: fc.nat(999),
  form: fc.constantFrom('labels', 'video', 'faces', 'video', 'half'),
  terms: fc.constantFrom('labels', 'video', 'export', 'faces', 'video', 'nothing'),
  days: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 15, 120),
  said: mostly(true, false),
  known: mostly(true, false),
  confirms: mostly(true, false),
  stale: mostly(false, true),
  eligible: mostly(true, false),
  official: mostly(true, false),
  late: mostly(false, true),
  moved: mostly(false, true),
  suspended: mostly(false, true),
  coAuthors: mostly<readonly naive.Person[]>([], ['sue'], ['olu'], ['sam', 'sol']),
});
type Step = typeof aStep extends fc.Arbitrary<infer One> ? One : never;

/** Who gives such a command in life. */
const usual = (m: naive.Model, type: naive.Type, dice: number): naive.Who => {
  if (['endorse', 'decline', 'countersignCloseOut'].includes(type)) return 'olu';
  if (['expire', 'followRenewal'].includes(type)) return 'clock';
  if (type === 'signAgreement') return pick([...naive.team(m), 'olu', 'ina'], dice);
  if (type === 'acceptInvitation') return pick(['ben', 'ina', 'lia', 'uma'], dice);
  if (type === 'suspend') return pick(['olu', 'clock', 'sam', 'uma'], dice);
  if (type === 'removeMember') return pick([...naive.team(m), 'olu', 'sue'], dice);
  const stewards = ['comment', 'assign', 'recuse', 'return', 'propose', 'second', 'reject', 'resume', 'revoke'];
  return stewards.includes(type) ? pick(naive.STEWARDS, dice) : m.lead;
};

/** What befalls a grant that was given. */
const LATER: readonly naive.Type[] = [
  ...(['amend', 'amend', 'renew', 'renew', 'followRenewal', 'followRenewal', 'removeMember', 'suspend'] as const),
  ...(['expire', 'attestCloseOut'] as const),
];

/** What a step means where the request stands. */
const meant = (m: naive.Model, s: Step, id: string, day: number): naive.Does => {
  const paper = m.amendment ?? m;
  const forward = s.onward ? onward(m, id, day, s.form, s.terms, s.dice) : null;
  if (forward !== null) {
    const on = 'on' in forward && s.stale ? { on: 0 } : {};
    return { ...forward, ...on, ...(s.who !== null && { who: s.who }) };
  }
  const { dice, said, known, confirms } = s;
  const type = s.onward && m.status === 'APPROVED' && m.amendment === null ? pick(LATER, dice) : s.type;
  const who = s.who ?? usual(m, type, dice);
  const on = s.stale ? dice % (m.texts + 1) : dice % 5 === 0 ? m.text : paper.text;
  const whom = pick(dice % 3 === 0 ? people : naive.team(m), dice >> 1);
  const invitation = pick([...paper.team.map((one) => one.id), 'nothing'], dice);
  const successor = pick([null, ...naive.team(m)], dice);
  const { start = day, end = day + pick([30, 300, 300, 400, -1], dice) } = m.grant?.terms ?? {};
  const news = pick(['SUBMITTED', 'APPROVED', 'REJECTED', 'WITHDRAWN'], dice);
  const details = { form: s.form, email: pick(['ben', 'ina', 'lia', 'uma', 'ada'], dice), invitation, token: said };
  const more = { on, known, attests: said, successor, whom, said, destroyed: known, confirms, same: known, news };
  const terms = { access: s.terms, start, end };
  const renewal = dice % 7 === 0 ? 'other' : (m.renewal?.id ?? 'other');
  // Of each kind of command only what it says is looked at.
  return { type, who, id, ...details, ...more, terms, renewal, start: day + (dice % 60) } as naive.Does;
};

/** What is judged of a request: by whom it is read, and what they name. */
const shownOf = ({ form, collaborators, signatures, endorsement }: RequestState) => ({
  ...{ form, collaborators, signatures, endorsement },
});

/** For who is not of the team: the request, or its amendment, as it was last sent in, and nothing that was written since. */
function expectAsSent(events: readonly RequestEvent[], state: RequestState, lastSent: RequestState | null): void {
  const sent = foldSent(events)!;
  expect(sent.version).toBe(state.version);
  const returned = state.submittedAt !== null && ['RETURNED', 'WITHDRAWN'].includes(state.status);
  if (returned) {
    const [mine, theirs] = [shownOf(sent), shownOf(lastSent!)];
    expect({ ...mine, endorsement: null }).toEqual({ ...theirs, endorsement: null, signatures: sent.signatures });
    // An endorsement of what was sent in is all that is signed after that.
    expect(sent.signatures.filter(({ as }) => as === 'MEMBER')).toEqual(
      theirs.signatures.filter(({ as }) => as === 'MEMBER'),
    );
  } else if (state.amendment === null || state.amendment.status === 'SUBMITTED') {
    if (state.status !== 'DRAFT' && state.submittedAt !== null) expect(sent).toEqual(state);
  } else if (state.amendment.submittedAt === null) {
    expect(sent).toEqual({ ...state, amendment: null });
  } else {
    const { form, collaborators } = amended(lastSent!)!;
    expect(sent.amendment).toMatchObject({ form, status: state.amendment.status });
    expect(sent.amendment!.collaborators.map(({ invitationId }) => invitationId)).toEqual(
      collaborators.map(({ invitationId }) => invitationId),
    );
  }
}

const FINAL: readonly RequestStatus[] = ['CLOSED', 'REJECTED', 'WITHDRAWN'];

/** What holds whatever happens, read off the events with nothing but their own words. */
function expectLawful(before: RequestState, events: readonly RequestEvent[], c: naive.Circumstances): void {
  if (events.length > 0) expect(FINAL).not.toContain(before.status);
  for (const event of events) {
    const judges = ['GrantProposed', 'ProposalSeconded', 'RequestRejected', 'RequestReturned', 'GrantResumed'];
    if (judges.includes(event.type)) expectFree(before, event.by, c);
    if (event.type !== 'RequestApproved') continue;
    const { terms, stewards } = event;
    const paper = event.amendmentId === undefined ? before : amended(before)!;
    expect(paper.endorsement).toMatchObject({ officialId: 'olu', seen: seenHash(paper) });
    expect(new Set(stewards).size).toBe(stewards.length);
    expect(stewards.length).toBeGreaterThanOrEqual('VIDEO' in terms.access || 'FACES' in terms.access ? 2 : 1);
    for (const one of stewards) expectFree(before, one, c);
    for (const [modality, uses] of Object.entries(terms.access)) {
      const asked = paper.form.items?.find((item) => item.modality === modality)?.uses ?? [];
      expect(asked).toEqual(expect.arrayContaining([...uses]));
    }
    for (const member of teamOf(paper))
      expect(
        paper.signatures.some(({ accountId, seen }) => accountId === member && seen === seenHash(paper)) ||
          member === before.applicantId ||
          before.grant !== null,
      ).toBe(true);
  }
}

function expectFree(state: RequestState, who: string, c: naive.Circumstances): void {
  expect(state.recused).not.toContain(who);
  expect([...teamOf(state), ...(state.amendment === null ? [] : teamOf(amended(state)!))]).not.toContain(who);
  expect(c.coAuthors).not.toContain(who);
  expect(naive.PEOPLE[who as naive.Person].institution).not.toBe(state.institutionId);
}

const live = (state: RequestState): string[] =>
  state.signatures
    .filter(({ seen }) => seen === seenHash(state))
    .map(({ accountId, as }) => `${accountId} ${as}`)
    .sort();
const liveOf = ({ signed, text }: naive.Paper): string[] =>
  [...signed].filter((one) => one.endsWith(` ${text}`)).map((one) => one.slice(0, one.lastIndexOf(' ')));
const unique = (all: readonly string[]): string[] => [...new Set(all)].sort();

const STANDING: Readonly<Record<string, string>> = { APPROVED: 'ACTIVE' };

/** The request as the product has it, and as the model has it, in the same words. */
const told = (state: RequestState) => {
  const grant = grantFacts(state);
  const view = amended(state);
  return {
    ...{ status: state.status, next: nextActor(state), lead: state.applicantId, team: unique(teamOf(state)) },
    ...{ signed: unique(live(state)), recused: unique(state.recused), stewards: state.grant?.stewards ?? null },
    terms: state.grant?.terms ?? null,
    proposed: [state.proposal?.by ?? null, view?.proposal?.by ?? null],
    grant: grant && { state: grant.state, end: grant.end.toISOString(), members: unique(grant.members) },
    amendment: view && { status: view.status, team: unique(teamOf(view)), signed: unique(live(view)) },
    granted: unique(grant?.signatures.map(({ accountId, as }) => `${accountId} ${as}`) ?? []),
  };
};
const toldBy = (m: naive.Model): ReturnType<typeof told> => {
  const standing = m.closing === null ? (STANDING[m.status] ?? m.status) : 'CLOSED';
  const grant = m.grant && { state: standing as 'ACTIVE', end: iso(naive.end(m)), members: unique(naive.team(m)) };
  return {
    ...{ status: m.status as RequestStatus, next: waitsFor(m) as 'STEWARD', lead: m.lead, team: unique(naive.team(m)) },
    ...{ signed: unique(liveOf(m)), recused: unique([...m.recused]), stewards: m.grant?.stewards ?? null },
    terms: m.grant && normalTerms(termsOf(m.grant.terms)),
    proposed: [m.proposal?.by ?? null, m.amendment?.proposal?.by ?? null],
    grant,
    amendment: m.amendment && {
      status: m.amendment.status as 'DRAFT',
      ...{ team: unique(naive.team(m, m.amendment)), signed: unique(liveOf(m.amendment)) },
    },
    granted: m.grant === null ? [] : unique(liveOf(m)),
  };
};

describe('any history of an access request', () => {
  it('goes as a naive model of it goes, and keeps its laws', { timeout: 60_000 }, () => {
    const reached = new Map<string, number>();
    const count = (what: string) => reached.set(what, (reached.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(fc.array(aStep, { minLength: 4, maxLength: 45, size: 'max' }), (steps) => {
        const created = decideRequest(
          null,
          { type: 'create' },
          factsOf('ada', { ...steps[0]!, day: 0, suspended: false }, 'r'),
        );
        if (!created.ok) throw new Error('nothing began');
        const events: RequestEvent[] = [...created.events];
        let state = foldRequest(events)!;
        const model = naive.begin('ada');
        const seen = new Map([[0, seenHash(state)]]);
        let day = 0;
        let lastSent: RequestState | null = null;
        for (const [i, step] of steps.entries()) {
          day += step.days;
          const circumstances: naive.Circumstances = { ...step, day };
          const does = meant(model, step, `id-${i}`, day);
          const no = naive.against(model, does, circumstances);
          const outcome = decideRequest(
            state,
            commandOf(does, state, seen),
            factsOf(does.who, circumstances, `id-${i}`),
          );
          const said = outcome.ok ? 'taken' : classOf(outcome.refusal.code);
          const fits = outcome.ok ? no.size === 0 : no.has(classOf(outcome.refusal.code));
          if (!fits) throw new Error(`${JSON.stringify(does)}: ${JSON.stringify(outcome)}, not ${[...no].join()}`);
          count(`${does.type} ${said}`);
          if (!outcome.ok) continue;
          expectLawful(state, outcome.events, circumstances);
          events.push(...outcome.events);
          state = outcome.events.reduce<RequestState>(applyEvent, state);
          if (outcome.events.some(({ type }) => type === 'RequestSubmitted')) lastSent = state;
          expectAsSent(events, state, lastSent);
          take(model, does, circumstances);
          seen.set(model.text, seenHash(state));
          const view = amended(state);
          if (view !== null && model.amendment !== null) seen.set(model.amendment.text, seenHash(view));
          const [mine, theirs] = [told(state), toldBy(model)];
          if (JSON.stringify(mine) !== JSON.stringify(theirs)) expect(mine, JSON.stringify(does)).toEqual(theirs);
          count(state.status);
        }
        expect(foldRequest(events)).toEqual(state);
      }),
      { numRuns: RUNS },
    );
    // Histories come everywhere: every command is taken somewhere.
    for (const type of naive.TYPES) expect(reached.get(`${type} taken`) ?? 0, type).toBeGreaterThan(0);
    for (const status of REQUEST_STATES) expect(reached.get(status) ?? 0, status).toBeGreaterThan(0);
  });
});
