import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { ObjectStore } from '../../api/adapters/objects/object-store.ts';

/** What a backup leaves empty: sign-ins, and what is on its way to the journal; and the note of the restore itself. */
const LEFT_EMPTY = ['portal_session', 'oidc_record', 'ending', 'restored', '_prisma_migrations'];

/** Every row of every table, as text, in an order of its own. */
export async function allRows(pool: pg.Pool): Promise<Record<string, string[]>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  const all: Record<string, string[]> = {};
  for (const { name } of tables) {
    if (LEFT_EMPTY.includes(name)) continue;
    const { rows } = await pool.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`);
    all[name] = rows.map(({ row }) => row);
  }
  return all;
}
/** SHA-256 of every object as it is stored, by key. */
export async function allObjects(store: Pick<ObjectStore, 'list' | 'read'>): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for await (const key of store.list('')) {
    const hash = createHash('sha256');
    for await (const part of store.read(key)) hash.update(part);
    all[key] = hash.digest('hex');
  }
  return all;
}
/** What the database enforces and counts: references, triggers that are on, rights, places of sequences. */
export async function rules(pool: pg.Pool): Promise<unknown[]> {
  const { rows } =
    await pool.query(`SELECT conrelid::regclass::text AS owner, conname::text AS name, pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tgrelid::regclass::text, tgname::text, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT sequencename::text, '', last_value::text FROM pg_sequences WHERE sequencename <> 'ending_id_seq'
    UNION ALL SELECT table_name::text, grantee::text, privilege_type::text FROM information_schema.role_table_grants WHERE grantee = 'iss_app' ORDER BY 1, 2, 3`);
  return rows;
}
