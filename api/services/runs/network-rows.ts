import { LANDMARK_VALUES, type Modality } from '../../../governance/modality.ts';
import {
  AUDIO_NUMBERS,
  NETWORK_INPUTS,
  type NetworkKey,
  SCORE_NUMBERS,
} from '../../../pipeline/baselines/network/models.ts';
import type { NetworkRows } from '../../../pipeline/baselines/network/network-experiment.ts';
import { PICTURE_SIDE } from '../../../pipeline/baselines/network/picture-transform.ts';
import { sexCode, skinTypeCode } from '../../../pipeline/labels/demographics.ts';
import { surveyNumbers } from '../../../pipeline/labels/survey.ts';
import { timeframeCode } from '../../../pipeline/labels/timeframe.ts';
import { type SurveyRow, surveyOf } from '../exports/make/survey-files.ts';
import type { SelectedSubmission } from '../exports/selection.ts';
import type { PictureReader, PictureSource } from './picture-source.ts';
import {
  evenly,
  hasPart,
  landmarksOf,
  patientsAndFolds,
  type Reading,
  type ReadingWatch,
  type RecordingPacks,
  recordingPacks,
  type SeenRelease,
  selectForRun,
} from './run-selection.ts';

/** Numbers of one row by the names of the network's inputs. */
type RowNumbers = Readonly<Record<string, Float32Array | PictureReader>>;

/**
 * Rows of an experiment: frames with a face (and landmarks where they are read), or
 * chunks with sound; in order of patient, moment and number.
 * @param most frames of one submission; null for all
 * @param pictures what the network reads of pictures
 */
export async function networkRunRows(
  reading: Reading,
  key: NetworkKey,
  of: SeenRelease & { readonly reads: readonly Modality[] },
  most: number | null,
  pictures: PictureSource,
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
        ? chunkRows(reading, found, pictures, signal)
        : frameRows(reading, found, most, pictures, NETWORK_INPUTS[key], signal);
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
  pictures: PictureSource,
  inputs: readonly string[],
  signal: AbortSignal,
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
  const parts = chosen.map((number) => number - 1);
  const images = await pictures({ recordingId: submission.recordingId, kind: 'FACES', pack: faces, parts }, signal);
  for (const image of images) {
    const mesh = meshes === null ? null : (await meshes.next()).value;
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
  pictures: PictureSource,
  signal: AbortSignal,
): AsyncGenerator<RowNumbers> {
  const kind = 'CHUNK_SPECTROGRAM_PICTURES';
  const packed = pack(kind);
  if (packed === undefined) return;
  const { rows } = await reading.database.query<{ number: number; vector: number[] }>(
    'SELECT number, audio_vector AS vector FROM chunk WHERE recording_id = $1 AND audio_vector IS NOT NULL ORDER BY number',
    [submission.recordingId],
  );
  const seen = rows.filter(({ number }) => !submission.hiddenChunks.includes(number) && hasPart(packed, number));
  const parts = seen.map(({ number }) => number);
  const images = await pictures({ recordingId: submission.recordingId, kind, pack: packed, parts }, signal);
  for (const [at, { vector }] of seen.entries())
    yield { image: images[at] as Float32Array | PictureReader, audio: Float32Array.from(vector) };
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
