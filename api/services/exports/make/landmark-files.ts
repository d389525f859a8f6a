import { LANDMARK_RECORD_BYTES } from '../../../../governance/modality.ts';
import { eachWith, type Making, submissionsWith } from './export-builder.ts';
import { type Column, parquetBytes, type Row } from './parquet.ts';
import { PATHS } from './paths.ts';
import { addWhole, byteReader, eachWithArtifacts } from './stored-artifacts.ts';

const side = (name: string): Column => ({ name, type: 'INT32', nullable: true });
export const LANDMARK_INDEX: readonly Column[] = [
  { name: 'patient', type: 'STRING' },
  { name: 'timestamp', type: 'STRING' },
  { name: 'file', type: 'STRING' },
  { name: 'frame', type: 'INT32' },
  { name: 'face_found', type: 'BOOLEAN' },
  { name: 'landmarks_found', type: 'BOOLEAN' },
  ...['box_x', 'box_y', 'box_width', 'box_height'].map(side),
  { name: 'score', type: 'FLOAT', nullable: true },
  { name: 'offset', type: 'INT32' },
];

/**
 * LANDMARKS: the file of each recording, record i of which is frame i + 1 (468 x 3 float32, little-endian, NaN where there is none), and an index that says
 * which frames have a face and a mesh. Frames in quarantine are not in the index, and NaN in a copy of the file that is made for the export.
 */
export async function makeLandmarkFiles(making: Making): Promise<void> {
  const { sink } = making;
  await sink.add(
    { path: 'landmarks/index.parquet', modality: 'LANDMARKS' },
    parquetBytes(LANDMARK_INDEX, indexRows(making)),
  );
  for await (const { submission, artifact } of eachWithArtifacts(making, 'LANDMARKS', ['LANDMARKS'])) {
    const stored = artifact('LANDMARKS');
    if (stored === undefined) continue;
    const file = { path: PATHS.landmarks(submission), modality: 'LANDMARKS', submissionId: submission.id } as const;
    if (submission.hiddenFrames.length === 0) await addWhole(making, file, stored);
    else
      await sink.add(file, withoutFrames(making.objects.read(stored.objectKey), stored.bytes, submission.hiddenFrames));
  }
}

/** The records of a landmark file, NaN in place of those of some frames. */
async function* withoutFrames(
  source: AsyncIterable<Uint8Array>,
  bytes: number,
  hidden: readonly number[],
): AsyncGenerator<Uint8Array> {
  const none = Buffer.from(new Float32Array(LANDMARK_RECORD_BYTES / 4).fill(Number.NaN).buffer);
  const without = new Set(hidden);
  const reader = byteReader(source);
  for (let frame = 1; frame * LANDMARK_RECORD_BYTES <= bytes; frame++) {
    const record = await reader.take(LANDMARK_RECORD_BYTES);
    if (without.has(frame)) yield none;
    else yield* record;
  }
}

interface FrameRows {
  recordingId: string;
  x: (number | null)[];
  y: (number | null)[];
  width: (number | null)[];
  height: (number | null)[];
  score: (number | null)[];
  found: boolean[];
}

async function* indexRows(making: Making): AsyncGenerator<Row[]> {
  const sql = `SELECT recording_id AS "recordingId", box_x AS x, box_y AS y, box_width AS width, box_height AS height, score, landmarks_found AS found
    FROM frame_record WHERE recording_id = ANY ($1::uuid[])`;
  const submissions = submissionsWith(making, 'LANDMARKS');
  for await (const { submission, rows } of eachWith<FrameRows>(making, 'landmark index', submissions, sql)) {
    const { patient, at } = submission;
    const file = PATHS.landmarks(submission);
    const hidden = new Set(submission.hiddenFrames);
    for (const { x, y, width, height, score, found } of rows)
      yield score.flatMap((value, i): Row[] => {
        if (hidden.has(i + 1)) return [];
        const box = [x[i] ?? null, y[i] ?? null, width[i] ?? null, height[i] ?? null];
        return [
          [
            patient.code,
            at.text,
            file,
            i + 1,
            value !== null,
            found[i] === true,
            ...box,
            value,
            i * LANDMARK_RECORD_BYTES,
          ],
        ];
      });
  }
}
