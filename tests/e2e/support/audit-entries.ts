import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { ServerFacts } from './global-server.ts';

export interface AuditEntry {
  action: string;
  /** The canonical text, parsed. */
  text: Record<string, unknown>;
}

/** What the server's log says, oldest first, read from its database beside it. `since` is an instant of this machine's clock. */
export async function auditEntries(server: ServerFacts, since: Date, action?: string): Promise<AuditEntry[]> {
  return beside(server, async (client) => {
    const { rows } = await client.query<{ action: string; text: string }>(
      'SELECT action, text FROM audit_entry WHERE at >= $1 AND ($2::text IS NULL OR action = $2) ORDER BY seq',
      [since, action ?? null],
    );
    return rows.map((row) => ({ action: row.action, text: JSON.parse(row.text) as Record<string, unknown> }));
  });
}

/** A connection to the server's database with the application's role. */
export async function beside<T>(server: ServerFacts, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { databasePort } = await json<{ databasePort: number }>(join(server.dataDirectory, 'server.json'));
  const { databaseApp } = await json<{ databaseApp: string }>(join(server.dataDirectory, 'secrets.json'));
  const client = new pg.Client({
    connectionString: `postgresql://iss_app:${encodeURIComponent(databaseApp)}@127.0.0.1:${databasePort}/postgres`,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const json = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T;
