/** What the pipeline makes of a recording, one file of each kind (packed where it has many parts). */
export const ARTIFACT_KINDS = [
  'VIDEO',
  'FRAMES',
  'FACES',
  'LANDMARKS',
  'AUDIO',
  'SPECTROGRAM',
  'SPECTROGRAM_PICTURE',
  'CHUNK_SPECTROGRAMS',
  'CHUNK_SPECTROGRAM_PICTURES',
] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

/** Where the pipeline's files go; the caller decides what becomes of them. */
export interface ArtifactSink {
  open(kind: ArtifactKind, about: ArtifactAbout): Promise<ArtifactFile>;
}

export interface ArtifactAbout {
  contentType: string;
  step: string;
  stepVersion: string;
  parameters: Record<string, unknown>;
}

export interface ArtifactFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Replaces the first bytes of the file: a header that is known only at the end. */
  overwriteStart(bytes: Uint8Array): Promise<void>;
  /** @param offsets of a packed file: where part n (from 0) begins, then the end */
  close(offsets?: number[]): Promise<void>;
}

/** A sink that keeps nothing, for looking at a file without storing. */
export const discardingSink: ArtifactSink = {
  open: async () => ({ write: async () => {}, overwriteStart: async () => {}, close: async () => {} }),
};

/** Parts one after the other in one file, with the offsets that find them again. */
export class Pack {
  readonly offsets = [0];
  private readonly file: ArtifactFile;
  constructor(file: ArtifactFile) {
    this.file = file;
  }
  /** An empty part keeps the numbering where there is nothing to store. */
  async add(part: Uint8Array): Promise<void> {
    this.offsets.push(this.offsets.at(-1)! + part.length);
    if (part.length > 0) await this.file.write(part);
  }
  close(): Promise<void> {
    return this.file.close(this.offsets);
  }
}
