import { describe, expect, it } from 'vitest';
import { ROLE_ACTIONS, type RoleAction, ruleOf } from '../../governance/actions.ts';
import { type Actor, ANONYMOUS } from '../../governance/actor.ts';
import { decide } from '../../governance/decide.ts';
import type { Decision, SubjectFacts } from '../../governance/decision.ts';
import type { Facts } from '../../governance/facts.ts';
import type { ReasonCode } from '../../governance/reasons.ts';
import { effectiveRoles, incompatiblePairs, isRole, ROLES, type Role } from '../../governance/roles.ts';
import { account, facts, NOW, release, researcher } from './a-world.ts';

/**
 * Every cell of role x action, written out by hand so that a change of the rules shows here: who may, in the order
 * stranger (x), nobody in particular (n), researcher (r), signing official (o), steward (s), curator (c), auditor (u), admin (a).
 */
const MATRIX: Readonly<Record<RoleAction, string>> = {
  VIEW_OPEN: 'xnroscua',
  VIEW_RELEASE: 'xnroscua',
  VIEW_OWN: 'nroscua',
  VIEW_SCHEMA: 'nroscua',
  UPLOAD_CERTIFICATE: 'nroscua',
  SIGN_AGREEMENT: 'nroscua',
  REPORT_INCIDENT: 'nroscua',
  CREATE_REQUEST: 'r',
  CREATE_TOKEN: 'r',
  END_OWN_TOKEN: 'nroscua',
  VIEW_INSTITUTION_REQUESTS: 'o',
  VIEW_REQUEST_QUEUE: 's',
  VERIFY_CERTIFICATE: 's',
  VIEW_CERTIFICATES: 's',
  PUBLISH_AGREEMENT: 's',
  PUBLISH_RELEASE: 's',
  DEPRECATE_RELEASE: 's',
  RETRACT_RELEASE: 's',
  ADD_ERRATUM: 's',
  RECORD_WITHDRAWAL: 's',
  CONFIRM_WITHDRAWAL: 's',
  ATTEST_DESTRUCTION: 'nroscua',
  RECORD_CONSENT: 'sc',
  HALT_ACCESS: 's',
  LIFT_HALT: 's',
  HANDLE_INCIDENT: 's',
  SANCTION: 's',
  FIND_PEOPLE: 's',
  LIFT_BAR: 's',
  VIEW_GROUP_FIGURES: 's',
  QUARANTINE: 'sc',
  JUDGE_QUARANTINE: 's',
  REVIEW_QUARANTINED: 'c',
  INGEST: 'c',
  DRAFT_RELEASE: 'c',
  VIEW_DRAFT: 'sc',
  VIEW_QUALITY: 'c',
  HANDLE_JOBS: 'c',
  OPEN_EXCEPTION: 'c',
  END_EXCEPTION: 'nroscua',
  VIEW_EXCEPTIONS: 'scu',
  READ_AUDIT_LOG: 'su',
  VERIFY_AUDIT_LOG: 'u',
  VIEW_STEPS: 'sa',
  END_TOKEN: 'sa',
  MANAGE_ACCOUNTS: 'a',
  APPOINT_DEPUTY: 'a',
  VIEW_DEPUTIES: 'sa',
  GIVE_ROLE: 'a',
  CHOOSE_INSTITUTION: 'nroscua',
  VIEW_INSTITUTIONS: 'nroscua',
  VIEW_ALL_INSTITUTIONS: 'sa',
  MANAGE_INSTITUTIONS: 'a',
  VIEW_POLICY: 'nroscua',
  VIEW_POLICY_HISTORY: 'sua',
  TIGHTEN_POLICY: 'a',
  LOOSEN_POLICY: 'a',
  HANDLE_MAIL: 'a',
  CHANGE_SETTINGS: 'a',
  VIEW_WITHDRAWAL_TERMS: 'sa',
  SHORTEN_HOLD: 'a',
  VIEW_SETTINGS: 'ca',
  CHANGE_RUN_LIMIT: 'ca',
};

const LETTERS: readonly (readonly [string, Actor, readonly Role[]])[] = [
  ['x', ANONYMOUS, []],
  ['n', researcher, []],
  ['r', researcher, ['researcher']],
  ['o', researcher, ['signing-official']],
  ['s', researcher, ['steward']],
  ['c', researcher, ['curator']],
  ['u', researcher, ['auditor']],
  ['a', researcher, ['admin']],
];

const subject = (changes: Partial<SubjectFacts> = {}): SubjectFacts => ({
  accountId: 'bob',
  institutionId: 'lab',
  coAuthors: [],
  askedBy: 'sue',
  ...changes,
});

const as = (...roles: Role[]): Facts => facts({ account: account({ roles }) });

const ask = (actor: Actor, action: RoleAction, given: Facts, about = subject()): Decision =>
  decide(
    actor,
    action,
    action === 'VIEW_RELEASE' ? { kind: 'release', release } : { kind: 'subject', subject: about },
    given,
    NOW,
  );

const codes = (decision: Decision): readonly ReasonCode[] =>
  decision.allow ? [] : decision.reasons.map(({ code }) => code);

const aboutUni = (action: RoleAction): SubjectFacts =>
  ruleOf(action).ownInstitution === true ? subject({ institutionId: 'uni' }) : subject();

describe('roles', () => {
  it.each([...ROLE_ACTIONS])('%s is for exactly who the table says', (action) => {
    const may = LETTERS.filter(([, actor, roles]) => ask(actor, action, as(...roles), aboutUni(action)).allow);
    expect(may.map(([letter]) => letter).join('')).toBe(MATRIX[action]);
  });

  it('have a row for every action, each with what it is', () => {
    expect(Object.keys(MATRIX)).toEqual(ROLE_ACTIONS);
    expect(ROLE_ACTIONS.every((action) => ruleOf(action).does.length > 5)).toBe(true);
  });

  it('say who is refused why', () => {
    expect(codes(ask(ANONYMOUS, 'INGEST', as('curator')))).toEqual(['NOT_SIGNED_IN']);
    expect(ask(researcher, 'QUARANTINE', as())).toEqual({
      allow: false,
      reasons: [{ code: 'ROLE_MISSING', subject: 'steward or curator' }],
    });
  });

  it('do not help a suspended account, which still sees its own record', () => {
    const suspensions = [{ from: new Date('2025-01-01T00:00:00Z'), until: null }];
    const shut = facts({ account: account({ roles: ['steward'], suspensions }) });
    expect(codes(ask(researcher, 'HALT_ACCESS', shut))).toEqual(['ACCOUNT_SUSPENDED']);
    const open = ROLE_ACTIONS.filter(
      (action) => ruleOf(action).who !== 'everybody' && ask(researcher, action, shut).allow,
    );
    expect(open).toEqual(['VIEW_OWN', 'REPORT_INCIDENT']);
  });

  it('are nothing to a token that is bound to one grant', () => {
    const token: Actor = { kind: 'account', accountId: 'ada', tokenGrantId: 'grant-1' };
    const allowed = ROLE_ACTIONS.filter((action) => ask(token, action, as(...ROLES), aboutUni(action)).allow);
    expect(allowed).toEqual(['VIEW_OPEN', 'VIEW_RELEASE', 'VIEW_OWN', 'VIEW_SCHEMA', 'REPORT_INCIDENT']);
    expect(codes(ask(token, 'CREATE_REQUEST', as('researcher')))).toEqual(['TOKEN_BOUND']);
  });

  it('and one’s own record are shut to a token that has ended', () => {
    const token: Actor = { kind: 'account', accountId: 'ada', tokenGrantId: 'grant-1', tokenId: 'token-1' };
    const living = { id: 'token-1', grantId: 'grant-1', expiresAt: new Date(NOW.getTime() + 1) };
    for (const action of ['VIEW_OWN', 'REPORT_INCIDENT'] as const) {
      expect(ask(token, action, facts({ tokens: [living] })).allow).toBe(true);
      for (const tokens of [[], [{ ...living, expiresAt: NOW }], [{ ...living, grantId: 'grant-2' }]])
        expect(codes(ask(token, action, facts({ tokens })))).toEqual(['TOKEN_ENDED']);
    }
  });

  it('that do not go together count for nothing together', () => {
    const pairs = ROLES.flatMap((one, at) => ROLES.slice(at + 1).map((other) => [one, other] as const));
    const apart = pairs
      .filter(([one, other]) => incompatiblePairs([one, other]).length > 0)
      .map((pair) => [...pair].sort());
    expect(apart.map(String).sort()).toEqual([
      'admin,auditor',
      'admin,curator',
      'admin,steward',
      'auditor,steward',
      'curator,steward',
    ]);
    expect(effectiveRoles(['researcher', 'steward', 'admin'])).toEqual(['researcher']);
    expect(codes(ask(researcher, 'HALT_ACCESS', as('steward', 'auditor')))).toEqual(['ROLE_MISSING']);
    expect(['steward', 'root', ''].map(isRole)).toEqual([true, false, false]);
  });

  it.each([
    ['oneself', { accountId: 'ada' }],
    ["one's own institution", { institutionId: 'uni' }],
    ['a recent co-author', { coAuthors: ['ada'] }],
  ])('let nobody judge %s', (_, about) => {
    for (const action of ['VERIFY_CERTIFICATE', 'SANCTION'] as const) {
      expect(codes(ask(researcher, action, as('steward'), subject(about)))).toEqual(['CONFLICT_OF_INTEREST']);
    }
  });

  it('tell nobody without the role whether it would have been about their own people', () => {
    for (const action of ['VERIFY_CERTIFICATE', 'SANCTION', 'MANAGE_INSTITUTIONS'] as const)
      for (const about of [{}, { accountId: 'ada' }, { institutionId: 'uni' }, { coAuthors: ['ada'] }])
        expect(codes(ask(researcher, action, as('researcher'), subject(about)))).toEqual(['ROLE_MISSING']);
  });

  it('refuse a judgement that says not about whom', () => {
    expect(codes(decide(researcher, 'VERIFY_CERTIFICATE', { kind: 'none' }, as('steward'), NOW))).toEqual([
      'CONFLICT_OF_INTEREST',
    ]);
    expect(
      codes(decide(researcher, 'VIEW_INSTITUTION_REQUESTS', { kind: 'none' }, as('signing-official'), NOW)),
    ).toEqual(['ROLE_MISSING']);
  });

  it('need two people for what takes two', () => {
    const two = ROLE_ACTIONS.filter((action) => ruleOf(action).second === true);
    expect(two).toEqual([
      'PUBLISH_RELEASE',
      'CONFIRM_WITHDRAWAL',
      'LIFT_HALT',
      'LIFT_BAR',
      'APPOINT_DEPUTY',
      'GIVE_ROLE',
      'LOOSEN_POLICY',
      'SHORTEN_HOLD',
    ]);
    for (const action of two) {
      const role = ['APPOINT_DEPUTY', 'GIVE_ROLE', 'LOOSEN_POLICY', 'SHORTEN_HOLD'].includes(action)
        ? 'admin'
        : 'steward';
      expect(codes(ask(researcher, action, as(role), subject({ askedBy: null })))).toEqual(['SECOND_PERSON_NEEDED']);
      expect(codes(ask(researcher, action, as(role), subject({ askedBy: 'ada' })))).toEqual(['SECOND_PERSON_NEEDED']);
    }
  });
});

describe('that a release exists', () => {
  const view = (actor: Actor, state: 'DRAFT' | 'PUBLISHED' | 'DEPRECATED' | 'RETRACTED' | null, given: Facts) =>
    decide(actor, 'VIEW_RELEASE', { kind: 'release', release: state === null ? null : { id: 'r', state } }, given, NOW);

  it('is open once it was published, and known of a draft to who works on it', () => {
    for (const state of ['PUBLISHED', 'DEPRECATED', 'RETRACTED'] as const)
      expect(view(ANONYMOUS, state, as()).allow).toBe(true);
    for (const role of ['steward', 'curator'] as const) expect(view(researcher, 'DRAFT', as(role)).allow).toBe(true);
    for (const role of ['researcher', 'auditor', 'admin', 'signing-official'] as const) {
      expect(view(researcher, 'DRAFT', as(role))).toEqual(view(researcher, null, as(role)));
    }
    expect(codes(view(ANONYMOUS, 'DRAFT', as()))).toEqual(['RELEASE_UNPUBLISHED']);
  });

  it('is known to the job that makes it', () => {
    const job: Actor = { kind: 'system:pipeline', job: { jobId: 'j', actions: [], modalities: [], releaseId: 'r' } };
    expect(view(job, 'DRAFT', as()).allow).toBe(true);
    expect(view({ ...job, job: { ...job.job, releaseId: 'other' } }, 'DRAFT', as()).allow).toBe(false);
  });
});
