import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CSRF_HEADER, CSRF_VALUE } from '../../api/auth/csrf.ts';
import { EDITOR_PATH } from '../../api/http/persisted-operations.ts';
import { eventually } from '../contracts/eventually.ts';
import { addResearcher } from '../support/person-fixture.ts';
import { type StartedServer, startServerProcess } from '../support/started-server.ts';
import { type SmallDisk, smallDisk } from './support/small-disk.ts';

const LONG = 240_000;
/** More than PostgreSQL keeps of its write-ahead log in advance. */
const LOG_BYTES = 400 * 2 ** 20;

const disk: SmallDisk | null = await smallDisk(512);

describe.skipIf(disk === null)('a full disk under the portal with its embedded parts', () => {
  let server: StartedServer;
  let ownerUrl: string;
  let cookie: string;
  const owner = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client(ownerUrl);
    client.on('error', () => {});
    await client.connect();
    return work(client).finally(() => client.end().catch(() => {}));
  };

  beforeAll(async () => {
    const dataDirectory = join(disk!.folder, 'data');
    server = await startServerProcess({ dataDirectory, settings: { ISS_DEMO: '0', ISS_WORKERS: '1' } });
    const read = async (name: string) => JSON.parse(await readFile(join(dataDirectory, name), 'utf8'));
    const { databasePort } = await read('server.json');
    ownerUrl = `postgresql://postgres:${(await read('secrets.json')).databaseOwner}@127.0.0.1:${databasePort}/postgres`;
    cookie = randomBytes(32).toString('base64url');
    await owner(async (client) => {
      const { rows } = await client.query(`SELECT id FROM study WHERE key = 'iss'`);
      const now = new Date();
      const { accountId } = await addResearcher(client as unknown as pg.Pool, {
        ...{ name: 'ada', studyId: rows[0].id, now },
      });
      await client.query(
        `INSERT INTO portal_session (id, account_id, sealed_tokens, created_at, renewed_at, expires_at) VALUES ($1, $2, 'sealed', $3, $3, $3)`,
        [createHash('sha256').update(cookie).digest('hex'), accountId, new Date(now.getTime() + 10 * 86_400_000)],
      );
    });
  }, LONG);
  afterAll(async () => {
    await server?.stop();
    await disk!.stop();
  });

  const ask = async (query: string, variables = {}) => {
    const response = await fetch(`${server.url}${EDITOR_PATH}`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', origin: server.url, [CSRF_HEADER]: CSRF_VALUE },
        cookie: `iss_session=${cookie}`,
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as { data?: Record<string, never>; errors?: { extensions: { code: string } }[] };
  };
  const BEGIN = `mutation($id: ID!) { createAccessRequest(input: { commandId: $id, study: "iss" }) { ... on CreateAccessRequestSuccess { request { id } } } }`;
  const begins = (id: string) => ask(BEGIN, { id });
  const readyz = async () => (await fetch(`${server.url}/readyz`)).json();
  const requests = () =>
    owner(async (client) => (await client.query('SELECT id FROM access_request ORDER BY id')).rows.map(({ id }) => id));

  it(
    'is said, leaves nothing half-done, and passes by itself once there is room',
    async () => {
      expect(await readyz()).toEqual({ ready: true, missing: [] });
      const before = await requests();
      await disk!.fill();
      expect(await readyz()).toEqual({ ready: false, missing: ['disk space'] });
      // What fits into pages that are there already is still taken, and is there.
      const taken: string[] = [];
      let refused: { id: string; code: string } | null = null;
      while (refused === null && taken.length < 2000) {
        const id = randomUUID();
        const { data, errors } = await begins(id);
        if (errors) refused = { id, code: errors[0]!.extensions.code };
        else
          taken.push(
            (data as unknown as { createAccessRequest: { request: { id: string } } }).createAccessRequest.request.id,
          );
      }
      expect(refused?.code).toBe('STORE_FULL');
      // What writes nothing is answered.
      expect(await ask('{ viewer { roles } }')).toEqual({ data: { viewer: { roles: ['RESEARCHER'] } } });
      expect(await requests()).toEqual([...before, ...taken].toSorted());

      // PostgreSQL's own log finds no room: it ends, and cannot come up.
      const text = `SELECT pg_logical_emit_message(true, 'x', repeat('x', 1000000))`;
      const written = owner(async (client) => {
        for (let bytes = 0; bytes < LOG_BYTES; bytes += 1_000_000) await client.query(text);
      });
      await expect(written).rejects.toThrow(/No space left|terminated|reset/);
      expect((await begins(refused!.id)).errors![0]!.extensions.code).toBe('SERVICE_UNAVAILABLE');
      expect(await readyz()).toEqual({ ready: false, missing: ['database', 'disk space'] });
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

      await disk!.free();
      await eventually('it is ready', async () => (await fetch(`${server.url}/readyz`)).status === 200, 60_000);
      expect(await requests()).toEqual([...before, ...taken].toSorted());
      // The command that was refused is given again, and carried out.
      const { data, errors } = await begins(refused!.id);
      expect(errors).toBeUndefined();
      expect(await requests()).toHaveLength(before.length + taken.length + 1);
      expect(data).toHaveProperty('createAccessRequest.request.id');
    },
    LONG,
  );
});
