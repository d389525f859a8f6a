import { LANDMARK_RECORD_BYTES } from '../../../governance/modality.ts';

/** What is recorded of a file of a release, and of the recording that it belongs to. */
export interface RecordedArtifact {
  readonly kind: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly frames: number;
  readonly chunks: number;
  /** Where the parts of a packed file begin, then its end. */
  readonly offsets: readonly number[] | null;
}

const ANY = 'application/octet-stream';
const CONTENT_TYPES: Readonly<Record<string, readonly string[]>> = {
  VIDEO: ['video/mp4', ANY],
  FRAMES: ['application/x-iss-jpeg-pack', ANY],
  FACES: ['application/x-iss-jpeg-pack', ANY],
  LANDMARKS: [ANY],
  AUDIO: ['audio/wav', ANY],
  SPECTROGRAM: [ANY],
  SPECTROGRAM_PICTURE: ['image/png', ANY],
  CHUNK_SPECTROGRAMS: ['application/x-iss-float32-pack', ANY],
  CHUNK_SPECTROGRAM_PICTURES: ['application/x-iss-png-pack', ANY],
};

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

/** Bytes that a file of a content type has at these places (from its beginning, or that of each of its parts). */
const MARKS: Readonly<Record<string, readonly { readonly at: number; readonly mark: Uint8Array }[]>> = {
  'video/mp4': [{ at: 4, mark: Buffer.from('ftyp') }],
  'audio/wav': [
    { at: 0, mark: Buffer.from('RIFF') },
    { at: 8, mark: Buffer.from('WAVEfmt ') },
  ],
  'image/png': [{ at: 0, mark: PNG }],
  'application/x-iss-png-pack': [{ at: 0, mark: PNG }],
  'application/x-iss-jpeg-pack': [{ at: 0, mark: JPEG }],
};

/** What is wrong with the form that is recorded of a file, its bytes apart; null where nothing is. */
export function formProblem(of: RecordedArtifact): string | null {
  const types = CONTENT_TYPES[of.kind];
  if (types === undefined) return `there is no kind of file ${of.kind}`;
  if (!types.includes(of.contentType)) return `it is recorded as ${of.contentType} instead of ${types[0]}`;
  const parts = (of.offsets?.length ?? 1) - 1;
  if ((of.kind === 'FRAMES' || of.kind === 'FACES') && of.offsets?.length !== of.frames + 1)
    return `it holds ${parts} parts for ${of.frames} frames`;
  if (of.kind.startsWith('CHUNK_') && of.offsets?.length !== of.chunks + 1)
    return `it holds ${parts} parts for ${of.chunks} chunks`;
  if (of.kind === 'LANDMARKS' && of.bytes !== of.frames * LANDMARK_RECORD_BYTES)
    return 'its length is not 468 x 3 float32 for each frame';
  if (of.offsets === null) return null;
  const ordered = of.offsets.every((offset, i) => offset >= (of.offsets?.[i - 1] ?? 0));
  if (!ordered || of.offsets[0] !== 0 || of.offsets.at(-1) !== of.bytes)
    return 'its parts do not follow on each other from its first byte to its last';
  const uneven = of.offsets.some((offset) => offset % 4 !== 0);
  return of.contentType === 'application/x-iss-float32-pack' && uneven ? 'its parts are not float32' : null;
}

/** Looks at the bytes of a file as they are read: whether it, and each of its parts that is not empty, begins as its content type does. */
export function formReader({ contentType, bytes, offsets }: RecordedArtifact): {
  read(part: Uint8Array): void;
  problem(): string | null;
} {
  const places = marksOf(contentType, offsets ?? [0, bytes]);
  let next = places.next();
  let matched = 0;
  let position = 0;
  let wrong = false;
  return {
    read(part) {
      const end = position + part.length;
      while (!wrong && !next.done) {
        const { at, mark } = next.value;
        const place = at + matched;
        if (place >= end) break;
        if (part[place - position] !== mark[matched]) wrong = true;
        else if (++matched === mark.length) {
          matched = 0;
          next = places.next();
        }
      }
      position = end;
    },
    problem: () => (wrong || !next.done ? `its bytes are not of the form ${contentType}` : null),
  };
}

function* marksOf(contentType: string, offsets: readonly number[]): Generator<{ at: number; mark: Uint8Array }> {
  const marks = MARKS[contentType] ?? [];
  if (marks.length === 0) return;
  for (const [i, begin] of offsets.slice(0, -1).entries()) {
    if (offsets[i + 1] === begin) continue;
    for (const { at, mark } of marks) yield { at: begin + at, mark };
  }
}
