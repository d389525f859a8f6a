import {
  GROUPINGS,
  type Grouping,
  type GroupOf,
  type ToldGroups,
  toldGroups,
} from '../../../governance/group-figures.ts';
import { SEXES, SKIN_TYPES } from '../../../pipeline/labels/demographics.ts';
import { PAIN_CLASSES, PAIN_LEVELS } from '../../../pipeline/labels/pain.ts';
import type { GroupQualityFacts } from '../../../schema/services/group-figures.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import { currentPolicy } from '../access/policy.ts';
import { hasStoppedSharing } from '../withdrawals/stopped-sharing.ts';
import { deviceOf, groupQuality } from './group-quality.ts';

/** What may be told of groups of a release to who has no LABELS. It never changes. */
export interface KeptGroups {
  readonly told: Readonly<Record<Grouping, readonly string[]>>;
  readonly quality: readonly GroupQualityFacts[];
}

const NOTHING: KeptGroups = {
  told: { EVERYBODY: [], CLASS: [], LEVEL: [], SEX: [], SKIN_TYPE: [], DEVICE: [] },
  quality: [],
};
const EVERYBODY = 'everybody';

/**
 * What may be told of groups of a published release, worked out when it is published, or at the first look at one from before that. Where somebody has
 * withdrawn by then, nothing ever is: it would tell who.
 */
export async function keptGroups(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  releaseId: string,
): Promise<KeptGroups> {
  const known = await readKept(database, releaseId);
  if (known !== null) return known;
  const now = clock.now();
  const { timeZone, resultGroup } = await currentPolicy(database, now);
  const quality = await groupQuality(database, releaseId, timeZone, now);
  return database.transaction(async (sql) => {
    // Of two releases of a study at once each has to know what is told of the other.
    const { rows } = await sql.query<{ status: string }>(
      `SELECT r.status FROM release r JOIN study s ON s.id = r.study_id WHERE r.id = $1 FOR UPDATE OF s`,
      [releaseId],
    );
    const meanwhile = await readKept(sql, releaseId);
    if (meanwhile !== null) return meanwhile;
    if (rows[0] === undefined || rows[0].status === 'DRAFT') return NOTHING;
    const kept = (await anyGone(sql, releaseId)) ? NOTHING : await workOut(sql, releaseId, quality, resultGroup);
    await sql.query('INSERT INTO group_figures (release_id, told, quality, kept_at) VALUES ($1, $2, $3, $4)', [
      releaseId,
      JSON.stringify(kept.told),
      JSON.stringify(kept.quality),
      now,
    ]);
    return kept;
  });
}

async function readKept(sql: Sql, releaseId: string): Promise<KeptGroups | null> {
  const { rows } = await sql.query<KeptGroups & Record<string, unknown>>(
    'SELECT told, quality FROM group_figures WHERE release_id = $1',
    [releaseId],
  );
  return rows[0] ?? null;
}

async function anyGone(sql: Sql, releaseId: string): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT 1 FROM release_patient p WHERE p.release_id = $1 AND (p.erased_at IS NOT NULL OR ${hasStoppedSharing('p.patient_id')}) LIMIT 1`,
    [releaseId],
  );
  return rows.length > 0;
}

async function workOut(
  sql: Sql,
  releaseId: string,
  quality: readonly GroupQualityFacts[],
  fewest: number,
): Promise<KeptGroups> {
  const { rows: others } = await sql.query<{ id: string; told: KeptGroups['told'] }>(
    `SELECT r.id, g.told FROM release r JOIN group_figures g ON g.release_id = r.id
     WHERE r.study_id = (SELECT study_id FROM release WHERE id = $1) AND r.id <> $1`,
    [releaseId],
  );
  const own = await groupsOf(sql, releaseId);
  const known = await Promise.all(others.map(async ({ id, told }) => ({ told, groups: await groupsOf(sql, id) })));
  const told = Object.fromEntries(
    GROUPINGS.map((by) => {
      const beside = known.map((one): ToldGroups => ({ groupOf: one.groups[by], told: one.told[by] }));
      return [by, toldGroups(own[by], namesOf(by, own[by]), beside, fewest)];
    }),
  ) as KeptGroups['told'];
  return { told, quality: quality.filter(({ by, group }) => told[by].includes(group)) };
}

/** Every group of a grouping, those of nobody among them; devices are those that there are. */
function namesOf(by: Grouping, groupOf: GroupOf): readonly string[] {
  switch (by) {
    case 'EVERYBODY':
      return [EVERYBODY];
    case 'CLASS':
      return PAIN_CLASSES;
    case 'LEVEL':
      return PAIN_LEVELS;
    case 'SEX':
      return SEXES;
    case 'SKIN_TYPE':
      return SKIN_TYPES;
    case 'DEVICE':
      return [...new Set(groupOf.values())].flatMap((name) => name ?? []).sort();
  }
}

/** In which groups the patients of a release are, as it froze them. */
async function groupsOf(sql: Sql, releaseId: string): Promise<Record<Grouping, GroupOf>> {
  const { rows } = await sql.query<{
    id: string;
    painClass: string;
    painLevel: string;
    sex: string;
    skinType: string;
    sourceDevice: string | null;
    erased: boolean;
  }>(
    `SELECT patient_id AS id, pain_class AS "painClass", pain_level AS "painLevel", sex, skin_type AS "skinType", source_device AS "sourceDevice",
       erased_at IS NOT NULL AS erased
     FROM release_patient WHERE release_id = $1`,
    [releaseId],
  );
  const by = (group: (row: (typeof rows)[number]) => string): GroupOf =>
    new Map(rows.map((row) => [row.id, row.erased ? null : group(row)]));
  return {
    EVERYBODY: by(() => EVERYBODY),
    CLASS: by(({ painClass }) => painClass),
    LEVEL: by(({ painLevel }) => painLevel),
    SEX: by(({ sex }) => sex),
    SKIN_TYPE: by(({ skinType }) => skinType),
    DEVICE: by(deviceOf),
  };
}

/** How many patients a release froze, whoever of them has withdrawn since. */
export async function frozenPatients(sql: Sql, releaseId: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM release_patient WHERE release_id = $1',
    [releaseId],
  );
  return rows[0]?.count ?? 0;
}
