/** Raised when the same file would give other results: then everything is made again. */
const VERSION = '1';
const PAPER_CHUNK_SECONDS = 4;

/** What a recording was made by: the version, and the settings that change its data where they are not the paper's. */
export const pipelineVersion = (settings: { chunkSeconds: number }): string =>
  settings.chunkSeconds === PAPER_CHUNK_SECONDS ? VERSION : `${VERSION}+chunk-${settings.chunkSeconds}s`;
