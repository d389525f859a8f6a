import { wavHeader } from '../../pipeline/audio/wav.ts';

export interface MadeFile {
  kind: string;
  bytes: Buffer;
  /** Of a packed file: where its parts begin, then its end. */
  offsets: number[] | null;
}

const LANDMARK_VALUES = 468 * 3;
const SAMPLE_RATE = 8000;

/** The text that stands for a picture, a film or a spectrogram: enough to tell one from another. */
export const madeBytes = (...names: (string | number)[]): Buffer => Buffer.from(`made: ${names.join(' ')}\n`);

/** Value k of frame n (from 1) in a made landmark file. */
export const landmarkValue = (n: number, k: number): number => Math.fround(n / 100 + k / 2000);

/** Files of one recording in the layout that the pipeline stores; pictures and film are short texts, sound and landmarks are real. */
export function recordingFiles(of: {
  name: string;
  frames: number;
  chunks: number;
  noFace: number[];
  noMesh: number[];
  sound: boolean;
  durationSeconds: number;
}): MadeFile[] {
  const numbers = Array.from({ length: of.frames }, (_, i) => i + 1);
  const chunks = Array.from({ length: of.chunks }, (_, i) => i);
  const files: MadeFile[] = [
    { kind: 'VIDEO', bytes: madeBytes('video', of.name), offsets: null },
    { kind: 'FRAMES', ...pack(numbers.map((n) => madeBytes('frame', of.name, n))) },
    {
      kind: 'FACES',
      ...pack(numbers.map((n) => (of.noFace.includes(n) ? Buffer.alloc(0) : madeBytes('face', of.name, n)))),
    },
    { kind: 'LANDMARKS', bytes: landmarks(numbers, new Set([...of.noFace, ...of.noMesh])), offsets: null },
  ];
  if (of.sound)
    files.push(
      { kind: 'AUDIO', bytes: sound(of.durationSeconds), offsets: null },
      { kind: 'SPECTROGRAM', bytes: madeBytes('spectrogram', of.name), offsets: null },
      { kind: 'SPECTROGRAM_PICTURE', bytes: madeBytes('picture', of.name), offsets: null },
      { kind: 'CHUNK_SPECTROGRAMS', ...pack(chunks.map((c) => madeBytes('chunk spectrogram', of.name, c))) },
      { kind: 'CHUNK_SPECTROGRAM_PICTURES', ...pack(chunks.map((c) => madeBytes('chunk picture', of.name, c))) },
    );
  return files;
}

function pack(parts: Buffer[]): { bytes: Buffer; offsets: number[] } {
  const offsets = [0];
  for (const part of parts) offsets.push(offsets.at(-1)! + part.length);
  return { bytes: Buffer.concat(parts), offsets };
}

function landmarks(numbers: number[], without: ReadonlySet<number>): Buffer {
  const values = new Float32Array(numbers.length * LANDMARK_VALUES);
  for (const n of numbers)
    for (let k = 0; k < LANDMARK_VALUES; k++)
      values[(n - 1) * LANDMARK_VALUES + k] = without.has(n) ? Number.NaN : landmarkValue(n, k);
  return Buffer.from(values.buffer);
}

/** A mono wav whose sample s is s modulo 1,000, so that a cut is seen. */
function sound(seconds: number): Buffer {
  const samples = Math.round(seconds * SAMPLE_RATE);
  const pcm = Int16Array.from({ length: samples }, (_, s) => s % 1000);
  return Buffer.concat([wavHeader(samples, 1, SAMPLE_RATE), Buffer.from(pcm.buffer)]);
}
