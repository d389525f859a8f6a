import { STUDY_DESCRIPTION } from '../../pipeline/published/study-facts.ts';
import type { Database, Sql } from '../adapters/database/database.ts';

export interface Study {
  id: string;
  key: string;
  title: string;
  synthetic: boolean;
  timeZone: string;
  description: StudyDescription;
}

export interface StudyDescription {
  /** What every patient of the study consented to when they enrolled; an own record of consent replaces it. */
  consent: { version: string; uses: string[]; modalities: string[] };
}

/** @returns null where there is no such study */
export async function findStudy(sql: Sql, key: string): Promise<Study | null> {
  const { rows } = await sql.query<Study & Record<string, unknown>>(
    'SELECT id, key, title, synthetic, time_zone AS "timeZone", description FROM study WHERE key = $1',
    [key.replaceAll('\u0000', '\ufffd')],
  );
  return rows[0] ?? null;
}

export async function listStudies(sql: Sql): Promise<Study[]> {
  const { rows } = await sql.query<Study & Record<string, unknown>>(
    'SELECT id, key, title, synthetic, time_zone AS "timeZone", description FROM study ORDER BY created_at, key',
  );
  return rows;
}

/** Makes the study unless its key is taken; what stands is left as it is. */
export async function ensureStudy(database: Database, study: Study & { createdAt: Date }): Promise<Study> {
  await database.query(
    `INSERT INTO study (id, key, title, synthetic, time_zone, description, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key) DO NOTHING`,
    [
      study.id,
      study.key,
      study.title,
      study.synthetic,
      study.timeZone,
      JSON.stringify(study.description),
      study.createdAt,
    ],
  );
  return (await findStudy(database, study.key))!;
}

const SYNTHETIC_SUMMARY =
  'A synthetic study: every face is drawn, every voice computed, every answer invented by a program. It has the shape of the ISS study, so that code and ' +
  'requests can be tried before access is granted, and says nothing about any person.';

/** What a study is, in a few sentences; null where nothing is known of it but its title. */
export const summaryOf = ({ key, synthetic }: Pick<Study, 'key' | 'synthetic'>): string | null =>
  synthetic ? SYNTHETIC_SUMMARY : key === STUDY_DESCRIPTION.key ? STUDY_DESCRIPTION.summary : null;
