import { LANDMARK_POINTS } from '../../../governance/modality.ts';
import { AUDIO_FEATURE_NAMES } from '../../../pipeline/audio/features.ts';
import { createFaceChain } from '../../../pipeline/faces/face-chain.ts';
import type { ArtifactKind } from '../../../pipeline/stages/artifact-sink.ts';
import { type AtomicFile, atomicFile } from '../atomic-file.ts';
import { CommandFailed, systemFailure, wrongUsage } from '../exit.ts';
import { type Inspection, inspectRecording } from '../inspect-recording.ts';
import { facesTable, featuresTable, qualityOf, qualityTable, summary, type TellFace } from '../inspect-text.ts';
import { type Io, printJson } from '../io.ts';
import { frameLandmarks } from '../landmark-pixels.ts';
import { oneOf } from '../options.ts';
import { safe } from '../terminal.ts';

export interface InspectCommandOptions {
  features?: true;
  spectrogram?: string;
  landmarks?: string;
  from: string;
  faces?: true;
  quality?: true;
  json?: true;
}

const BANDS = 128;

/** Shows what the pipeline makes of one file. @throws CommandFailed */
export async function inspect(io: Io, path: string, options: InspectCommandOptions): Promise<void> {
  const from = oneOf('--from', options.from, ['crop', 'frame'] as const);
  const { features, spectrogram, landmarks, faces, quality } = options;
  if (spectrogram !== undefined && spectrogram === landmarks)
    throw wrongUsage('--spectrogram and --landmarks name the same file.');
  const everything = !(features || spectrogram || landmarks || faces || quality);
  const looks = everything || Boolean(landmarks || faces || quality);
  const picture = spectrogram?.toLowerCase().endsWith('.png');
  const wanted: ArtifactKind = picture ? 'SPECTROGRAM_PICTURE' : 'SPECTROGRAM';

  const chain = looks ? await createFaceChain() : null;
  const found: TellFace[] = [];
  let out: AtomicFile | undefined;
  let bytes: Uint8Array | undefined;
  try {
    if (landmarks) out = await atomicFile(landmarks);
    const startedAt = performance.now();
    const inspection = await inspectRecording(path, {
      chain,
      signal: io.signal,
      async onFace(number, face) {
        if (!looks) return;
        found.push({ number, timeSeconds: (number - 1) / 10, box: face?.box ?? null, score: face?.score ?? null });
        await out?.write(frameLandmarks(face, from));
      },
      keep: spectrogram ? [wanted] : [],
      onKept: (_, kept) => {
        bytes = kept;
      },
      onFrame(done, expected) {
        const rate = done / ((performance.now() - startedAt) / 1000);
        if (looks) io.progress.show('frames', done / expected, `frames ${done} of ${expected}, ${rate.toFixed(0)}/s`);
      },
    }).catch((error: unknown) => {
      throw systemFailure(error, path) ?? error;
    });
    io.progress.clear();
    if ((features || spectrogram) && !inspection.sound.vector) throw nothingThere(path, 'NO_SOUND', 'has no sound');
    if ((landmarks || faces) && found.length === 0) throw nothingThere(path, 'NO_VIDEO', 'has no pictures');
    await out?.finish();
    if (spectrogram && bytes) await writeWhole(spectrogram, bytes);
    tell(io, path, options, inspection, found, bytes, from);
  } finally {
    io.progress.clear();
    await out?.discard();
    await chain?.close();
  }
}

const nothingThere = (path: string, code: string, what: string): CommandFailed =>
  new CommandFailed(`${path} ${what}.`, { code });

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await atomicFile(path);
  try {
    await file.write(bytes);
    await file.finish();
  } finally {
    await file.discard();
  }
}

function tell(
  io: Io,
  path: string,
  options: InspectCommandOptions,
  inspection: Inspection,
  found: readonly TellFace[],
  bytes: Uint8Array | undefined,
  from: 'crop' | 'frame',
): void {
  const { features, spectrogram, landmarks, faces, quality, json } = options;
  const { sound, durationSeconds } = inspection;
  const spectrogramFrames = Math.floor((inspection.stored.SPECTROGRAM ?? 0) / 4 / BANDS);
  const everything = !(features || spectrogram || landmarks || faces || quality);
  const landmarkShape = [found.length, LANDMARK_POINTS, 3];
  const spectrogramShape = [BANDS, spectrogramFrames];
  if (json) {
    const sounds = { features: sound.vector && [...sound.vector], featureNames: AUDIO_FEATURE_NAMES };
    printJson(io, {
      file: path,
      durationSeconds,
      sampleRate: sound.sampleRate,
      ...((features || everything) && sounds),
      ...(spectrogram && { shape: spectrogramShape, spectrogram: { path: spectrogram, shape: spectrogramShape } }),
      ...(landmarks && { shape: landmarkShape, landmarks: { path: landmarks, shape: landmarkShape, from } }),
      ...((faces || everything) && { frames: found }),
      ...((quality || everything) && { quality: qualityOf(inspection) }),
      ...(everything && {
        chunks: inspection.chunks.map(({ vector, ...rest }) => ({ ...rest, features: vector && [...vector] })),
      }),
      ...(everything && { recording: inspection.recording?.info ?? null, stored: inspection.stored }),
    });
    return;
  }
  if (everything) io.print(summary(path, inspection));
  if (features) io.print(featuresTable(sound));
  if (faces) io.print(facesTable(found));
  if (quality) io.print(qualityTable(inspection));
  if (spectrogram && bytes) io.print(`${safe(spectrogram)}: ${BANDS} bands x ${spectrogramFrames} frames`);
  if (landmarks) {
    const seen = found.filter(({ box }) => box !== null).length;
    io.print(`${safe(landmarks)}: ${landmarkShape.join(' x ')} float32, ${seen} of ${found.length} frames with a face`);
  }
}
