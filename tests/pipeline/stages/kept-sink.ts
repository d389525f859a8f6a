import type { ArtifactAbout, ArtifactKind, ArtifactSink } from '../../../pipeline/stages/artifact-sink.ts';

export interface KeptFile {
  bytes: Uint8Array;
  offsets: number[] | null;
  closed: boolean;
  about: ArtifactAbout;
}

/** A sink in memory. */
export function keptSink(): { sink: ArtifactSink; files: Map<ArtifactKind, KeptFile> } {
  const files = new Map<ArtifactKind, KeptFile>();
  return {
    files,
    sink: {
      async open(kind, about) {
        const file: KeptFile = { bytes: new Uint8Array(0), offsets: null, closed: false, about };
        files.set(kind, file);
        return {
          async write(bytes) {
            file.bytes = Buffer.concat([file.bytes, bytes]);
          },
          async overwriteStart(bytes) {
            file.bytes.set(bytes, 0);
          },
          async close(offsets) {
            file.offsets = offsets ?? null;
            file.closed = true;
          },
        };
      },
    },
  };
}
