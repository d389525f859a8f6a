import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approved, does, trained } from '../mutations/steps.ts';
import { type Name, startWorld, type World } from '../mutations/world.ts';

let world: World;
let grantId: string;
beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 5 });
  await trained(world, 'ada');
  grantId = (await approved(world, { LABELS: ['READ'] })).grant.id;
  await world.ask('ada', '{ release { patients(first: 1) { nodes { code } } } }');
});
afterAll(() => world.stop());

const INCIDENT = `incident { id kind summary state grantId discoveredAt dueAt reportedAt reportedLate reportedBy { name }
  events { type by { name } text } evidence { id count entries sha256 intact grants } }`;
const success = (mutation: string) =>
  `... on ${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Success { ${INCIDENT} }`;
const hours = (n: number): string => new Date(world.clock.at.getTime() + n * 3_600_000).toISOString();
const report = (who: Name, more: Record<string, unknown> = {}) =>
  does(
    world,
    who,
    'reportIncident',
    { kind: 'LOST_DEVICE', summary: 'A laptop was stolen.', discoveredAt: hours(-2), ...more },
    success('reportIncident'),
  );
const handle = (mutation: string, input: Record<string, unknown>, who: Name = 'sam') =>
  does(world, who, mutation, input, success(mutation));

describe('an incident', () => {
  it('goes from its report to its end, each step by a steward, with a halt and evidence', async () => {
    const { incident } = await report('ada', { grantId });
    expect(incident).toMatchObject({
      state: 'REPORTED',
      dueAt: hours(22),
      reportedLate: false,
      events: [],
      evidence: [],
    });
    const { id } = incident;
    const contained = await handle('containIncident', {
      id,
      what: 'The disk was encrypted; access is halted.',
      halt: { scope: 'GRANT', target: grantId, category: 'INCIDENT', reason: 'A stolen laptop.' },
      evidence: { grants: [grantId], accounts: [world.idOf('ada')], from: hours(-24 * 30), until: hours(1) },
    });
    expect(contained.incident.state).toBe('CONTAINED');
    const [evidence] = contained.incident.evidence;
    expect(evidence).toMatchObject({ grants: [grantId], intact: true });
    expect(evidence.count).toBeGreaterThan(3);
    const halts = (await world.ask('sam', '{ activeHalts { scope target incidentId } }')).data.activeHalts;
    expect(halts).toEqual([{ scope: 'GRANT', target: grantId, incidentId: id }]);
    const told = await handle('notifyIncident', {
      id,
      whom: ['The IRB', 'Office of research'],
      what: 'What happened.',
      at: hours(-1),
    });
    expect(told.incident.state).toBe('NOTIFIED');
    await handle('notifyIncident', { id, whom: ['The patients'], what: 'The same.' });
    const closed = await handle('closeIncident', { id, summary: 'No data left.' }, 'sue');
    expect(closed.incident.state).toBe('CLOSED');
    expect(closed.incident.events.map(({ type }: { type: string }) => type)).toEqual([
      'REPORTED',
      'CONTAINED',
      'NOTIFIED',
      'NOTIFIED',
      'CLOSED',
    ]);
    for (const [mutation, input] of [
      ['containIncident', { what: 'x' }],
      ['notifyIncident', { whom: ['x'], what: 'x' }],
      ['closeIncident', { summary: 'x' }],
      ['gatherEvidence', { grants: [grantId], from: hours(-1) }],
    ] as const)
      expect(await world.give('sam', mutation, { id, ...input })).toMatchObject({ code: 'WRONG_STATE' });
  });

  it('leaves out no step', async () => {
    const { incident } = await report('ada');
    for (const [mutation, input] of [
      ['notifyIncident', { whom: ['x'], what: 'x' }],
      ['closeIncident', { summary: 'x' }],
    ] as const)
      expect(await world.give('sam', mutation, { id: incident.id, ...input })).toMatchObject({ code: 'WRONG_STATE' });
  });

  it('keeps nothing of a containment whose halt or evidence is refused', async () => {
    const { incident } = await report('ada', { grantId });
    const before = (await world.ask('sam', '{ activeHalts { id } }')).data.activeHalts;
    const halt = { scope: 'ALL', reason: 'Now.' };
    for (const [code, more] of [
      ['TARGET_UNKNOWN', { halt: { ...halt, target: 'x' } }],
      ['MOMENT_INVALID', { halt, evidence: { grants: [], accounts: [], from: hours(-1) } }],
      ['MOMENT_INVALID', { halt, evidence: { grants: [grantId], from: hours(1) } }],
      ['SUMMARY_MISSING', { what: ' ', halt }],
    ] as const)
      for (const commandId of [undefined, crypto.randomUUID()])
        expect(
          await world.give('sam', 'containIncident', { id: incident.id, what: 'x', commandId, ...more }),
        ).toMatchObject({ code });
    expect((await world.ask('sam', '{ activeHalts { id } }')).data.activeHalts).toEqual(before);
    expect(
      (await world.ask('sam', `{ incident(id: "${incident.id}") { state events { type } } }`)).data.incident,
    ).toEqual({
      state: 'REPORTED',
      events: [{ type: 'REPORTED' }],
    });
  });

  it('is seen by stewards and by whoever reported it, who sees their report alone', async () => {
    const { incident } = await report('nob', { kind: 'OTHER', summary: 'I saw a face on a poster.' });
    await handle('containIncident', { id: incident.id, what: 'Taken down; it was Eve.' });
    const list = async (who: Name) =>
      (await world.ask(who, '{ incidents { id summary events { text } evidence { id } } }')).data.incidents;
    expect(await list('nob')).toEqual([
      { id: incident.id, summary: 'I saw a face on a poster.', events: [], evidence: [] },
    ]);
    for (const who of ['ada', 'eve', 'olu', 'cy', 'adm'] as const)
      expect((await list(who)).map(({ id }: { id: string }) => id)).not.toContain(incident.id);
    const steward = (await list('sue')).find(({ id }: { id: string }) => id === incident.id);
    expect(steward.events.at(-1).text).toBe('Taken down; it was Eve.');
    expect((await world.ask('eve', `{ incident(id: "${incident.id}") { id } }`)).data.incident).toBeNull();
    expect((await world.ask(null, '{ incidents { id } }')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('under a grant is late after 24 hours, and says so', async () => {
    const { incident } = await report('ada', { grantId, discoveredAt: hours(-25) });
    expect(incident).toMatchObject({ dueAt: hours(-1), reportedLate: true });
  });

  it.each([
    ['of somebody else’s grant', { grantId: '00000000-0000-7000-8000-000000000000' }, 'GRANT_UNKNOWN'],
    ['of no id', { grantId: 'x' }, 'GRANT_UNKNOWN'],
    ['of tomorrow', { discoveredAt: '2025-03-16T12:00:00Z' }, 'MOMENT_INVALID'],
    ['of the far past', { discoveredAt: '1970-01-01T00:00:00Z' }, 'MOMENT_INVALID'],
    ['of nothing', { summary: ' \n ' }, 'SUMMARY_MISSING'],
  ])('%s is not taken', async (_, more, code) => {
    const input = { kind: 'OTHER', summary: 'x', discoveredAt: hours(-1), ...more };
    expect(await world.give('eve', 'reportIncident', input)).toMatchObject({ code });
  });

  it('is taken from a token under its grant, from who is suspended, and from nobody twenty-one times a day', async () => {
    const MUTATION = `mutation ($input: ReportIncidentInput!) { reportIncident(input: $input) { __typename ... on ReportIncidentSuccess { incident { grantId } } ... on ExpectedError { code } } }`;
    const input = { kind: 'LEAKED_CREDENTIAL', summary: 'The token is on a forum.', discoveredAt: hours(-1) };
    const byToken = await world.ask('ada', MUTATION, { input }, { 'x-test-token': grantId });
    expect(byToken.data.reportIncident).toMatchObject({ incident: { grantId } });
    await world.db.pool.query(`UPDATE account SET suspended_at = $2 WHERE id = $1`, [world.idOf('eve'), hours(-1)]);
    expect(await world.give('eve', 'reportIncident', input)).toMatchObject({ __typename: 'ReportIncidentSuccess' });
    for (let n = 1; n < 20; n++) await world.give('eve', 'reportIncident', input);
    expect(await world.give('eve', 'reportIncident', input)).toMatchObject({ code: 'TOO_MANY_REPORTS' });
  });

  it('is told to every steward by mail, without what it is about', async () => {
    const { rows } = await world.db.pool.query(
      `SELECT account_id, data FROM outbox WHERE template = 'incident-reported' ORDER BY queued_at LIMIT 2`,
    );
    expect(rows.map(({ account_id }) => account_id).sort()).toEqual([world.idOf('sam'), world.idOf('sue')].sort());
    expect(rows[0].data).toEqual({ kind: 'LOST_DEVICE', late: false });
  });

  it('has evidence that says when an entry was altered or removed', async () => {
    const { incident } = await report('ada', { grantId });
    const gathered = await handle('gatherEvidence', {
      id: incident.id,
      grants: [grantId],
      from: hours(-24 * 30),
      until: hours(1),
    });
    const [evidence] = gathered.incident.evidence;
    expect(evidence.intact).toBe(true);
    const intact = async () =>
      (await world.ask('sam', `{ incident(id: "${incident.id}") { evidence { intact } } }`)).data.incident.evidence[0]
        .intact;
    // As a superuser, past the triggers.
    const attack = async (statement: string, undo: string) => {
      const client = await world.db.pool.connect();
      await client.query(`SET session_replication_role = replica`);
      await client.query(statement, [evidence.entries[0]]);
      const seen = await intact();
      await client.query(undo, [evidence.entries[0]]);
      await client.query(`SET session_replication_role = DEFAULT`);
      client.release();
      return seen;
    };
    expect(
      await attack(
        `UPDATE audit_entry SET text = replace(text, '"', '~') WHERE id = $1`,
        `UPDATE audit_entry SET text = replace(text, '~', '"') WHERE id = $1`,
      ),
    ).toBe(false);
    expect(await intact()).toBe(true);
    await expect(world.db.pool.query('DELETE FROM incident_evidence')).rejects.toThrow('append-only');
    await expect(world.db.database.query('UPDATE incident_event SET data = data')).rejects.toThrow('permission denied');
  });
});

it('reports that come all at once are no more than those that come one by one', async () => {
  const input = { kind: 'OTHER', summary: 'x', discoveredAt: hours(-1) };
  const answers = await Promise.all(Array.from({ length: 40 }, () => world.give('ben', 'reportIncident', input)));
  expect(answers.filter(({ code }) => code === 'TOO_MANY_REPORTS')).toHaveLength(20);
});
