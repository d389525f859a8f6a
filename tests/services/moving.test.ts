import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../api/adapters/database/embedded-postgres.ts';
import { s3Client } from '../../api/adapters/objects/s3/s3-client.ts';
import { composeServer } from '../../api/compose.ts';
import { readConfig } from '../../api/config.ts';
import { startServer } from '../../api/server.ts';
import { openSystem } from '../../api/services/backup/system.ts';
import { eventually } from '../contracts/eventually.ts';
import { iss } from '../e2e/support/iss.ts';
import { addResearcher } from '../support/person-fixture.ts';
import { allObjects, allRows, rules } from '../support/snapshot.ts';
import { type StartedServer, startServerProcess } from '../support/started-server.ts';
import { fillStudy } from '../support/study-fixture.ts';
import { type KeycloakServer, startKeycloak } from './support/keycloak.ts';
import { type RedisServer, startRedis } from './support/redis.ts';
import { absent, freePort, removeFolder, temporaryFolder } from './support/service.ts';
import { type S3Server, startS3 } from './support/versitygw.ts';

const missing = [absent('keycloak'), absent('versitygw'), absent('redis')].includes(true);

interface Snapshot {
  rows: Record<string, string[]>;
  rules: unknown[];
  objects: Record<string, string>;
}

interface Answer {
  status: number;
  body: {
    code?: string;
    data?: {
      release?: {
        patient: { submissions: { nodes: { video: { url: string; sha256: string } | null }[] } } | null;
      } | null;
    };
  };
}

/** By the commands of docs/operations.md, each a process of its own. */
describe.skipIf(missing)('a system that is moved and restored by its backups, on real services', () => {
  const folders: string[] = [];
  let postgres: EmbeddedPostgres;
  let redis: RedisServer;
  let s3: S3Server;
  let keycloak: KeycloakServer;
  let key: string;
  let patient: string;
  let grantId: string;
  let server: StartedServer | undefined;
  /** Settings with their data folder: the embedded one, the one it moves to, and the one that is restored. */
  let embedded: Record<string, string>;
  let real: Record<string, string>;
  let restored: Record<string, string>;

  const folder = async (name: string): Promise<string> => {
    const made = await temporaryFolder(name);
    folders.push(made);
    return made;
  };
  const run = async (settings: Record<string, string>, ...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await iss({ url: '', dataDirectory: '' } as never, null, words, { settings });
    if (code !== 0) throw new Error(`iss ${words.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout + stderr;
  };
  const start = async (settings: Record<string, string>, unprepared = false): Promise<void> => {
    server = await startServerProcess({
      dataDirectory: settings.ISS_DATA_DIR!,
      settings,
      readyWithin: 120,
      unprepared,
    });
  };
  const stop = async (): Promise<void> => {
    expect(await server?.stop()).toBe(0);
    server = undefined;
  };
  const snapshot = async (settings: Record<string, string>): Promise<Snapshot> => {
    const system = await openSystem(readConfig(settings));
    const pool = new pg.Pool({ connectionString: system.ownerUrl, max: 2 });
    // The database that is stopped below may end a connection before its goodbye has come.
    pool.on('error', () => {});
    try {
      return { rows: await allRows(pool), rules: await rules(pool), objects: await allObjects(system.objects) };
    } finally {
      await pool.end();
      await system.close();
    }
  };
  /** Settings of an empty database, bucket and data folder on the real servers. */
  const empty = async (name: string): Promise<Record<string, string>> => {
    const owner = new pg.Client({ connectionString: postgres.ownerUrl('postgres') });
    await owner.connect();
    await owner.query(`CREATE DATABASE ${name}`);
    await owner.end();
    const client = s3Client(s3.settings);
    await client.send(new CreateBucketCommand({ Bucket: name }));
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
    client.destroy();
    return {
      ...embedded,
      ISS_DATA_DIR: join(await folder(name), 'data'),
      ISS_DATABASE_URL: postgres.ownerUrl(name),
      ISS_REDIS_URL: redis.url,
      ISS_S3_ENDPOINT: s3.settings.endpoint,
      ISS_S3_BUCKET: name,
      ISS_S3_ACCESS_KEY: s3.settings.accessKey,
      ISS_S3_SECRET_KEY: s3.settings.secretKey,
      ISS_OIDC_ISSUER: keycloak.issuer,
    };
  };
  const token = async (): Promise<string> => {
    const answer = await fetch(`${keycloak.issuer}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'password', client_id: 'iss-cli', username: 'researcher', password: 'demo' },
      }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const ask = async (query: string): Promise<Answer> => {
    const answer = await fetch(`${server!.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
      body: JSON.stringify({ query }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  };
  const film = async (): Promise<{ url: string; sha256: string } | null> => {
    const query = `{ release { patient(code: "${patient}") { submissions(first: 1) { nodes { video { url sha256 } } } } } }`;
    const { body } = await ask(query);
    return body.data?.release?.patient?.submissions.nodes[0]?.video ?? null;
  };
  const sha256Of = async (url: string): Promise<string> => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${await token()}` } });
    return answer.ok
      ? createHash('sha256')
          .update(Buffer.from(await answer.arrayBuffer()))
          .digest('hex')
      : `${answer.status}`;
  };
  const readyz = async (): Promise<unknown> => (await fetch(`${server!.url}/readyz`)).json();
  const journal = (settings: Record<string, string>): Promise<string> =>
    readFile(join(settings.ISS_DATA_DIR!, 'checkpoints/endings.jsonl'), 'utf8');

  beforeAll(async () => {
    const port = await freePort();
    [postgres, redis, s3, keycloak] = await Promise.all([
      folder('postgres').then((made) =>
        startEmbeddedPostgres({
          directory: join(made, 'cluster'),
          password: randomBytes(12).toString('hex'),
          durable: false,
        }),
      ),
      startRedis(),
      startS3({ versioned: true }),
      startKeycloak(`http://localhost:${port}`),
    ]);
    embedded = {
      ...{ PORT: String(port), ISS_DEMO: '0', ISS_WORKERS: '0', ISS_TICKET_SECONDS: '3600' },
      ISS_DATA_DIR: join(await folder('embedded'), 'data'),
    };
    key = join(await folder('key'), 'backup.key');
    // A look at everything, as it is left by a server that was used and stopped.
    const base = await composeServer(readConfig(embedded), pino({ level: 'silent' }));
    const running = await startServer(base);
    const pool = { query: (text: string, values?: unknown[]) => base.database.query(text, values) } as never;
    const at = new Date();
    const study = await fillStudy({ pool, objects: base.objects }, { patients: 3, submissions: 2, frames: 30, at });
    ({ grantId } = await addResearcher(pool, { name: 'ada', studyId: study.studyId, now: at }));
    patient = study.patients[0]!.code;
    // Larger than what is sent in one part.
    await base.objects.put('artifacts/large', randomBytes(9 * 2 ** 20 + 17));
    await base.jobs.add(base.database, { kind: 'send-mail', payload: { outboxId: randomUUID() } });
    await running.stop();
    await base.close();
  });
  afterAll(async () => {
    await server?.stop();
    await Promise.allSettled([postgres?.stop(), redis?.stop(), s3?.stop(), keycloak?.stop()]);
    for (const one of folders) await removeFolder(one);
  });

  it('moves from the embedded parts to real ones by a backup: every row, every rule, every byte', async () => {
    await run(embedded, 'backup-key', key);
    const file = join(await folder('backup'), 'embedded.backup');
    await run(embedded, 'backup', file, '--key', key);
    const before = await snapshot(embedded);
    expect([Object.keys(before.objects).length > 20, Object.keys(before.rows).length > 55]).toEqual([true, true]);
    real = await empty('moved');
    const old = embedded.ISS_DATA_DIR!;
    const said = await run(
      ...([real, 'restore', file, '--key', key, '--keys', join(old, 'keys')] as const),
      ...['--journal', join(old, 'checkpoints')],
    );
    expect(said).toContain('The system is open.');
    const after = await snapshot(real);
    // The replay, which ended nothing, left its entry in the log.
    const { audit_entry: entries, ...others } = after.rows;
    const { audit_entry: earlier, ...same } = before.rows;
    expect(others).toEqual(same);
    expect(entries).toEqual(expect.arrayContaining(earlier!));
    expect(after.objects).toEqual(before.objects);
  });

  it('has its people come by Keycloak once their accounts name it, and gives them what was theirs', async () => {
    await start(real);
    expect(await readyz()).toEqual({ ready: true, missing: [] });
    const owner = new pg.Client({ connectionString: real.ISS_DATABASE_URL });
    await owner.connect();
    await owner.query(`UPDATE account SET issuer = $1, subject = $2 WHERE username = 'ada'`, [
      keycloak.issuer,
      decodeJwt(await token()).sub,
    ]);
    await owner.end();
    expect((await ask('{ viewer { roles grants { id } } }')).body).toEqual({
      data: { viewer: { roles: ['RESEARCHER'], grants: [{ id: grantId }] } },
    });
    const found = await film();
    expect(await sha256Of(found!.url)).toBe(found!.sha256);
  });

  it('goes on with new keys for each purpose: what was sealed opens, tickets from before too, the password before does not', async () => {
    const before = await film();
    await stop();
    const secrets = async () => JSON.parse(await readFile(join(real.ISS_DATA_DIR!, 'secrets.json'), 'utf8'));
    const old = await secrets();
    for (const purpose of ['sealing', 'tickets', 'invitations', 'database', 'log'])
      await run(real, 'keys', 'rotate', purpose);
    await expect(run(real, 'keys', 'rotate', 'realm')).rejects.toThrow("are Keycloak's: change them there");
    const fresh = await secrets();
    for (const one of ['sealingKey', 'ticketKey', 'databaseApp'])
      expect([one, fresh[one] === old[one]]).toEqual([one, false]);
    await start(real);
    const after = await film();
    expect(await sha256Of(after!.url)).toBe(before!.sha256);
    expect(await sha256Of(before!.url)).toBe(before!.sha256);
    const as = (password: string): Promise<string> => {
      const url = new URL(real.ISS_DATABASE_URL!);
      [url.username, url.password] = ['iss_app', password];
      const client = new pg.Client({ connectionString: url.href });
      return client.connect().then(
        () => client.end().then(() => 'in'),
        (error: { code: string }) => error.code,
      );
    };
    expect([await as(old.databaseApp), await as(fresh.databaseApp)]).toEqual(['28P01', 'in']);
    expect((await readdir(join(real.ISS_DATA_DIR!, 'checkpoints'))).length).toBeGreaterThan(1);
    await stop();
  });

  it('is restored into an empty database and bucket, stays closed until the journal is replayed, and gives back nothing that ended since', async () => {
    const file = join(await folder('backup'), 'real.backup');
    await run(real, 'backup', file, '--key', key);
    const before = await snapshot(real);
    // Life goes on after the backup, and a grant ends.
    await start(real);
    const owner = new pg.Client({ connectionString: real.ISS_DATABASE_URL });
    await owner.connect();
    await owner.query(`UPDATE data_grant SET state = 'REVOKED' WHERE id = $1`, [grantId]);
    await owner.end();
    await eventually('the end is in the journal', async () => (await journal(real)).includes(grantId));
    await stop();

    restored = await empty('restored');
    const mirror = real.ISS_DATA_DIR!;
    await run(restored, 'restore', file, '--key', key, '--keys', join(mirror, 'keys'));
    const after = await snapshot(restored);
    expect(after).toEqual(before);
    await expect(run(restored, 'restore', file, '--key', key)).rejects.toThrow(/is there already|not empty|holds/);

    await start(restored, true);
    expect(await readyz()).toEqual({ ready: false, missing: ['replay of the journal of endings (iss replay)'] });
    expect(await ask('{ viewer { roles } }')).toMatchObject({ status: 503, body: { code: 'NOT_REPLAYED' } });
    expect(await run(restored, 'replay', join(mirror, 'checkpoints'))).toContain('The system is open.');
    await eventually('it is open', async () => ((await readyz()) as { ready: boolean }).ready);
    const { body } = await ask('{ viewer { roles grants { id state } } }');
    expect(JSON.stringify(body)).not.toContain('ACTIVE');
    expect(await film()).toBeNull();
    await stop();
  });
});
