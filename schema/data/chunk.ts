import { dataType, type Source } from '../planner/data-type.ts';
import { floatOf, plainOf, wordOf } from '../planner/json.ts';
import { nodeIdSql } from '../planner/node-id.ts';
import { recordingOf, spansOf } from '../planner/recording.ts';
import type { Row } from '../planner/row.ts';
import { audioFeatures } from './audio-features.ts';
import { Submission } from './submission.ts';

export const Chunk = dataType({
  name: 'Chunk',
  description: 'A stretch of four seconds of a recording, without overlap; the last one may be shorter.',
  node: 'C',
  counted: 'chunks',
  fields: {
    id: {
      kind: 'value',
      type: 'ID',
      nonNull: true,
      access: 'LABELS',
      description: 'Opaque id for `node`.',
      json: (row) =>
        wordOf(nodeIdSql('C', row.scope.id(), row.nearest('Submission').column('submission_id'), row.column('number'))),
    },
    number: {
      kind: 'value',
      type: 'Int',
      access: 'LABELS',
      description: 'Its number in the recording, from 0, as in the names of exported files.',
      json: (row) => plainOf(row.column('number')),
    },
    startSeconds: {
      kind: 'value',
      type: 'Float',
      access: 'LABELS',
      description: 'Where it begins, seconds from the start of the narrative.',
      json: (row) => floatOf(row.column('start_seconds')),
    },
    endSeconds: {
      kind: 'value',
      type: 'Float',
      access: 'LABELS',
      description: 'Where it ends, seconds from the start of the narrative.',
      json: (row) => floatOf(row.column('end_seconds')),
    },
    firstFrame: {
      kind: 'value',
      type: 'Int',
      access: 'LABELS',
      description: 'Number of its first frame.',
      json: (row) => plainOf(row.column('first_frame')),
    },
    lastFrame: {
      kind: 'value',
      type: 'Int',
      access: 'LABELS',
      description: 'Number of its last frame.',
      json: (row) => plainOf(row.column('last_frame')),
    },
    audioFeatures: audioFeatures('The twenty-five numbers of its sound; null where there is none.'),
    submission: {
      kind: 'part',
      type: () => Submission,
      access: 'LABELS',
      description: 'The check-in that it belongs to.',
      exists: () => null,
      scope: (row) => row.nearest('Submission'),
    },
  },
});

const COLUMNS = ['number', 'start_seconds', 'end_seconds', 'first_frame', 'last_frame', 'audio_vector'] as const;

/** Chunks of a submission, or the one of a number. */
export const chunkRows = (submission: Row, number?: number): Source => {
  const { sql, rows } = submission.scope;
  const alias = sql.alias();
  const recording = recordingOf(submission);
  const visible = rows.spanCondition(spansOf(submission), {
    from: `${alias}.start_seconds`,
    to: `${alias}.end_seconds`,
  });
  return {
    columns: Object.fromEntries(COLUMNS.map((name) => [name, `${alias}.${name}`])),
    from: () => `chunk ${alias}`,
    where: [
      `${alias}.recording_id = ${recording}.id`,
      visible,
      ...(number === undefined ? [] : [`${alias}.number = ${sql.param(number, 'integer')}`]),
    ],
    order: [`${alias}.number`],
  };
};
