import { FRAMES_PER_SECOND } from '../../governance/modality.ts';
import { dataType } from '../planner/data-type.ts';
import { plainOf, wordOf } from '../planner/json.ts';
import { nodeIdSql } from '../planner/node-id.ts';
import { Face, faceImage, frameImage } from './face.ts';
import { SignedFile } from './signed-file.ts';
import { Submission } from './submission.ts';

export const Frame = dataType({
  name: 'Frame',
  description: 'A picture of a recording; ten a second, numbered from 1.',
  node: 'F',
  counted: 'frames',
  fields: {
    id: {
      kind: 'value',
      type: 'ID',
      nonNull: true,
      access: 'LABELS',
      description: 'Opaque id for `node`.',
      json: (row) =>
        wordOf(nodeIdSql('F', row.scope.id(), row.nearest('Submission').column('submission_id'), row.column('number'))),
    },
    number: {
      kind: 'value',
      type: 'Int',
      access: 'LABELS',
      description: 'Its number in the recording, from 1.',
      json: (row) => plainOf(row.column('number')),
    },
    timeSeconds: {
      kind: 'value',
      type: 'Float',
      access: 'LABELS',
      description: 'Seconds from the start of the narrative.',
      json: (row) => plainOf(`round((${row.column('number')} - 1) / ${FRAMES_PER_SECOND}.0, 1)`),
    },
    image: {
      kind: 'part',
      type: () => SignedFile,
      access: 'FRAMES',
      description: 'The picture as JPEG.',
      exists: (row) => `${row.column('frame_high')} > ${row.column('frame_low')}`,
      scope: frameImage,
    },
    // With FACES alone, as an export of FACES has it: who may have the picture learns from it that there is a face, and nothing more than that.
    faceImage: {
      kind: 'part',
      type: () => SignedFile,
      access: 'FACES',
      description: 'The picture of the most prominent face as JPEG; null where none was found.',
      exists: (row) => `${row.column('face_high')} > ${row.column('face_low')}`,
      scope: faceImage,
    },
    face: {
      kind: 'part',
      type: () => Face,
      access: 'LANDMARKS',
      description: 'The most prominent face; null where none was found.',
      exists: (row) => `${row.column('score')} IS NOT NULL`,
    },
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
