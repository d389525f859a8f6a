import { LANDMARK_VALUES, type Modality } from '../../../governance/modality.ts';
import {
  AUDIO_NUMBERS,
  NETWORK_INPUTS,
  type NetworkKey,
  SCORE_NUMBERS,
} from '../../../pipeline/baselines/network/models.ts';
import type { NetworkRows } from '../../../pipeline/baselines/network/network-experiment.ts';
import { type PictureEmbedding, rgbOf } from '../../../pipeline/baselines/network/picture-embedding.ts';
import { PICTURE_SIDE, transformPicture } from '../../../pipeline/baselines/network/picture-transform.ts';
import { sexCode, skinTypeCode } from '../../../pipeline/labels/demographics.ts';
import type { SeededRandom } from '../../../pipeline/labels/seeded-random.ts';
import { surveyNumbers } from '../../../pipeline/labels/survey.ts';
import { timeframeCode } from '../../../pipeline/labels/timeframe.ts';
import { type SurveyRow, surveyOf } from '../exports/make/survey-files.ts';
import type { SelectedSubmission } from '../exports/selection.ts';
import {
  evenly,
  hasPart,
  landmarksOf,
  type Pack,
  partOf,
  patientsAndFolds,
  type Reading,
  type ReadingWatch,
  type RecordingPacks,
  recordingPacks,
  type SeenRelease,
  selectForRun,
} from './run-selection.ts';

/** A picture that is read whenever it is its turn, varied where it is learned from. */
type PictureReader = (random: SeededRandom | null) => Promise<Float32Array>;

/** Numbers of one row by the names of the network's inputs. */
type RowNumbers = Readonly<Record<string, Float32Array | PictureReader>>;

/**
 * Rows of an experiment: frames with a face (and landmarks where they are read), or
 * chunks with sound; in order of patient, moment and number.
 * @param most frames of one submission; null for all
 * @param embedding turns pictures into numbers, once; null for the pictures themselves, as the paper's networks read them
 */
export async function networkRunRows(
  reading: Reading,
  key: NetworkKey,
  of: SeenRelease & { readonly reads: readonly Modality[] },
  most: number | null,
  embedding: PictureEmbedding | null,
  { signal, progress }: ReadingWatch,
) {
  const selected = await selectForRun(
    reading,
    of,
    of.reads.filter((modality) => modality !== 'LABELS'),
  );
  const { submissions } = selected;
  const kinds = key === 'static-audio' ? ['CHUNK_SPECTROGRAM_PICTURES'] : ['FACES', 'LANDMARKS'];
  const patients: string[] = [];
  const rows: RowNumbers[] = [];
  let done = 0;
  for await (const found of recordingPacks(reading, submissions, kinds, signal)) {
    const made =
      key === 'static-audio'
        ? chunkRows(reading, found, embedding)
        : frameRows(reading, found, most, embedding, NETWORK_INPUTS[key]);
    for await (const row of made) {
      signal.throwIfAborted();
      patients.push(found.submission.patient.code);
      rows.push(row);
    }
    done += 1;
    progress(done, submissions.length);
  }
  return { ...patientsAndFolds(selected, patients), rows: tableRows(patients, rows) };
}

async function* frameRows(
  reading: Reading,
  { submission, landmarksFound, pack }: RecordingPacks,
  most: number | null,
  embedding: PictureEmbedding | null,
  inputs: readonly string[],
): AsyncGenerator<RowNumbers> {
  const [faces, landmarks] = [pack('FACES'), pack('LANDMARKS')];
  const withLandmarks = inputs.includes('landmarks');
  if (faces === undefined || (withLandmarks && landmarks === undefined)) return;
  const hidden = new Set(submission.hiddenFrames);
  const numbers = Array.from({ length: submission.frameCount }, (_, index) => index + 1).filter(
    (number) =>
      !hidden.has(number) && hasPart(faces, number - 1) && (!withLandmarks || landmarksFound[number - 1] === true),
  );
  const chosen = evenly(numbers, most);
  const scores = inputs.includes('scores') ? await scoresOf(reading, submission) : null;
  const meshes = withLandmarks && landmarks !== undefined ? landmarksOf(reading, landmarks, chosen) : null;
  for (const number of chosen) {
    const mesh = meshes === null ? null : (await meshes.next()).value;
    const image = await imageOf(reading, faces, number - 1, embedding);
    if (image === null) continue;
    yield {
      image,
      ...(mesh && { landmarks: mesh }),
      ...(scores && { scores }),
    };
  }
}

/** Nine scores (zeros where none were given, as in the paper), sex, skin type and timeframe. */
async function scoresOf(
  { database }: Reading,
  { recordingId, patient, timeframe }: SelectedSubmission,
): Promise<Float32Array> {
  const { rows } = await database.query<{ survey: SurveyRow }>(
    'SELECT to_json(survey) AS survey FROM survey WHERE recording_id = $1',
    [recordingId],
  );
  const survey = rows[0] === undefined ? null : surveyOf(rows[0].survey);
  return Float32Array.of(
    ...surveyNumbers(survey),
    sexCode(patient.sex),
    skinTypeCode(patient.skinType),
    timeframeCode(timeframe),
  );
}

async function* chunkRows(
  reading: Reading,
  { submission, pack }: RecordingPacks,
  embedding: PictureEmbedding | null,
): AsyncGenerator<RowNumbers> {
  const pictures = pack('CHUNK_SPECTROGRAM_PICTURES');
  if (pictures === undefined) return;
  const { rows } = await reading.database.query<{ number: number; vector: number[] }>(
    'SELECT number, audio_vector AS vector FROM chunk WHERE recording_id = $1 AND audio_vector IS NOT NULL ORDER BY number',
    [submission.recordingId],
  );
  for (const { number, vector } of rows) {
    if (submission.hiddenChunks.includes(number)) continue;
    const image = await imageOf(reading, pictures, number, embedding);
    if (image !== null) yield { image, audio: Float32Array.from(vector) };
  }
}

/** A picture's numbers, or how to read it; null where there is none. */
async function imageOf(
  reading: Reading,
  pack: Pack,
  part: number,
  embedding: PictureEmbedding | null,
): Promise<Float32Array | PictureReader | null> {
  if (embedding === null)
    return hasPart(pack, part)
      ? async (random) => {
          const picture = await partOf(reading, pack, part);
          if (picture === null) throw new Error('a picture that was there is not');
          return transformPicture(await rgbOf(picture), random);
        }
      : null;
  const picture = await partOf(reading, pack, part);
  return picture === null ? null : embedding.of(picture);
}

const SIZES: Readonly<Record<string, number>> = {
  landmarks: LANDMARK_VALUES,
  scores: SCORE_NUMBERS,
  audio: AUDIO_NUMBERS,
};

const tableRows = (patients: readonly string[], rows: readonly RowNumbers[]): NetworkRows => ({
  patients,
  async inputs(wanted, random) {
    const inputs: Record<string, Float32Array> = {};
    for (const [name, first] of Object.entries(rows[0] ?? {})) {
      const size = SIZES[name] ?? (typeof first === 'function' ? 3 * PICTURE_SIDE ** 2 : first.length);
      const values = new Float32Array(wanted.length * size);
      // One after the other: what is drawn at random follows the order of the rows.
      for (const [at, row] of wanted.entries()) {
        const own = rows[row]?.[name] as Float32Array | PictureReader;
        values.set(typeof own === 'function' ? await own(random) : own, at * size);
      }
      inputs[name] = values;
    }
    return inputs;
  },
});
