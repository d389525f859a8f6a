import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { invitationKeyOf, invitationToken } from '../../../api/services/access/invitation-token.ts';
import { approved, does, ENDS, endorsed, form, items, trained, written } from './steps.ts';
import { type Payload, REQUEST, startWorld, type World } from './world.ts';

let world: World;
const start = async () => {
  world = await startWorld({ patients: 3, submissions: 1, frames: 10 });
};
const stop = () => world.stop();

const VIDEO = { LABELS: ['READ'], VIDEO: ['READ'] } as const;
const READ = '{ release { patients(first: 5) { nodes { code } } } }';

/** Codes of what the person is refused; none where the answer holds patients. */
async function refusedTo(who: 'ada' | 'ben'): Promise<string[]> {
  const { data, errors } = await world.ask(who, READ);
  if (errors === undefined) expect(data.release.patients.nodes).toHaveLength(3);
  return (errors ?? []).flatMap(({ extensions }) =>
    (extensions?.reasons as { code: string }[]).map(({ code }) => code),
  );
}

const types = (request: Payload): string[] => request.events.map(({ type }: { type: string }) => type);

describe('from nothing to data', () => {
  beforeEach(start);
  afterEach(stop);

  it('a request is written, signed, sent in, endorsed, proposed and seconded; then data may be read, until it is revoked', async () => {
    await trained(world, 'ada');
    expect(await refusedTo('ada')).toEqual(['NO_GRANT', 'AGREEMENT_UNSIGNED']);

    const { id, seenHash: seen } = await written(world, VIDEO);
    const { request: sent } = await does(world, 'ada', 'submitAccessRequest', { requestId: id });
    expect([sent.state, sent.whoActsNext]).toEqual(['SUBMITTED', 'SIGNING_OFFICIAL']);
    expect(await refusedTo('ada')).toEqual(['NO_GRANT', 'AGREEMENT_UNSIGNED']);

    const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
    const { request: stands } = await does(world, 'olu', 'endorseAccessRequest', { requestId: id, seen, ...attests });
    expect(stands.whoActsNext).toBe('STEWARD');

    const terms = { requestId: id, seen, items: items(VIDEO), conditions: 'Named servers only.', endsAt: ENDS };
    const { request: proposed } = await does(world, 'sue', 'approveAccessRequest', terms);
    expect(proposed).toMatchObject({ state: 'SUBMITTED', grant: null });
    expect(await refusedTo('ada')).toEqual(['NO_GRANT', 'AGREEMENT_UNSIGNED']);

    const alone = await world.give('sue', 'secondApproval', {
      requestId: id,
      seen,
      termsHash: proposed.proposal.termsHash,
    });
    expect(alone.code).toBe('SAME_STEWARD');
    const { request } = await does(world, 'sam', 'secondApproval', {
      requestId: id,
      seen,
      termsHash: proposed.proposal.termsHash,
    });
    expect(request).toMatchObject({
      state: 'APPROVED',
      whoActsNext: null,
      grant: { state: 'ACTIVE', endsAt: ENDS, items: items(VIDEO) },
    });
    expect(await refusedTo('ada')).toEqual([]);
    const { data } = await world.ask(
      'ada',
      '{ viewer { grants { id conditions } requests { id state title version } } }',
    );
    expect(data.viewer).toEqual({
      grants: [{ id: request.grant.id, conditions: 'Named servers only.' }],
      requests: [{ id, state: 'APPROVED', title: 'Pain in the voice of older patients', version: request.version }],
    });

    const { request: revoked } = await does(world, 'sam', 'revokeGrant', {
      requestId: id,
      reason: 'Copies were passed on.',
    });
    expect(revoked).toMatchObject({ state: 'REVOKED', grant: { state: 'REVOKED' } });
    expect(await refusedTo('ada')).toContain('GRANT_REVOKED');
    expect(types(revoked)).toEqual([
      'RequestCreated',
      'FormEdited',
      'AgreementSigned',
      'RequestSubmitted',
      'RequestEndorsed',
      'GrantProposed',
      'ProposalSeconded',
      'RequestApproved',
      'GrantRevoked',
    ]);
    const commands = (await world.entries('COMMAND')).filter((entry) => entry.request === id);
    expect(commands.map((entry) => entry.command)).toEqual([
      'create',
      'edit',
      'signAgreement',
      'submit',
      'endorse',
      'propose',
      'second',
      'revoke',
    ]);
    expect((await world.entries('COMMAND_REFUSED')).map((entry) => [entry.account, entry.code])).toEqual([
      [world.idOf('sue'), 'SAME_STEWARD'],
    ]);
  });

  it('one steward is enough where nothing identifiable is given', async () => {
    const { id, seenHash: seen } = await endorsed(world);
    const terms = { requestId: id, seen, items: items({ LABELS: ['READ'] }), endsAt: ENDS };
    expect((await does(world, 'sue', 'approveAccessRequest', terms)).request.state).toBe('APPROVED');
  });

  it('invitations from many drafts at once are no more in a day than from one', async () => {
    const drafts = await Promise.all(Array.from({ length: 10 }, () => does(world, 'ben', 'createAccessRequest', {})));
    const answers = await Promise.all(
      drafts.flatMap(({ request }, draft) =>
        Array.from({ length: 8 }, (_, n) =>
          world.give('ben', 'inviteCollaborator', { requestId: request.id, email: `a${draft}.${n}@example.org` }),
        ),
      ),
    );
    expect(answers.filter(({ code }) => code === 'TOO_MANY_INVITATIONS')).toHaveLength(20);
  });

  it('what is begun and commented at once is no more in a day than what comes one by one', async () => {
    await trained(world, 'eve');
    const begun = await Promise.all(Array.from({ length: 33 }, () => world.give('eve', 'createAccessRequest', {})));
    expect(begun.filter(({ code }) => code === 'TOO_MANY_REQUESTS')).toHaveLength(3);
    const { id: requestId } = await endorsed(world);
    const comment = () => world.give('ada', 'commentAccessRequest', { requestId, text: 'And?' });
    await comment();
    await world.db.pool.query(
      `INSERT INTO request_event (request_id, number, type, data, actor_id, at)
       SELECT request_id, number + n, type, data, actor_id, at FROM request_event, generate_series(1, 196) n
       WHERE request_id = $1 AND type = 'CommentAdded'`,
      [requestId],
    );
    const written = await Promise.all(Array.from({ length: 6 }, comment));
    expect(written.filter(({ code }) => code === 'TOO_MANY_COMMENTS')).toHaveLength(3);
    world.clock.at = new Date(world.clock.at.getTime() + 86_400_000);
    expect((await comment()).code).toBeUndefined();
  });

  it('who signs what they have signed adds nothing', async () => {
    const signed = await written(world, VIDEO);
    const again = { requestId: signed.id, version: 1, seen: signed.seenHash };
    const { request } = await does(world, 'ada', 'signAgreement', again);
    expect(request.version).toBe(signed.version);
    expect(types(request).filter((type) => type === 'AgreementSigned')).toHaveLength(1);
  });

  it('a colleague is invited, joins, signs, and loses access with their place on the team', async () => {
    await trained(world, 'ben');
    const { request: begun } = await does(world, 'ada', 'createAccessRequest', {});
    const requestId = begun.id;
    await does(world, 'ada', 'editAccessRequest', { requestId, form: form({ LABELS: ['READ'] }) });
    const { request: asked } = await does(world, 'ada', 'inviteCollaborator', { requestId, email: 'Ben@example.org' });
    const [invitation] = asked.collaborators;
    expect(invitation).toMatchObject({ email: 'ben@example.org', person: null });

    const { data } = await world.ask('ben', '{ viewer { requests { id allowedCommands } } }');
    expect(data.viewer.requests).toEqual([{ id: requestId, allowedCommands: ['acceptInvitation'] }]);
    expect((await world.ask('eve', '{ viewer { requests { id } } }')).data.viewer.requests).toEqual([]);

    const early = await world.give('ada', 'submitAccessRequest', { requestId });
    expect(early.code).toBe('INVITATION_OPEN');
    const { request: joined } = await does(world, 'ben', 'acceptInvitation', {
      requestId,
      invitationId: invitation.invitationId,
      token: invitationToken(invitationKeyOf(world.base.secrets), invitation.invitationId),
    });
    const signs = { requestId, version: 1, seen: joined.seenHash };
    await does(world, 'ada', 'signAgreement', signs);
    const wrong = await world.give('ben', 'signAgreement', { ...signs, typedName: 'Ada Person' });
    expect(wrong.code).toBe('NAME_DIFFERS');
    await does(world, 'ben', 'signAgreement', { ...signs, typedName: ' ben  PERSON ' });
    await does(world, 'ada', 'submitAccessRequest', { requestId });
    const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
    await does(world, 'olu', 'endorseAccessRequest', { requestId, seen: joined.seenHash, ...attests });
    const terms = { requestId, seen: joined.seenHash, items: items({ LABELS: ['READ'] }), endsAt: ENDS };
    await does(world, 'sue', 'approveAccessRequest', terms);
    expect(await refusedTo('ben')).toEqual([]);

    const gone = await does(world, 'ben', 'removeMember', { requestId, accountId: world.idOf('ben') });
    expect(gone.request.collaborators).toEqual([]);
    expect(await refusedTo('ben')).toContain('NO_GRANT');
    expect((await world.ask('ben', '{ viewer { requests { id } } }')).data.viewer.requests).toEqual([]);
  });

  it('a grant rests while it is suspended, and is closed when the destruction of copies is attested and countersigned', async () => {
    await trained(world, 'ada');
    const { id: requestId } = await approved(world);
    await does(world, 'sam', 'suspendGrant', { requestId, reason: 'A report has to be looked into.' });
    expect(await refusedTo('ada')).toContain('GRANT_SUSPENDED');
    await does(world, 'sue', 'resumeGrant', { requestId });
    expect(await refusedTo('ada')).toEqual([]);
    await does(world, 'ada', 'attestCloseOut', { requestId, destroyed: true, statement: 'All wiped.' });
    const { request } = await does(world, 'olu', 'countersignCloseOut', { requestId });
    expect([request.state, request.allowedCommands]).toEqual(['CLOSED', []]);
    expect(await refusedTo('ada')).toContain('GRANT_CLOSED');
  });
});

describe('a request that has moved on', () => {
  beforeAll(start);
  afterAll(stop);

  it('refuses a command that names an older version, and says which one it is at', async () => {
    const request = await written(world);
    const input = { requestId: request.id, form: form({ VIDEO: ['READ'] }), expectedVersion: request.version - 1 };
    const selection = '... on CommandRefused { subject currentVersion }';
    expect(await world.give('ada', 'editAccessRequest', input, selection)).toEqual({
      __typename: 'CommandRefused',
      code: 'REQUEST_CHANGED',
      message: expect.stringContaining('look again'),
      subject: null,
      currentVersion: request.version,
    });
  });

  it('has void signatures after an edit, and none after an edit that changes nothing', async () => {
    const request = await written(world);
    const requestId = request.id;
    const same = await does(world, 'ada', 'editAccessRequest', { requestId, form: form({ LABELS: ['READ'] }) });
    expect([same.request.version, same.request.signatures[0].current]).toEqual([request.version, true]);
    const edited = await does(world, 'ada', 'editAccessRequest', { requestId, form: form({ VIDEO: ['READ'] }) });
    expect(edited.request.signatures).toEqual([{ by: { name: 'Ada Person' }, as: 'MEMBER', current: false }]);
    const early = await world.give('ada', 'submitAccessRequest', { requestId });
    expect(early.code).toBe('AGREEMENT_UNSIGNED');
  });

  it('takes one of two decisions that are made at the same moment', async () => {
    const { id: requestId, seenHash: seen, version: expectedVersion } = await endorsed(world);
    const terms = { requestId, seen, items: items({ LABELS: ['READ'] }), endsAt: ENDS, expectedVersion };
    const both = await Promise.all([
      world.give('sue', 'approveAccessRequest', terms),
      world.give('sam', 'rejectAccessRequest', { requestId, reason: 'Not this.', expectedVersion }),
    ]);
    expect(both.map(({ code }) => code ?? 'DONE').sort()).toEqual(['DONE', 'REQUEST_CHANGED']);
    const { data } = await world.ask('sue', 'query($id: ID!) { accessRequest(id: $id) { state version } }', {
      id: requestId,
    });
    expect(['APPROVED', 'REJECTED']).toContain(data.accessRequest.state);
  });

  it('takes one of two seconds of the same proposal', async () => {
    const { id: requestId, seenHash: seen } = await endorsed(world, VIDEO);
    const terms = { requestId, seen, items: items(VIDEO), endsAt: ENDS };
    const { request } = await does(world, 'sue', 'approveAccessRequest', terms);
    const vote = { requestId, seen, termsHash: request.proposal.termsHash };
    const both = await Promise.all([
      world.give('sam', 'secondApproval', vote),
      world.give('sam', 'secondApproval', vote),
    ]);
    expect(both.map(({ code }) => code ?? 'DONE').sort()).toEqual(['DONE', 'WRONG_STATE']);
    const { rows } = await world.db.pool.query('SELECT count(*)::int AS n FROM data_grant WHERE request_id = $1', [
      requestId,
    ]);
    expect(rows).toEqual([{ n: 1 }]);
  });
});

describe('a form', () => {
  beforeAll(start);
  afterAll(stop);

  it('is kept half-written, and says what it lacks', async () => {
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    await does(world, 'ada', 'editAccessRequest', { requestId: request.id, form: { title: 'Half of it' } });
    const query = 'query($id: ID!) { accessRequest(id: $id) { title formProblems { path message } } }';
    const { data } = await world.ask('ada', query, { id: request.id });
    expect(data.accessRequest.title).toBe('Half of it');
    const paths = data.accessRequest.formProblems.map(({ path }: { path: string }) => path);
    expect(paths).toContain('plainSummary');
    expect(paths).not.toContain('title');

    const early = await world.give(
      'ada',
      'submitAccessRequest',
      { requestId: request.id },
      '... on FormRefused { problems { path } }',
    );
    expect(early).toMatchObject({ __typename: 'FormRefused', code: 'FORM_INCOMPLETE' });
    expect(early.problems.map(({ path }: { path: string }) => path)).toEqual(paths);
  });

  it('is refused where it holds nonsense, with everything that is wrong', async () => {
    const { request } = await does(world, 'ada', 'createAccessRequest', {});
    const nonsense = { title: 'x'.repeat(201), durationMonths: 13, dataUse: ['WHATEVER'] };
    const payload = await world.give(
      'ada',
      'editAccessRequest',
      { requestId: request.id, form: nonsense },
      '... on FormRefused { problems { path } }',
    );
    expect(payload.code).toBe('FORM_INVALID');
    expect(payload.problems.map(({ path }: { path: string }) => path).sort()).toEqual([
      'dataUse.0',
      'durationMonths',
      'title',
    ]);
  });

  it('is for a study that there is', async () => {
    expect(await world.give('ada', 'createAccessRequest', { study: 'nowhere' })).toMatchObject({
      __typename: 'StudyUnknown',
      code: 'STUDY_UNKNOWN',
    });
  });
});

describe('a grant', () => {
  beforeAll(start);
  afterAll(stop);

  it('is no larger than what was asked for', async () => {
    const { id: requestId, seenHash: seen } = await endorsed(world);
    const terms = { requestId, seen, items: items({ LABELS: ['READ', 'EXPORT'] }), endsAt: ENDS };
    const payload = await world.give('sue', 'approveAccessRequest', terms, '... on CommandRefused { subject }');
    expect(payload).toMatchObject({ code: 'NOT_ASKED_FOR', subject: 'LABELS' });
  });
});

describe('who had a say before', () => {
  beforeAll(start);
  afterAll(stop);

  it('steps back, leaves notes, declines, returns, and the team reads what it may', async () => {
    const { id: requestId } = await endorsed(world);
    await does(world, 'sue', 'assignAccessRequest', { requestId, stewardId: world.idOf('sam') });
    await does(world, 'sue', 'commentAccessRequest', { requestId, text: 'I know the applicant.' });
    const { request: stepped } = await does(world, 'sue', 'recuseFromAccessRequest', { requestId });
    expect(stepped.allowedCommands).not.toContain('approveAccessRequest');
    const back = await does(world, 'sam', 'returnAccessRequest', { requestId, changes: 'Say which servers.' });
    expect([back.request.state, back.request.whoActsNext]).toEqual(['RETURNED', 'APPLICANT']);

    const query = `query($id: ID!) { accessRequest(id: $id) { comments { text } lastReason assignedTo { name } events { type } } }`;
    const seenBy = async (who: 'ada' | 'sue') => (await world.ask(who, query, { id: requestId })).data.accessRequest;
    const asSteward = await seenBy('sue');
    expect(asSteward.comments).toEqual([{ text: 'I know the applicant.' }]);
    expect(types(asSteward)).toEqual(expect.arrayContaining(['CommentAdded', 'StewardRecused']));
    const asApplicant = await seenBy('ada');
    expect(asApplicant).toMatchObject({
      comments: [],
      lastReason: 'Say which servers.',
      assignedTo: { name: 'Sam Person' },
    });
    expect(types(asApplicant).filter((type) => ['CommentAdded', 'StewardRecused'].includes(type))).toEqual([]);
    const { request: withdrawn } = await does(world, 'ada', 'withdrawAccessRequest', { requestId });
    expect([withdrawn.state, withdrawn.whoActsNext]).toEqual(['WITHDRAWN', null]);
  });

  it('an official declines with a reason', async () => {
    const { id: requestId } = await written(world);
    await does(world, 'ada', 'submitAccessRequest', { requestId });
    const empty = await world.give('olu', 'declineAccessRequest', { requestId, reason: ' ' });
    expect(empty.code).toBe('REASON_MISSING');
    const { request } = await does(world, 'olu', 'declineAccessRequest', { requestId, reason: 'Ask the dean first.' });
    expect(request.state).toBe('RETURNED');
  });

  it('a proposal is between stewards and the official until it is decided', async () => {
    const { id, seenHash: seen } = await endorsed(world, VIDEO);
    const terms = { requestId: id, seen, items: items(VIDEO), endsAt: ENDS };
    await does(world, 'sue', 'approveAccessRequest', terms);
    const query = `query($id: ID!) { accessRequest(id: $id) { proposal { by { name } } events { type } } }`;
    const seenBy = async (who: 'ada' | 'olu' | 'sam') => (await world.ask(who, query, { id })).data.accessRequest;
    expect((await seenBy('olu')).proposal).toEqual({ by: { name: 'Sue Person' } });
    expect((await seenBy('sam')).proposal).toEqual({ by: { name: 'Sue Person' } });
    const mine = await seenBy('ada');
    expect(mine.proposal).toBeNull();
    expect(types(mine)).not.toContain('GrantProposed');
  });

  it('is told in full what a command has become', async () => {
    const { request } = await does(
      world,
      'ada',
      'createAccessRequest',
      {},
      `... on CreateAccessRequestSuccess { ${REQUEST} }`,
    );
    expect(request).toMatchObject({
      state: 'DRAFT',
      version: 1,
      whoActsNext: 'APPLICANT',
      proposal: null,
      grant: null,
      events: [{ type: 'RequestCreated', by: { name: 'Ada Person' }, text: null }],
    });
  });
});
