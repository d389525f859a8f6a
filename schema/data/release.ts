import { ReleaseStatusEnum } from '../enums.ts';
import { type Args, dataType, type ResolvedField, type Source, type ValueField } from '../planner/data-type.ts';
import { instantOf, type Json, raw, textOf, wordOf } from '../planner/json.ts';
import { nodeIdSql } from '../planner/node-id.ts';
import type { ReleaseScope } from '../planner/release-scope.ts';
import { Patient } from './patient.ts';
import { PATIENT_FILTER_ACCESS, PatientFilterInput } from './patient-filter.ts';
import { patientFilter, patientRows } from './patient-rows.ts';
import { Split, splitRows } from './split.ts';

const open = (
  column: string,
  type: unknown,
  description: string,
  json: (sql: string) => Json,
  nonNull = true,
): ValueField => ({
  kind: 'value',
  type,
  nonNull,
  access: 'OPEN',
  description,
  json: (row) => json(row.column(column)),
});

const resolved = (description: string, args: ResolvedField['args'] = {}): ResolvedField => ({
  kind: 'resolved',
  access: 'OPEN',
  description,
  args,
});

export const Release = dataType({
  name: 'Release',
  description: 'A frozen list of patients, check-ins and files of a study. What was published never changes.',
  node: 'R',
  fields: {
    id: {
      kind: 'value',
      type: 'ID',
      nonNull: true,
      access: 'OPEN',
      description: 'Opaque id for `node`.',
      json: (row) => wordOf(nodeIdSql('R', row.scope.id(), row.scope.id())),
    },
    version: open('version', 'String', 'Semantic version.', wordOf),
    status: open('status', ReleaseStatusEnum, 'Where it stands.', wordOf),
    publishedAt: open('published_at', 'DateTime', 'When it was published; null for a draft.', instantOf, false),
    notes: open('notes', 'String', 'What is in it and what has changed, in plain words.', textOf),
    errata: open('errata', 'JSON', 'Known mistakes: a list of objects, each with what it concerns.', (sql) =>
      raw(`(${sql})::text`),
    ),
    digest: open('digest', 'String', 'SHA-256 of what it lists; null for a draft.', textOf, false),
    statusReason: open(
      'status_reason',
      'String',
      'Why it is deprecated or retracted; null while neither.',
      textOf,
      false,
    ),
    statusChangedAt: open(
      'status_changed_at',
      'DateTime',
      'Since when it is deprecated or retracted.',
      instantOf,
      false,
    ),
    citation: resolved('How it is cited, as it now is; null for a draft.'),
    study: resolved('The study that it belongs to.'),
    counts: resolved(
      'Fixed, safe tables of its patients, the same for everybody and never computed again; none before it is published.',
    ),
    croissant: resolved('Machine-readable metadata (Croissant, JSON-LD); null while there is none.'),
    experiments: resolved('The baseline experiments with their published results.'),
    patient: {
      kind: 'one',
      type: () => Patient,
      access: 'LABELS',
      description: 'The patient of a code.',
      args: { code: { type: 'String', required: true, description: 'Code of the patient.' } },
      source: (row, { code }) =>
        patientRows(row.scope, (alias) => [`${alias}.code = ${row.scope.sql.param(String(code), 'text')}`]),
    },
    patients: {
      kind: 'connection',
      type: () => Patient,
      access: 'LABELS',
      description: 'Patients, by code.',
      args: {
        filter: {
          type: PatientFilterInput,
          description: 'Which of them.',
          access: 'LABELS',
          fieldAccess: PATIENT_FILTER_ACCESS,
        },
      },
      sort: 'patient',
      keys: ['text'],
      source: (row, { filter }) => {
        if (filter === undefined || filter === null) return patientRows(row.scope);
        const wanted = filter as Args;
        const filtering = Object.entries(PATIENT_FILTER_ACCESS)
          .filter(([field]) => wanted[field] != null)
          .map(([, modality]) => modality);
        return patientRows(row.scope, (alias) => patientFilter(row.scope, alias, wanted), [...new Set(filtering)]);
      },
    },
    splits: {
      kind: 'list',
      type: () => Split,
      access: 'LABELS',
      description: 'Its folds, by number.',
      expected: 10,
      source: (row) => splitRows(row.scope),
    },
    split: {
      kind: 'one',
      type: () => Split,
      access: 'LABELS',
      description: 'One fold; null where there is none of that number.',
      args: { number: { type: 'Int', required: true, description: 'Number of the split, from 1.' } },
      source: (row, { number }) => splitRows(row.scope, Number(number)),
    },
  },
});

/** The release itself. */
export const releaseRows = (scope: ReleaseScope): Source => {
  const alias = scope.sql.alias();
  const columns = [
    'version',
    'status',
    'published_at',
    'notes',
    'errata',
    'digest',
    'status_reason',
    'status_changed_at',
  ];
  return {
    columns: Object.fromEntries(columns.map((name) => [name, `${alias}.${name}`])),
    from: () => `release ${alias}`,
    where: [`${alias}.id = ${scope.id()}`],
    order: [],
  };
};
