import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Foundation } from '../../api/compose.ts';
import { transfers } from '../../api/http/transfers.ts';
import { auditLog } from '../../api/services/audit/audit-log.ts';
import type { Services } from '../../api/services.ts';
import type { AccountActor } from '../../governance/actor.ts';
import { startTestDatabase, type TestDatabase } from '../support/database.ts';
import { addResearcher, type FixturePerson } from '../support/person-fixture.ts';
import { FIXTURE_NOW, fixtureId } from '../support/study-fixture.ts';

let db: TestDatabase;
let person: FixturePerson;
let server: Server;
let actor: AccountActor;
let taken = 0;

beforeAll(async () => {
  db = await startTestDatabase();
  const studyId = fixtureId('demo', 'study');
  await db.pool.query(
    `INSERT INTO study (id, key, title, time_zone, created_at) VALUES ($1, 'demo', 'Demo', 'America/New_York', $2)`,
    [studyId, FIXTURE_NOW],
  );
  person = await addResearcher(db.pool, { name: 'ada', studyId });
  const clock = { now: () => FIXTURE_NOW };
  const base = { database: db.database, clock } as unknown as Foundation;
  const services = {
    audit: auditLog(clock, { uuid: () => randomUUID(), random: randomBytes }),
    uploads: {
      async receive(_: string, body: AsyncIterable<Uint8Array>) {
        for await (const part of body) taken += part.length;
        return { ok: true, sha256: '0'.repeat(64), bytes: taken, contentType: 'application/pdf' };
      },
    },
  } as unknown as Services;
  const log = { error() {} } as never;
  server = createServer(express().use(transfers(base, services, async () => actor, log))).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server?.close();
  await db?.stop();
});

const put = async (who: AccountActor): Promise<number> => {
  actor = who;
  const { port } = server.address() as AddressInfo;
  return (await fetch(`http://127.0.0.1:${port}/uploads`, { method: 'PUT', body: 'x'.repeat(100) })).status;
};

it('files are taken of people in good standing, and of no token that acts for one grant', async () => {
  expect(await put(person.actor)).toBe(200);
  expect(taken).toBe(100);
  expect(await put({ ...person.actor, tokenGrantId: person.grantId })).toBe(403);
  await db.pool.query('UPDATE account SET suspended_at = $2 WHERE id = $1', [person.accountId, FIXTURE_NOW]);
  expect(await put(person.actor)).toBe(403);
  expect(await put({ kind: 'account', accountId: fixtureId('nobody') })).toBe(403);
  expect(taken).toBe(100);
});
