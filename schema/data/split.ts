import { dataType, type Source, type ValueField } from '../planner/data-type.ts';
import { plainOf, wordOf } from '../planner/json.ts';
import { nodeIdSql } from '../planner/node-id.ts';
import type { ReleaseScope } from '../planner/release-scope.ts';
import type { Row } from '../planner/row.ts';
import { Patient } from './patient.ts';
import { patientRows } from './patient-rows.ts';

const sideOf = (row: Row, side: '=' | '<>'): Source =>
  patientRows(row.scope, (alias) => [`${alias}.split ${side} ${row.column('number')}`]);

const countOf = (row: Row, side: '=' | '<>', what: 'patients' | 'submissions'): string => {
  const source = sideOf(row, side);
  const where = source.where.join(' AND ');
  if (what === 'patients') return `(SELECT count(*) FROM ${source.from(new Set())} WHERE ${where})`;
  const { scope } = row;
  const alias = scope.sql.alias();
  const visible = scope.rows.submissionConditions(`${alias}.submission_id`);
  const mine = [
    `${alias}.release_id = ${scope.id()}`,
    `${alias}.patient_id = ${source.columns.patient_id}`,
    ...visible,
  ];
  return `(SELECT count(*) FROM ${source.from(new Set())} JOIN release_submission ${alias} ON ${mine.join(' AND ')} WHERE ${where})`;
};

const count = (side: '=' | '<>', what: 'patients' | 'submissions', description: string): ValueField => ({
  kind: 'value',
  type: 'Int',
  nonNull: true,
  access: 'LABELS',
  description,
  json: (row) => plainOf(countOf(row, side, what)),
});

const SplitCounts = dataType({
  name: 'SplitCounts',
  description: 'Sizes of the two sides of a split, of what may be seen.',
  fields: {
    testPatients: count('=', 'patients', 'Patients withheld for testing.'),
    trainPatients: count('<>', 'patients', 'Patients to train on.'),
    testSubmissions: count('=', 'submissions', 'Their check-ins.'),
    trainSubmissions: count('<>', 'submissions', 'Their check-ins.'),
  },
});

export const Split = dataType({
  name: 'Split',
  description: 'A fold: which patients are withheld for testing, and who is left to train on.',
  node: 'S',
  fields: {
    id: {
      kind: 'value',
      type: 'ID',
      nonNull: true,
      access: 'LABELS',
      description: 'Opaque id for `node`.',
      json: (row) => wordOf(nodeIdSql('S', row.scope.id(), row.scope.id(), row.column('number'))),
    },
    number: {
      kind: 'value',
      type: 'Int',
      access: 'LABELS',
      description: 'Its number, from 1.',
      json: (row) => plainOf(row.column('number')),
    },
    testPatients: {
      kind: 'list',
      type: () => Patient,
      access: 'LABELS',
      description: 'Patients withheld for testing.',
      expected: 12,
      source: (row) => sideOf(row, '='),
    },
    trainPatients: {
      kind: 'list',
      type: () => Patient,
      access: 'LABELS',
      description: 'Patients to train on.',
      expected: 100,
      source: (row) => sideOf(row, '<>'),
    },
    counts: {
      kind: 'part',
      type: () => SplitCounts,
      access: 'LABELS',
      description: 'Sizes of the two sides.',
      exists: () => null,
    },
    disjoint: {
      kind: 'value',
      type: 'Boolean',
      nonNull: true,
      access: 'LABELS',
      description: 'True where no patient and no video is on both sides, looked up in the rows.',
      json: (row) => plainOf(disjointSql(row.scope, row.column('number'))),
    },
  },
});

/**
 * Looks for a patient, a code in another case or a video (by its SHA-256) on both sides, in all rows of the release: the same question that the check of a
 * release and every export ask. Sets are compared with sets, so that it takes no more than reading both sides.
 */
const disjointSql = (scope: ReleaseScope, number: string): string => {
  const patients = (what: string, comparison: string): string =>
    `SELECT ${what} FROM release_patient p WHERE p.release_id = ${scope.id()} AND p.split ${comparison} ${number}`;
  const videos = (comparison: string): string =>
    `SELECT r.video_sha256 FROM release_patient p JOIN release_submission s ON s.release_id = p.release_id AND s.patient_id = p.patient_id JOIN recording r ON r.id = s.recording_id WHERE p.release_id = ${scope.id()} AND p.split ${comparison} ${number}`;
  const both = (side: (comparison: string) => string): string => `EXISTS (${side('=')} INTERSECT ${side('<>')})`;
  return `NOT (${both((side) => patients('p.patient_id', side))} OR ${both((side) => patients('lower(p.code)', side))} OR ${both(videos)})`;
};

/** Splits of the release: the folds of the patients that may be seen. */
export const splitRows = (scope: ReleaseScope, number?: number): Source => {
  const patients = patientRows(scope, (alias) =>
    number === undefined ? [] : [`${alias}.split = ${scope.sql.param(number, 'integer')}`],
  );
  const alias = scope.sql.alias();
  return {
    columns: { number: `${alias}.number` },
    from: () =>
      `(SELECT DISTINCT ${patients.columns.split}::integer AS number FROM ${patients.from(new Set())} WHERE ${patients.where.join(' AND ')}) ${alias}`,
    where: [],
    order: [`${alias}.number`],
  };
};
