import type pg from 'pg';

/** A change by somebody who switches triggers off, undone afterwards. @throws where a statement changes nothing */
export async function whileChanged<Result>(
  pool: pg.Pool,
  statements: string[],
  look: () => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  await client.query('SET session_replication_role = replica');
  const tables = [
    'release_patient',
    'release_submission',
    'recording',
    'survey',
    'frame_record',
    'chunk',
    'artifact',
    'withdrawal',
    'patient_secret',
    'release',
  ];
  for (const table of tables) await client.query(`CREATE TEMP TABLE kept_${table} AS SELECT * FROM ${table}`);
  try {
    for (const statement of statements) {
      const { rowCount } = await client.query(statement);
      if (!rowCount) throw new Error(`changed nothing: ${statement}`);
    }
    return await look();
  } finally {
    for (const table of tables) {
      await client.query(
        `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept_${table}; DROP TABLE kept_${table}`,
      );
    }
    await client.query('RESET session_replication_role');
    client.release();
  }
}
