import { AUDIO_FEATURE_NAMES } from '../../pipeline/audio/features.ts';
import type { SoundFound } from '../../pipeline/stages/sound-stage.ts';
import type { Inspection } from './inspect-recording.ts';
import { table } from './table.ts';
import { bytesText, counted, safe } from './terminal.ts';

/** A frame as it is told: pixels of the upright frame, null where no face is. */
export interface TellFace {
  number: number;
  timeSeconds: number;
  box: readonly [number, number, number, number] | null;
  score: number | null;
}

/** The figures that the paper's ethics appendix asks for. Null where a file has no pictures or no sound. */
export function qualityOf({ recording, sound }: Inspection) {
  const video = recording?.info.video ?? null;
  const frames = recording?.frames;
  const count = frames?.boxes.length ?? 0;
  const seen = frames?.boxes.filter((box) => box !== null).length ?? 0;
  return {
    width: video?.width ?? null,
    height: video?.height ?? null,
    rotation: video?.rotation ?? null,
    frameRate: video?.measuredFrameRate ?? video?.nominalFrameRate ?? null,
    variableFrameRate: video?.variableFrameRate ?? null,
    brightness: video && frames ? frames.brightness : null,
    contrast: video && frames ? frames.contrast : null,
    sharpness: video && frames ? frames.sharpness : null,
    faceShare: count > 0 ? seen / count : null,
    framesWithSeveralFaces: frames?.framesWithSeveralFaces ?? null,
    audio: sound.status,
    loudness: sound.loudness?.rmsDbfs ?? null,
    clipping: sound.loudness?.clippedShare ?? null,
  };
}

const figure = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : Number.isInteger(value) ? String(value) : value.toPrecision(6);

export const featuresTable = ({ vector }: SoundFound): string =>
  table(
    [{ title: 'feature' }, { title: 'value', align: 'right' }],
    AUDIO_FEATURE_NAMES.map((name, at) => [name, figure(vector?.[at])]),
  );

export const facesTable = (frames: readonly TellFace[]): string =>
  table(
    ['frame', 'seconds', 'x', 'y', 'width', 'height', 'score'].map((title) => ({ title, align: 'right' })),
    frames.map(({ number, timeSeconds, box, score }) => [
      String(number),
      timeSeconds.toFixed(1),
      ...(box ? box.map(String) : ['no face', '', '', '']),
      score?.toFixed(3) ?? '',
    ]),
  );

export const qualityTable = (inspection: Inspection): string =>
  table(
    [{ title: 'figure' }, { title: 'value', align: 'right' }],
    Object.entries(qualityOf(inspection)).map(([name, value]) => [
      name,
      typeof value === 'number' ? figure(value) : String(value ?? ''),
    ]),
  );

/** Everything that the pipeline would make, in a few lines. */
export function summary(path: string, inspection: Inspection): string {
  const { recording, sound, chunks, durationSeconds, stored } = inspection;
  const info = recording?.info;
  const frames = recording?.frames;
  const lines: [string, string][] = [['file', `${safe(path)}, ${durationSeconds.toFixed(2)} s`]];
  if (info?.video && frames) {
    const { codec, width, height, rotation, measuredFrameRate, variableFrameRate } = info.video;
    const seen = frames.boxes.filter((box) => box !== null).length;
    const rate = measuredFrameRate === null ? '' : `, ${measuredFrameRate.toFixed(2)} fps`;
    lines.push(
      ['container', `${info.container}, ${bytesText(info.bytes)}`],
      [
        'video',
        `${codec}, ${width} x ${height}${rate}${variableFrameRate ? ' (varying)' : ''}${rotation ? `, turned by ${rotation} degrees` : ''}`,
      ],
      ['frames', `${counted(frames.boxes.length, 'frame')} at 10 a second`],
      [
        'faces',
        `${seen} of ${frames.boxes.length} frames, ${counted(frames.framesWithSeveralFaces, 'frame')} with several`,
      ],
      ['landmarks', `${counted(frames.landmarksFound.filter(Boolean).length, 'mesh', 'meshes')} of 468 points`],
    );
  }
  lines.push(['sound', soundText(sound)]);
  if (sound.vector)
    lines.push(['spectrogram', `128 bands x ${(stored.SPECTROGRAM ?? 0) / 512} frames; 25 audio features`]);
  lines.push(['chunks', `${chunks.length} of 4 s`]);
  for (const track of info?.otherTracks ?? []) lines.push(['left alone', safe(track)]);
  const total = Object.values(stored).reduce((sum, bytes) => sum + bytes, 0);
  lines.push(['would store', `${bytesText(total)} and the released copy of the video`]);
  const head = lines.map(([name, text]) => `${name.padEnd(12)} ${text}`).join('\n');
  return `${head}\n\n${qualityTable(inspection)}${sound.vector ? `\n\n${featuresTable(sound)}` : ''}`;
}

function soundText({ status, sampleRate, channels, loudness }: SoundFound): string {
  if (status === 'NONE') return 'none';
  const level = loudness?.rmsDbfs == null ? '' : `, ${loudness.rmsDbfs.toFixed(1)} dB of full scale`;
  return `${sampleRate?.toLocaleString('en')} Hz, ${counted(channels ?? 0, 'channel')}${status === 'SILENT' ? ', silent' : level}`;
}
