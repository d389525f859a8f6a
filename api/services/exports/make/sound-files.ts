import { WAV_HEADER_BYTES, wavHeader } from '../../../../pipeline/audio/wav.ts';
import type { SelectedSubmission } from '../selection.ts';
import type { Making } from './export-builder.ts';
import { PATHS } from './paths.ts';
import { addPieces, addWhole, eachWithArtifacts, type Piece, type StoredArtifact } from './stored-artifacts.ts';

interface Sound {
  recordingId: string;
  sampleRate: number;
  channels: number;
  chunks: { number: number; start: number; end: number }[];
}

const BYTES_A_SAMPLE = 2;

/** AUDIO: the narrative's sound as wav, and that of each chunk, cut from it with a header of its own. */
export async function makeAudioFiles(making: Making): Promise<void> {
  for await (const { submission, artifact } of eachWithArtifacts(making, 'AUDIO', ['AUDIO'])) {
    const stored = artifact('AUDIO');
    if (stored === undefined) continue;
    const path = PATHS.audio(submission);
    if (submission.whole) await addWhole(making, { path, modality: 'AUDIO', submissionId: submission.id }, stored);
    else making.leftOut.push({ path, modality: 'AUDIO' });
    const { rows } = await making.database.query<Sound & Record<string, unknown>>(
      `SELECT id AS "recordingId", audio_sample_rate AS "sampleRate", audio_channels AS channels,
         (SELECT coalesce(json_agg(json_build_object('number', number, 'start', start_seconds, 'end', end_seconds) ORDER BY number), '[]') FROM chunk WHERE recording_id = id) AS chunks
       FROM recording WHERE id = $1 AND audio_sample_rate IS NOT NULL`,
      [submission.recordingId],
    );
    const sound = rows[0];
    if (sound === undefined) continue;
    await addPieces(
      making,
      { modality: 'AUDIO', submissionId: submission.id },
      stored,
      wavPieces(submission, sound, stored),
    );
  }
}

/**
 * Where each chunk's samples lie in the wav. Sound and film seldom end together: the last chunk takes what is left, unless some of the recording is in
 * quarantine; then it ends where it says. Chunks beyond the end of the sound, and those in quarantine, have no file.
 */
function wavPieces(submission: SelectedSubmission, sound: Sound, { bytes }: StoredArtifact): Piece[] {
  const { sampleRate, channels, chunks } = sound;
  const frameBytes = channels * BYTES_A_SAMPLE;
  const samples = Math.floor((bytes - WAV_HEADER_BYTES) / frameBytes);
  const place = (seconds: number): number => Math.min(samples, Math.round(seconds * sampleRate));
  return chunks.flatMap(({ number, start, end }, i): Piece[] => {
    const last = i === chunks.length - 1 && submission.whole ? samples : place(end);
    const count = last - place(start);
    if (count <= 0 || submission.hiddenChunks.includes(number)) return [];
    return [
      {
        path: PATHS.chunk(submission, number, 'wav'),
        firstByte: WAV_HEADER_BYTES + place(start) * frameBytes,
        bytes: count * frameBytes,
        prefix: wavHeader(count, channels, sampleRate),
      },
    ];
  });
}

const WHOLE = [
  ['SPECTROGRAM', 'f32'],
  ['SPECTROGRAM_PICTURE', 'png'],
] as const;
const PACKED = [
  ['CHUNK_SPECTROGRAMS', 'f32'],
  ['CHUNK_SPECTROGRAM_PICTURES', 'png'],
] as const;

/** SPECTROGRAMS: of the recording and of its chunks, as float32 [128][frames] in dB and as pictures. */
export async function makeSpectrogramFiles(making: Making): Promise<void> {
  const kinds = [...WHOLE, ...PACKED].map(([kind]) => kind);
  for await (const { submission, artifact } of eachWithArtifacts(making, 'SPECTROGRAMS', kinds)) {
    const about = { modality: 'SPECTROGRAMS', submissionId: submission.id } as const;
    for (const [kind, as] of WHOLE) {
      const stored = artifact(kind);
      const path = PATHS.spectrogram(submission, as);
      if (stored === undefined) continue;
      if (submission.whole) await addWhole(making, { ...about, path }, stored);
      else making.leftOut.push({ path, modality: 'SPECTROGRAMS' });
    }
    for (const [kind, as] of PACKED) {
      const stored = artifact(kind);
      if (stored !== undefined)
        await addPieces(making, about, stored, chunkPieces(submission, stored.offsets ?? [], as));
    }
  }
}

function chunkPieces(submission: SelectedSubmission, offsets: readonly number[], as: 'f32' | 'png'): Piece[] {
  return offsets.slice(0, -1).flatMap((firstByte, number): Piece[] => {
    const bytes = (offsets[number + 1] ?? firstByte) - firstByte;
    if (bytes === 0 || submission.hiddenChunks.includes(number)) return [];
    return [{ path: PATHS.chunk(submission, number, as), firstByte, bytes }];
  });
}
