import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditExport } from '../../../api/http/audit-export.ts';
import type { RequestActor } from '../../../api/http/request-actor.ts';
import { makeKeyRing } from '../../../api/services/audit/checkpoint-keys.ts';
import { sealAll } from '../../../api/services/audit/sealer.ts';
import { anIo, iss } from '../cli/an-io.ts';
import { approved } from '../mutations/steps.ts';
import { type Name, startWorld, type Who, type World } from '../mutations/world.ts';

let world: World;
let url: string;
let folder: string;
const servers: ReturnType<typeof createServer>[] = [];
const REQUEST_ID = '01990000-0000-7000-8000-000000000001';
const RELEASES = ['01990000-0000-7000-8000-00000000000a', '01990000-0000-7000-8000-00000000000b'] as const;
const GRANT = '01990000-0000-7000-8000-0000000000c1';
const START = Date.parse('2025-01-01T00:00:00Z');

beforeAll(async () => {
  world = await startWorld({ patients: 2, submissions: 1, frames: 10 });
  folder = await mkdtemp(join(tmpdir(), 'iss-entries-'));
  const { audit } = world.services;
  const now = world.clock.at;
  const say = async (minute: number, who: Name | null, action: string, detail = {}, grantId: string | null = null) => {
    world.clock.at = new Date(START + minute * 60_000);
    await audit.write(world.db.database, { accountId: who && world.idOf(who), grantId, action, detail });
  };
  await say(
    1,
    'ada',
    'READ',
    { releases: [RELEASES[0]], modalities: ['LABELS'], patients: ['9001', '9002'], rows: { patients: 2, chunks: 7 } },
    GRANT,
  );
  await say(
    2,
    'ben',
    'READ',
    {
      releases: [RELEASES[0], RELEASES[1]],
      modalities: ['LABELS', 'FACES'],
      patients: ['9001'],
      rows: { patients: 1 },
    },
    GRANT,
  );
  await say(3, 'ada', 'COMMAND', { command: 'submit', request: REQUEST_ID }, null);
  await say(
    4,
    'eve',
    'COMMAND_REFUSED',
    { command: 'revoke', request: REQUEST_ID, note: `"request":"${RELEASES[0]}"` },
    null,
  );
  await say(5, 'ada', 'DOWNLOADED', { release: RELEASES[1], modality: 'AUDIO', bytes: 12 }, GRANT);
  await say(
    5,
    'sam',
    'COMMAND',
    { command: 'revoke', request: REQUEST_ID, reason: '=HYPERLINK("http://x")\u001b[2J' },
    GRANT,
  );
  await say(2, null, 'JOB', { kind: 'late', release: RELEASES[1] }, null);
  world.clock.at = now;
  await sealAll(world.db.database);

  const actorOf = async ({ headers }: express.Request): Promise<RequestActor> =>
    typeof headers.authorization === 'string'
      ? { kind: 'account', accountId: headers.authorization.replace('Bearer ', '') }
      : { kind: 'anonymous' };
  const app = express().use(
    auditExport(world.base, world.services, actorOf, () => makeKeyRing(join(folder, 'data'), world.base.ids.random)),
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((done) => server.once('listening', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
  await world.stop();
});

const QUERY = `query Look($filter: AuditFilter, $order: AuditOrder, $first: Int, $after: String) {
  auditEntries(filter: $filter, order: $order, first: $first, after: $after) {
    nodes { position at action by { name } grant text } pageInfo { hasNextPage endCursor } } }`;
/** What of the arranged entries is found: action and minute. */
const look = async (who: Who, filter: object, more: object = {}) => {
  const { data, errors } = await world.ask(who, QUERY, { filter: { to: '2025-01-02T00:00:00Z', ...filter }, ...more });
  return errors ? errors[0]!.extensions!.code : data.auditEntries.nodes.map(named);
};
const named = ({ action, at }: { action: string; at: string }) => `${action} ${(Date.parse(at) - START) / 60_000}`;

describe('the log', () => {
  it('is looked through by stewards and auditors, the last first or the first first, in the order of time whatever the clock did', async () => {
    const oldest = ['READ 1', 'READ 2', 'JOB 2', 'COMMAND 3', 'COMMAND_REFUSED 4', 'DOWNLOADED 5', 'COMMAND 5'];
    expect(await look('aud', {}, { order: 'OLDEST_FIRST' })).toEqual(oldest);
    expect(await look('sam', {})).toEqual(oldest.toReversed());
  });

  it.each<[string, object, string[]]>([
    ['an account by id', { account: 'ada:id' }, ['DOWNLOADED 5', 'COMMAND 3', 'READ 1']],
    ['an account by name', { account: 'ada' }, ['DOWNLOADED 5', 'COMMAND 3', 'READ 1']],
    ['an account by address', { account: 'BEN@example.org' }, ['READ 2']],
    ['nobody of that name', { account: 'nobody' }, []],
    ['a grant', { grant: GRANT }, ['COMMAND 5', 'DOWNLOADED 5', 'READ 2', 'READ 1']],
    ['what is no grant', { grant: 'x' }, []],
    ['an action', { action: ['READ'] }, ['READ 2', 'READ 1']],
    ['actions', { action: ['READ', 'JOB'] }, ['JOB 2', 'READ 2', 'READ 1']],
    ['no action', { action: [] }, []],
    [
      'a request, and not what somebody wrote',
      { request: REQUEST_ID },
      ['COMMAND 5', 'COMMAND_REFUSED 4', 'COMMAND 3'],
    ],
    ['a text that looks like one', { request: RELEASES[0] }, []],
    ['a release', { release: RELEASES[0] }, ['READ 2', 'READ 1']],
    ['a release that a read of several has too', { release: RELEASES[1] }, ['DOWNLOADED 5', 'JOB 2', 'READ 2']],
    ['a release and actions', { release: RELEASES[1], action: ['READ', 'JOB'] }, ['JOB 2', 'READ 2']],
    ['an account and an action', { account: 'ada', action: ['COMMAND'] }, ['COMMAND 3']],
    ['a time', { from: '2025-01-01T00:02:00Z', to: '2025-01-01T00:04:00Z' }, ['COMMAND 3', 'JOB 2', 'READ 2']],
  ])('is filtered by %s', async (_, filter, found) => {
    const wanted = JSON.parse(JSON.stringify(filter).replace('ada:id', world.idOf('ada')));
    expect(await look('aud', wanted)).toEqual(found);
  });

  it.each([
    'NEWEST_FIRST',
    'OLDEST_FIRST',
  ])('is read page by page, nothing twice and nothing missed (%s)', async (order) => {
    const all = await look('aud', {}, { order });
    const pages: string[] = [];
    for (let after: string | null = null; ; ) {
      const variables = { filter: { to: '2025-01-02T00:00:00Z' }, order, first: 2, after };
      const { data } = await world.ask('aud', QUERY, variables);
      pages.push(...data.auditEntries.nodes.map(named));
      if (!data.auditEntries.pageInfo.hasNextPage) break;
      after = data.auditEntries.pageInfo.endCursor;
    }
    expect(pages).toEqual(all);
    expect(await look('aud', {}, { after: 'no cursor' })).toBe('CURSOR_INVALID');
  });

  it.each<Who>([
    'ada',
    'olu',
    'cy',
    'adm',
    'nob',
    null,
  ])('is not for %s, and a refusal of somebody is in it', async (who) => {
    const before = (await world.entries('COMMAND_REFUSED')).length;
    expect(await look(who, { account: 'ada' })).toBe('FORBIDDEN');
    expect((await world.entries('COMMAND_REFUSED')).length).toBe(before + (who === null ? 0 : 1));
  });

  it('says who looked at it, and for what', async () => {
    await look('aud', { account: 'ben' }, { first: 1 });
    expect((await world.entries('READ_AUDIT_LOG')).at(-1)).toMatchObject({
      account: world.idOf('aud'),
      filter: { account: 'ben' },
      entries: 1,
    });
  });
});

describe('the access log of a grant', () => {
  const ACCESS =
    '{ viewer { grants { id accessLog(first: 10) { nodes { at action name modalities patients rows } } } } }';
  it('tells a member who saw what, how much of it, and nothing else', async () => {
    const { id } = (await approved(world)).grant;
    const account = world.idOf('ada');
    const { audit } = world.services;
    for (const action of ['READ', 'COMMAND', 'RUN_BASELINE'])
      await audit.write(world.db.database, {
        ...{ accountId: world.idOf('ben'), grantId: id, action },
        detail: { modalities: ['LABELS'], patients: ['9001', '9002'], rows: { patients: 2, chunks: 5 }, secret: 'x' },
      });
    const { data } = await world.ask({ accountId: account }, ACCESS);
    const grant = data.viewer.grants.find((one: { id: string }) => one.id === id);
    expect(grant.accessLog.nodes.slice(0, 2)).toEqual(
      ['RUN_BASELINE', 'READ'].map((action) => ({
        ...{ at: expect.any(String), action, name: 'Ben Person' },
        ...{ modalities: ['LABELS'], patients: 2, rows: 7 },
      })),
    );
    expect((await world.entries('READ_ACCESS_LOG')).at(-1)).toMatchObject({ account, grant: id });
    // Those who are no members do not see it, a steward neither.
    const { services } = world;
    const { contextServices } = await import('../../../api/services/context.ts');
    for (const name of ['sam', 'eve', 'aud'] as const) {
      const audits = contextServices(services, { kind: 'account', accountId: world.idOf(name) }, world.base).audits;
      expect(await audits.accessLog(id, { first: 5, after: null }, null), name).toMatchObject({
        ok: false,
        code: 'FORBIDDEN',
      });
    }
  });
});

describe('an export of the log', () => {
  const get = (who: Name | null, query: string) =>
    fetch(`${url}/audit/export?${query}`, { headers: who ? { authorization: `Bearer ${world.idOf(who)}` } : {} });

  it('is JSON lines that prove themselves, in an entry before and one after', async () => {
    await sealAll(world.db.database);
    const response = await get('aud', '');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ position }) => position)).toEqual(lines.map((_, index) => index + 1));
    expect(await world.entries('EXPORT_AUDIT_LOG')).toMatchObject([{ account: world.idOf('aud'), format: 'jsonl' }]);
    expect(await world.entries('AUDIT_LOG_EXPORTED')).toMatchObject([{ entries: lines.length, complete: true }]);
  });

  it('as CSV holds no formula and nothing that a terminal obeys', async () => {
    const response = await get('sam', `format=csv&request=${REQUEST_ID}`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const text = await response.text();
    const lines = text.trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^position,at,action,command,account,name,grant,request,/);
    expect(lines).toHaveLength(4);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/\p{Cc}/u);
    for (const line of lines.slice(1)) expect(line).not.toMatch(/(^|,)"?[=+@\t]/);
  });

  it.each<[Name | null, string, number, string]>([
    [null, '', 401, 'NOT_SIGNED_IN'],
    ['ada', '', 403, 'FORBIDDEN'],
    ['adm', '', 403, 'FORBIDDEN'],
    ['aud', 'format=xml', 400, 'BAD_REQUEST'],
    ['aud', 'from=yesterday', 400, 'BAD_REQUEST'],
    ['aud', 'drop=table', 400, 'BAD_REQUEST'],
  ])('of %s with "%s" is refused with %i', async (who, query, status, code) => {
    const response = await get(who, query);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it('ends when the right to it ends', async () => {
    const { rows } = await world.db.pool.query('SELECT role FROM account_role WHERE account_id = $1', [
      world.idOf('aud'),
    ]);
    expect(rows).toEqual([{ role: 'auditor' }]);
    // Far more than what connections hold, so that it stands still until somebody reads on.
    await world.db.pool.query(
      `INSERT INTO audit_entry (id, at, action, text, hash) SELECT gen_random_uuid(), now(), 'BULK', t, encode(sha256(convert_to(t, 'UTF8')), 'hex')
       FROM (SELECT '{"n":' || n || ',"x":"' || repeat('x', 4000) || '"}' AS t FROM generate_series(1, 12000) n) b`,
    );
    await sealAll(world.db.database);
    const response = await get('aud', '');
    const reader = response.body!.getReader();
    await reader.read();
    await world.db.pool.query('DELETE FROM account_role WHERE account_id = $1', [world.idOf('aud')]);
    const began = performance.now();
    await expect(
      (async () => {
        // Slowly: a reader that goes on reading.
        for (;;) {
          const { done } = await reader.read();
          if (done) return;
          if (performance.now() - began < 1500) await new Promise((go) => setTimeout(go, 100));
        }
      })(),
    ).rejects.toThrow();
    await world.db.pool.query(`INSERT INTO account_role (account_id, role, given_at) VALUES ($1, 'auditor', now())`, [
      world.idOf('aud'),
    ]);
  });

  it('is written to a file by iss audit export, which iss audit verify proves with no server', async () => {
    const output = join(folder, 'log.jsonl');
    const io = anIo({ ISS_URL: url, ISS_TOKEN: world.idOf('aud') });
    expect(await iss(io, 'audit', 'export', '-o', output)).toBe(0);
    expect((await readFile(output, 'utf8')).length).toBeGreaterThan(1000);
    const offline = anIo({});
    expect(await iss(offline, 'audit', 'verify', output)).toBe(0);
    expect(offline.lines[0]).toMatch(/^The log is whole: [\d,]+ entries/);
    const online = anIo({ ISS_URL: url, ISS_TOKEN: world.idOf('aud') });
    expect(await iss(online, 'audit', 'verify', '--server')).toBe(0);
    const refused = anIo({ ISS_URL: url, ISS_TOKEN: world.idOf('ada') });
    expect(await iss(refused, 'audit', 'export', '-o', join(folder, 'no.jsonl'))).toBe(3);
  });
});

describe('strangers', () => {
  it('are counted by the minute and kind, not chained', async () => {
    const { strangers } = world.services;
    await world.give(null, 'placeQuarantine', { patient: '9001', timestamp: '20201201T003232', reason: 'x' });
    for (let n = 0; n < 500; n += 1) strangers.count(`MADE_UP ${n}`);
    await strangers.flush(world.db.database);
    await world.give(null, 'placeQuarantine', { patient: '9001', timestamp: '20201201T003232', reason: 'x' });
    await strangers.flush(world.db.database);
    const { data } = await world.ask('aud', '{ strangerRefusals { minute kind count } }');
    const of = (kind: string) => data.strangerRefusals.find((one: { kind: string }) => one.kind === kind)?.count;
    expect(of('placeQuarantine')).toBe(2);
    expect(data.strangerRefusals.length).toBeLessThan(102);
    expect(of('OTHER')).toBeGreaterThan(300);
    expect(await look('ada', {})).toBe('FORBIDDEN');
  });
});

describe('the same refusal again and again', () => {
  it('is one entry at once, and one with the count when its minute is over', async () => {
    const before = (await world.entries('COMMAND_REFUSED')).length;
    const input = { patient: '9001', timestamp: '20201201T003232', reason: 'again' };
    for (let n = 0; n < 7; n += 1) await world.give('nob', 'placeQuarantine', input);
    await world.services.audit.flush(world.db.database);
    expect((await world.entries('COMMAND_REFUSED')).length).toBe(before + 1);
    const now = world.clock.at;
    world.clock.at = new Date(now.getTime() + 60_001);
    await world.services.audit.flush(world.db.database);
    const entries = await world.entries('COMMAND_REFUSED');
    expect(entries.length).toBeGreaterThan(before + 1);
    expect(entries.find(({ repeated }) => (repeated as { times?: number })?.times === 6)).toMatchObject({
      ...{ account: world.idOf('nob'), command: 'placeQuarantine' },
    });
    await world.give('nob', 'placeQuarantine', input);
    expect((await world.entries('COMMAND_REFUSED')).length).toBe(entries.length + 1);
    world.clock.at = now;
  });
});
