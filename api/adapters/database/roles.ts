import pg from 'pg';

/** Lets the server's role sign in with this password (the migration makes the role without one). */
export async function setAppPassword(ownerUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`ALTER ROLE iss_app LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
}

/** The same server and database as another role. */
export function urlAs(ownerUrl: string, user: string, password: string, database?: string): string {
  const url = new URL(ownerUrl);
  url.username = user;
  url.password = encodeURIComponent(password);
  if (database) url.pathname = `/${database}`;
  return url.href;
}
