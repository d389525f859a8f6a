import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { invitationKeyOf, invitationToken } from '../../../api/services/access/invitation-token.ts';
import { approved, does, ENDS, endorsed, form, items, trained, written } from './steps.ts';
import { type Name, startWorld, type World } from './world.ts';

let world: World;
let today = new Date('2025-03-15T12:00:00Z');
afterEach(() => {
  world.clock.at = today;
});
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
  await trained(world, 'ada');
});
afterAll(() => world.stop());

const tokenOf = (invitationId: string): string => invitationToken(invitationKeyOf(world.base.secrets), invitationId);
const AMENDMENT =
  'request { id state version seenHash whoActsNext allowedCommands amendment { id state seenHash proposal { termsHash } collaborators { email person { id } } } grant { id state endsAt items { modality uses } } }';
const done = (mutation: string): string =>
  `... on ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Success { ${AMENDMENT} }`;
const gives = async (who: Name, mutation: string, input: Record<string, unknown>) =>
  (await does(world, who, mutation, input, done(mutation))).request;
const refusedTo = async (who: Name, grant: string): Promise<string[]> => {
  const { errors } = await world.ask(
    who,
    '{ release { patients(first: 1) { nodes { code } } } }',
    {},
    { 'iss-grant': grant },
  );
  const reasons = (errors?.[0]?.extensions?.reasons ?? []) as { code: string }[];
  return reasons.map(({ code }) => code);
};
/** What of that is for the grant to say: certificates have ends of their own. */
const grantSays = async (who: Name, grant: string): Promise<string[]> =>
  (await refusedTo(who, grant)).filter((code) => code.includes('GRANT'));

describe('an amendment', () => {
  it('adds a member and faces, while the grant lives on as it was; the member has access with its approval, and their own training', async () => {
    const granted = await approved(world);
    const requestId = granted.id;
    const grant = granted.grant.id;
    const asked = { LABELS: ['READ'], FACES: ['RUN'] } as const;
    await gives('ada', 'amendAccessRequest', { requestId });
    await gives('ada', 'editAccessRequest', { requestId, form: form(asked) });
    const invited = await gives('ada', 'inviteCollaborator', { requestId, email: 'ben@example.org' });
    const [invitation] = invited.amendment.collaborators.length > 0 ? await openInvitations(requestId) : [];
    const joined = await gives('ben', 'acceptInvitation', {
      requestId,
      invitationId: invitation,
      token: tokenOf(invitation!),
    });
    const seen = joined.amendment.seenHash;
    expect(await refusedTo('ada', grant)).toEqual([]);
    expect(await refusedTo('ben', grant)).toContain('NO_GRANT');

    for (const who of ['ada', 'ben'] as const) await gives(who, 'signAgreement', { requestId, version: 1, seen });
    await gives('ada', 'submitAccessRequest', { requestId });
    const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
    const waits = await gives('olu', 'endorseAccessRequest', { requestId, seen, ...attests });
    expect([waits.state, waits.whoActsNext, waits.grant.items]).toEqual([
      'APPROVED',
      'STEWARD',
      items({ LABELS: ['READ'] }),
    ]);
    const terms = { requestId, seen, items: items(asked), endsAt: ENDS };
    const { rows } = await world.db.pool.query('SELECT starts_at FROM data_grant WHERE id = $1', [grant]);
    const proposed = await gives('sue', 'approveAccessRequest', {
      ...terms,
      startsAt: rows[0].starts_at.toISOString(),
    });
    expect(await refusedTo('ben', grant)).toContain('NO_GRANT');
    const { termsHash } = proposed.amendment.proposal;
    const given = await gives('sam', 'secondApproval', { requestId, seen, termsHash });
    expect(given).toMatchObject({ amendment: null, grant: { id: grant, state: 'ACTIVE', items: items(asked) } });

    // On the team, and not with data before their own training is proved.
    expect(await refusedTo('ben', grant)).toEqual(['TRAINING_MISSING', 'TRAINING_MISSING', 'TRAINING_MISSING']);
    await trained(world, 'ben');
    expect(await refusedTo('ben', grant)).toEqual([]);
    // Taken off, they are out at once; the others' signatures stand.
    await gives('olu', 'removeMember', { requestId, accountId: world.idOf('ben') });
    expect(await refusedTo('ben', grant)).toContain('NO_GRANT');
    expect(await refusedTo('ada', grant)).toEqual([]);
    await does(world, 'sam', 'revokeGrant', { requestId, reason: 'End of the test.' });
    await does(world, 'ada', 'attestCloseOut', { requestId, destroyed: true, statement: 'All wiped.' });
  });
});

async function openInvitations(requestId: string): Promise<string[]> {
  const { rows } = await world.db.pool.query(
    `SELECT data ->> 'invitationId' AS id FROM request_event WHERE request_id = $1 AND type = 'CollaboratorInvited' ORDER BY number DESC`,
    [requestId],
  );
  return rows.map(({ id }) => id);
}

describe('an invitation', () => {
  it('goes out by mail with a token that the database does not hold, and opens to nobody without it', async () => {
    const { id: requestId } = await written(world);
    await gives('ada', 'inviteCollaborator', { requestId, email: 'ben@example.org' });
    const [invitationId] = await openInvitations(requestId);
    const token = tokenOf(invitationId!);
    const { rows } = await world.db.pool.query(
      `SELECT (SELECT json_agg(o) FROM outbox o)::text || (SELECT json_agg(e) FROM request_event e)::text || (SELECT json_agg(a) FROM audit_entry a)::text || (SELECT json_agg(j) FROM job j)::text AS everything`,
    );
    expect(rows[0].everything).toContain(invitationId);
    expect(rows[0].everything).not.toContain(token);
    for (const wrong of ['', token.slice(1), tokenOf(randomUUID()), 'x'.repeat(5_000)]) {
      const { code } = await world.give('ben', 'acceptInvitation', { requestId, invitationId, token: wrong });
      expect(code).toBe('INVITATION_TOKEN_WRONG');
    }
    // Whoever else has the message cannot use it.
    expect((await world.give('eve', 'acceptInvitation', { requestId, invitationId, token })).code).toBe('NOT_FOUND');
    const joined = await gives('ben', 'acceptInvitation', { requestId, invitationId, token });
    expect(joined.state).toBe('DRAFT');
    expect((await world.give('ben', 'acceptInvitation', { requestId, invitationId, token })).code).toBe(
      'NOT_PERMITTED',
    );
  });

  it('to somebody of another institution leads to a linked request of their own', async () => {
    const { id: requestId } = await written(world);
    await gives('ada', 'inviteCollaborator', { requestId, email: 'eve@example.org' });
    const [invitationId] = await openInvitations(requestId);
    const input = { requestId, invitationId, token: tokenOf(invitationId!) };
    expect((await world.give('eve', 'acceptInvitation', input)).code).toBe('OTHER_INSTITUTION');
    const linked = '... on CreateAccessRequestSuccess { request { linkedTo institution { name } } }';
    const { request } = await does(world, 'eve', 'createAccessRequest', { linkedTo: requestId }, linked);
    expect(request).toEqual({ linkedTo: requestId, institution: { name: 'lab' } });
    // A request that one may not know of is none.
    expect((await world.give('ben', 'createAccessRequest', { linkedTo: requestId })).code).toBe('NOT_FOUND');
    expect((await world.give('eve', 'createAccessRequest', { linkedTo: 'x' })).code).toBe('NOT_FOUND');
  });
});

/** What the applicant was told about a request, by mail, oldest first. */
const toldOf = async (requestId: string): Promise<string[]> => {
  const { rows } = await world.db.pool.query(
    `SELECT template FROM outbox WHERE once LIKE $1 AND account_id = $2 ORDER BY queued_at, once`,
    [`request.${requestId}.%`, world.idOf('ada')],
  );
  return rows.map(({ template }) => template);
};

describe('a renewal', () => {
  it('leaves no gap: the old grant runs on until the new one starts', async () => {
    const { id: old, grant } = await approved(world);
    world.clock.at = new Date('2026-02-20T12:00:00Z');
    const renewed = '... on RenewAccessRequestSuccess { request { id state seenHash renewalOf progressReport } }';
    const input = { requestId: old, progressReport: 'Two papers.', commandId: randomUUID() };
    const { request } = await does(world, 'ada', 'renewAccessRequest', input, renewed);
    expect(request).toMatchObject({ state: 'DRAFT', renewalOf: old, progressReport: 'Two papers.' });
    expect((await does(world, 'ada', 'renewAccessRequest', input, renewed)).request).toEqual(request);
    await does(world, 'ada', 'signAgreement', { requestId: request.id, version: 1, seen: request.seenHash });
    await does(world, 'ada', 'submitAccessRequest', { requestId: request.id });
    // A day after the end of the old grant it is still in force.
    world.clock.at = new Date('2026-03-02T12:00:00Z');
    await world.services.requests.expireDue();
    expect(await grantSays('ada', grant.id)).toEqual([]);
    const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
    await does(world, 'olu', 'endorseAccessRequest', { requestId: request.id, seen: request.seenHash, ...attests });
    const terms = {
      requestId: request.id,
      seen: request.seenHash,
      items: items({ LABELS: ['READ'] }),
      endsAt: '2027-03-01T05:00:00Z',
    };
    expect((await world.give('sue', 'approveAccessRequest', { ...terms, startsAt: '2026-04-15T00:00:00Z' })).code).toBe(
      'RENEWAL_GAP',
    );
    const { request: given } = await does(world, 'sue', 'approveAccessRequest', terms);
    expect(await grantSays('ada', given.grant.id)).toEqual([]);
    expect(await grantSays('ada', grant.id)).toContain('GRANT_EXPIRED');
    // Told that it went on and is renewed, not that it has ended.
    expect(await toldOf(old)).toEqual(['request-approved', 'grant-extended', 'grant-renewed']);
    // No grant need be named: there is one, not two.
    const { errors } = await world.ask('ada', '{ release { patients(first: 1) { nodes { code } } } }');
    expect(JSON.stringify(errors)).not.toContain('GRANT_');
    await does(world, 'sam', 'revokeGrant', { requestId: given.id, reason: 'End of the test.' });
  });

  it('that is not sent in does not lengthen the grant, and the grant ends at the instant of its end', async () => {
    const { id: requestId, grant } = await approved(world);
    world.clock.at = new Date('2026-02-20T12:00:00Z');
    await does(world, 'ada', 'renewAccessRequest', { requestId, progressReport: 'Two papers.' }, '');
    world.clock.at = new Date(Date.parse(ENDS) - 1);
    expect(await grantSays('ada', grant.id)).toEqual([]);
    world.clock.at = new Date(ENDS);
    expect(await grantSays('ada', grant.id)).toContain('GRANT_EXPIRED');
    await world.services.requests.expireDue();
    await world.services.requests.expireDue();
    expect(await toldOf(requestId)).toEqual(['request-approved', 'grant-expired']);
    await does(world, 'ada', 'attestCloseOut', { requestId, destroyed: true, statement: 'All wiped.' });
    await does(world, 'olu', 'countersignCloseOut', { requestId });
  });
});

describe('an applicant who leaves', () => {
  it('suspends the grant, which a successor whom the official endorses leads on', async () => {
    const { id: requestId, seenHash: seen } = await (async () => {
      const begun = await written(world);
      await gives('ada', 'inviteCollaborator', { requestId: begun.id, email: 'ben@example.org' });
      const [invitationId] = await openInvitations(begun.id);
      return gives('ben', 'acceptInvitation', { requestId: begun.id, invitationId, token: tokenOf(invitationId!) });
    })();
    for (const who of ['ada', 'ben'] as const) await does(world, who, 'signAgreement', { requestId, version: 1, seen });
    await does(world, 'ada', 'submitAccessRequest', { requestId });
    const attests = { agreementVersion: 1, attestsEmployment: true, attestsSeniority: true };
    await does(world, 'olu', 'endorseAccessRequest', { requestId, seen, ...attests });
    const terms = { requestId, seen, items: items({ LABELS: ['READ'] }), endsAt: ENDS };
    const { request } = await does(world, 'sue', 'approveAccessRequest', terms);
    const grant = request.grant.id;
    expect(await refusedTo('ben', grant)).toEqual([]);
    await world.db.pool.query(
      'UPDATE account SET institution_id = (SELECT institution_id FROM account WHERE id = $2) WHERE id = $1',
      [world.idOf('ada'), world.idOf('eve')],
    );
    await world.services.requests.expireDue();
    expect(await refusedTo('ben', grant)).toContain('GRANT_SUSPENDED');
    expect((await world.give('sam', 'resumeGrant', { requestId })).code).toBe('NOT_ENDORSED');
    await does(world, 'olu', 'endorseAccessRequest', { requestId, seen, ...attests, successorId: world.idOf('ben') });
    await does(world, 'sam', 'resumeGrant', { requestId });
    expect(await refusedTo('ben', grant)).toEqual([]);
    expect(await refusedTo('ada', grant)).toContain('NO_GRANT');
    await world.db.pool.query(
      'UPDATE account SET institution_id = (SELECT institution_id FROM account WHERE id = $2) WHERE id = $1',
      [world.idOf('ada'), world.idOf('ben')],
    );
    await does(world, 'sam', 'revokeGrant', { requestId, reason: 'End of the test.' });
  });
});

describe('a conflict', () => {
  it('keeps a steward and an official from deciding about their co-authors for three years, where they declared it', async () => {
    const { id: requestId, seenHash: seen } = await endorsed(world);
    const terms = { requestId, seen, items: items({ LABELS: ['READ'] }), endsAt: ENDS };
    const declared = '... on DeclareCoAuthorSuccess { coAuthor { lastPublishedOn } }';
    const future = { other: 'ada@example.org', lastPublishedOn: '2025-03-17' };
    expect((await world.give('sue', 'declareCoAuthor', future)).code).toBe('DATES_INVALID');
    await does(world, 'sue', 'declareCoAuthor', { other: 'Ada@Example.org', lastPublishedOn: '2022-03-15' }, declared);
    expect((await world.give('sue', 'approveAccessRequest', terms)).code).toBe('CONFLICT_OF_INTEREST');
    const offered = await world.ask('sue', 'query ($id: ID!) { accessRequest(id: $id) { allowedCommands } }', {
      id: requestId,
    });
    expect(offered.data.accessRequest.allowedCommands).not.toContain('approveAccessRequest');
    // A day later it is three years and a day ago.
    today = new Date('2025-03-16T12:00:00Z');
    world.clock.at = today;
    await does(world, 'sue', 'approveAccessRequest', terms);
    await does(world, 'sam', 'revokeGrant', { requestId, reason: 'End of the test.' });
  });

  it('is declared in the same way of an address that nobody has, counts for who declared it, and is taken back', async () => {
    const { id: requestId, seenHash: seen } = await endorsed(world);
    const terms = { requestId, seen, items: items({ LABELS: ['READ'] }), endsAt: ENDS };
    const declares = async (who: Name, other: string) =>
      (
        await does(
          world,
          who,
          'declareCoAuthor',
          { other, lastPublishedOn: '2025-01-10' },
          '... on DeclareCoAuthorSuccess { coAuthor { other accountId } }',
        )
      ).coAuthor;
    // An applicant who names the stewards does not choose who judges, and learns of nobody whether they are here.
    for (const other of ['sam@example.org', 'sue@example.org', 'nobody@example.org', randomUUID()])
      expect(await declares('ada', other)).toEqual({ other, accountId: world.idOf('ada') });
    await declares('sue', 'ada@example.org');
    const takes = (who: Name, other: string) =>
      does(world, who, 'withdrawCoAuthor', { other }, '... on WithdrawCoAuthorSuccess { withdrawn }');
    expect((await takes('ada', 'ada@example.org')).withdrawn).toBe(0);
    expect((await world.give('sue', 'approveAccessRequest', terms)).code).toBe('CONFLICT_OF_INTEREST');
    expect((await takes('sue', 'Ada@example.org')).withdrawn).toBeGreaterThan(0);
    expect((await takes('sue', 'ada@example.org')).withdrawn).toBe(0);
    await does(world, 'sue', 'approveAccessRequest', terms);
    await does(world, 'sam', 'revokeGrant', { requestId, reason: 'End of the test.' });
  });

  it('stands in the form as well', async () => {
    const { request: begun } = await does(world, 'ada', 'createAccessRequest', {});
    const coAuthors = [{ name: 'Sam Person', email: 'sam@example.org', lastPublishedOn: '2024-06-01' }];
    const { request } = await does(world, 'ada', 'editAccessRequest', {
      requestId: begun.id,
      form: { ...form({ LABELS: ['READ'] }), coAuthors },
    });
    await does(world, 'ada', 'signAgreement', { requestId: begun.id, version: 1, seen: request.seenHash });
    await does(world, 'ada', 'submitAccessRequest', { requestId: begun.id });
    const no = await world.give('sam', 'rejectAccessRequest', { requestId: begun.id, reason: 'No.' });
    expect(no.code).toBe('CONFLICT_OF_INTEREST');
    await does(world, 'sue', 'rejectAccessRequest', { requestId: begun.id, reason: 'No.' });
  });

  it('leaves a request to a deputy whom two administrators appoint, and to no deputy otherwise', async () => {
    const { id: requestId, seenHash: seen } = await endorsed(world);
    const second = randomUUID();
    const pool = world.db.pool;
    await pool.query(
      `INSERT INTO account (id, issuer, subject, username, name, email, created_at) VALUES ($1, 'fixture', 'adm2', 'adm2', 'Adm Two', 'adm2@example.org', now())`,
      [second],
    );
    await pool.query(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'admin', now())`, [second]);
    const asks = { accountId: world.idOf('oda'), endsAt: '2025-12-01T00:00:00Z', reason: 'Both stewards are away.' };
    const asked = await does(
      world,
      'adm',
      'askForDeputySteward',
      asks,
      '... on AskForDeputyStewardSuccess { stepId seenHash }',
    );
    const confirms = { stepId: asked.stepId, seen: asked.seenHash };
    expect((await world.give('adm', 'confirmDeputySteward', confirms)).code).toBe('SAME_PERSON');
    expect((await world.give({ accountId: second }, 'confirmDeputySteward', confirms)).__typename).toBe(
      'ConfirmDeputyStewardSuccess',
    );
    const terms = { requestId, seen, items: items({ LABELS: ['READ'] }), endsAt: ENDS };
    expect((await world.give('oda', 'approveAccessRequest', terms)).code).toBe('NOT_FOUND');
    for (const steward of ['sam', 'sue'] as const) await does(world, steward, 'recuseFromAccessRequest', { requestId });
    await does(world, 'oda', 'approveAccessRequest', terms);
    await does(world, 'adm', 'endDeputySteward', { accountId: world.idOf('oda') }, '');
    expect((await world.give('oda', 'rejectAccessRequest', { requestId, reason: 'No.' })).code).toBe('NOT_FOUND');
    await does(world, 'sam', 'revokeGrant', { requestId, reason: 'End of the test.' });
  });
});

describe('a comment', () => {
  it('is among stewards, or for the applicant, who is told by mail that there is one', async () => {
    const { id: requestId } = await endorsed(world);
    await does(world, 'sam', 'commentAccessRequest', { requestId, text: 'I doubt it.' });
    await does(world, 'sam', 'commentAccessRequest', { requestId, text: 'Which servers?', to: 'APPLICANT' });
    const read = async (who: Name) => {
      const { data } = await world.ask(
        who,
        'query ($id: ID!) { accessRequest(id: $id) { comments { text to } events { text } } }',
        { id: requestId },
      );
      return JSON.stringify(data.accessRequest);
    };
    for (const who of ['ada', 'olu'] as const) expect(await read(who)).not.toContain('I doubt it.');
    expect(await read('ada')).toContain('Which servers?');
    expect(await read('olu')).not.toContain('Which servers?');
    expect(await read('sue')).toContain('I doubt it.');
    const { rows } = await world.db.pool.query(`SELECT data::text FROM outbox WHERE template = 'request-comment'`);
    expect(rows).toHaveLength(1);
    expect(rows[0].data).not.toContain('servers');
    await does(world, 'ada', 'withdrawAccessRequest', { requestId });
  });
});

describe('two stewards at once', () => {
  it.each([
    1, 2, 3,
  ])('of two different decisions one wins, the other is told that the request has changed (%i)', async () => {
    const { id: requestId, seenHash: seen, version: expectedVersion } = await endorsed(world);
    const answers = await Promise.all([
      world.give('sue', 'approveAccessRequest', {
        requestId,
        seen,
        expectedVersion,
        items: items({ LABELS: ['READ'] }),
        endsAt: ENDS,
      }),
      world.give('sam', 'rejectAccessRequest', { requestId, expectedVersion, reason: 'No.' }),
      world.give('ada', 'withdrawAccessRequest', { requestId, expectedVersion }),
      world.give('olu', 'declineAccessRequest', { requestId, expectedVersion, reason: 'No.' }),
    ]);
    const codes = answers.map(({ code, __typename }) => code ?? __typename.replace(/^.*Success$/, 'done')).sort();
    expect(codes).toEqual(['REQUEST_CHANGED', 'REQUEST_CHANGED', 'REQUEST_CHANGED', 'done']);
    const { rows } = await world.db.pool.query(
      'SELECT count(*)::int AS n FROM request_event WHERE request_id = $1 AND number > $2',
      [requestId, expectedVersion],
    );
    expect(rows[0].n).toBeLessThanOrEqual(2);
    const { data } = await world.ask('sam', 'query ($id: ID!) { accessRequest(id: $id) { state } }', { id: requestId });
    if (data.accessRequest.state === 'APPROVED') await does(world, 'sam', 'revokeGrant', { requestId, reason: 'End.' });
  });
});

describe('what anybody may know', () => {
  it('are approved uses, as text, and how long the queue takes, without a median of few', async () => {
    const { data, errors } = await world.ask(
      null,
      '{ approvedUses(first: 50) { totalCount nodes { applicant institution title plainSummary modalities startsAt endsAt state } } queueMetrics { waiting waitingForOfficial waitingForSteward months { month received answered decided medianDaysToAnswer medianDaysToDecision } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.approvedUses.nodes[0]).toMatchObject({
      applicant: expect.stringContaining('Person'),
      institution: 'uni',
      modalities: ['LABELS'],
    });
    expect(JSON.stringify(data)).not.toContain('@example.org');
    const march = data.queueMetrics.months.find(({ month }: { month: string }) => month === '2025-03');
    expect(march.received).toBeGreaterThanOrEqual(march.decided);
    expect(march.decided).toBeGreaterThanOrEqual(5);
    expect(march.medianDaysToDecision).toBe(0);
    const few = data.queueMetrics.months.filter(({ decided }: { decided: number }) => decided < 5);
    for (const month of few) expect(month.medianDaysToDecision).toBeNull();
  });
});

describe('a form', () => {
  const saved = (changes: object) =>
    world.give(
      'ada',
      'editAccessRequest',
      { requestId: draft, form: { ...form({ LABELS: ['READ'] }), ...changes } },
      `... on EditAccessRequestSuccess { request { form { title plainSummary } } } ... on FormRefused { problems { path } }`,
    );
  let draft = '';
  beforeAll(async () => {
    draft = (await does(world, 'ada', 'createAccessRequest', {})).request.id;
  });

  it.each([
    [
      'markup',
      { title: '<script>alert(1)</script>', plainSummary: '<img src=x onerror=alert(1)> and so on, in plain words' },
    ],
    [
      'a formula',
      { title: '=HYPERLINK("http://evil.example")', plainSummary: "@SUM(1+1)*cmd|' /C calc'!A0, as plain as can be" },
    ],
    [
      'SQL',
      { title: "'; DROP TABLE access_request; --", plainSummary: 'words enough to be a summary of the research' },
    ],
  ])('keeps %s as the text that it is', async (_, text) => {
    expect((await saved(text)).request.form).toEqual(text);
  });

  it.each([
    ['a line break in a title', { title: 'One\nTwo lines' }],
    ['an escape sequence', { plainSummary: 'A summary that is long enough \u001b[2J and clears the screen' }],
    ['marks that turn text around', { title: 'Innocent \u202e gnihton' }],
    ['a title of a book', { title: 'x'.repeat(201) }],
    ['a summary of a book', { plainSummary: 'x'.repeat(4_001) }],
    ['no time at all', { durationMonths: 0 }],
    ['a time before now', { durationMonths: -3 }],
    ['more than a year', { durationMonths: 13 }],
    ['a co-author on no day', { coAuthors: [{ name: 'Sam', email: 'sam', lastPublishedOn: '2024-02-29' }] }],
  ])('refuses %s', async (_, text) => {
    expect((await saved(text)).code).toBe('FORM_INVALID');
  });

  it('is refused in the far future and for no time', async () => {
    const { id: requestId, seenHash: seen } = await endorsed(world);
    const given = (endsAt: string, startsAt = '2025-03-16T12:00:00Z') =>
      world.give('sue', 'approveAccessRequest', {
        requestId,
        seen,
        items: items({ LABELS: ['READ'] }),
        startsAt,
        endsAt,
      });
    expect((await given('9999-12-31T23:59:59Z')).code).toBe('TERM_TOO_LONG');
    expect((await given('2025-03-16T12:00:00Z')).code).toBe('TERM_INVALID');
    expect((await given('2025-06-01T00:00:00Z', '2025-07-01T00:00:00Z')).code).toBe('TERM_INVALID');
    expect((await given('2025-06-01T00:00:00Z', '1970-01-01T00:00:00Z')).code).toBe('TERM_INVALID');
    const long = await world.give('sam', 'rejectAccessRequest', { requestId, reason: 'x'.repeat(10_001) });
    expect(long.code).toBe('TEXT_TOO_LONG');
  });
});
