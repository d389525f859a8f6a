import type { DataType } from '../planner/data-type.ts';
import type { Json } from '../planner/json.ts';
import type { NodeId } from '../planner/node-id.ts';
import { oneJson } from '../planner/relation.ts';
import type { Row } from '../planner/row.ts';
import { Chunk, chunkRows } from './chunk.ts';
import { Frame } from './frame.ts';
import { frameRows } from './frame-rows.ts';
import { Patient } from './patient.ts';
import { patientRows, submissionRows } from './patient-rows.ts';
import { Release } from './release.ts';
import { Split, splitRows } from './split.ts';
import { Submission } from './submission.ts';

/** Types that `node` can return, by the letter of their ids. */
export const NODE_TYPES: ReadonlyMap<string, DataType> = new Map(
  [Release, Patient, Submission, Frame, Chunk, Split].map((type) => [type.node ?? '', type]),
);

/**
 * The row that an id names, under the same rule as in any list: a frame is reached through its submission, and that
 * through its patient.
 */
export const nodeJson = (id: NodeId, level: Row, object: (row: Row) => Json): Json => {
  const { scope } = level;
  const rowId = scope.sql.param(id.rowId, 'uuid');
  if (id.letter === 'S') return oneJson(level, Split, splitRows(scope, id.number), object);
  if (id.letter === 'P') {
    return oneJson(
      level,
      Patient,
      patientRows(scope, (alias) => [`${alias}.patient_id = ${rowId}`]),
      object,
    );
  }
  const owner = patientRows(scope, (alias) => [
    `${alias}.patient_id = (SELECT o.patient_id FROM release_submission o WHERE o.release_id = ${scope.id()} AND o.submission_id = ${rowId})`,
  ]);
  return oneJson(level, Patient, owner, (patient) =>
    oneJson(
      patient,
      Submission,
      submissionRows(patient, (alias) => [`${alias}.submission_id = ${rowId}`]),
      (submission) => {
        if (id.letter === 'F')
          return oneJson(submission, Frame, frameRows(submission, { number: id.number }, null), object);
        if (id.letter === 'C') return oneJson(submission, Chunk, chunkRows(submission, id.number), object);
        return object(submission);
      },
    ),
  );
};
