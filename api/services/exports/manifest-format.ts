import { z } from 'zod';

export const MANIFEST_FORMAT = 'iss-export';
/** Raised when a reader of the earlier form would misunderstand the new one. */
export const MANIFEST_VERSION = 1;

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);

const FILE = z.object({
  path: z.string().min(1).max(1024),
  bytes: z.int().min(0),
  sha256: SHA256,
  modality: z.string().nullable(),
});

const FOLD = z.object({
  number: z.int().min(1),
  trainPatients: z.array(z.string()),
  testPatients: z.array(z.string()),
  disjoint: z.boolean(),
});

/** `manifest.json` of an export: what it is, where it comes from, and every file but itself. */
export const MANIFEST = z.object({
  format: z.literal(MANIFEST_FORMAT),
  formatVersion: z.literal(MANIFEST_VERSION),
  export: z.string(),
  study: z.object({ key: z.string(), title: z.string() }),
  synthetic: z.boolean(),
  /**
   * `state` is the version with the number of patients that were withdrawn from it, `stateDigest` that of what it then listed; `digest` that of the
   * release as published. Manifests of the first version have no `stateDigest`.
   */
  release: z.object({
    version: z.string(),
    state: z.string(),
    digest: z.string().nullable(),
    stateDigest: SHA256.optional(),
  }),
  /** SHA-256 over what could be seen of the scope: equal for two exports made from the same rows. */
  contentDigest: SHA256,
  fold: z.int().nullable(),
  part: z.enum(['TRAIN', 'TEST', 'ALL']),
  modalities: z.array(z.string()),
  grant: z.string(),
  requestedBy: z.string(),
  createdAt: z.string(),
  /** Rows and files; `files` and `bytes` are those of the list below. */
  counts: z.object({
    patients: z.int(),
    submissions: z.int(),
    frames: z.int(),
    chunks: z.int(),
    files: z.int(),
    bytes: z.int(),
  }),
  folds: z.array(FOLD),
  disjointness: z.string(),
  leftOut: z.array(z.object({ path: z.string(), modality: z.string() })),
  cite: z.string(),
  /** By path, in the order of its bytes. */
  files: z.array(FILE),
});

export type Manifest = z.infer<typeof MANIFEST>;
export type ManifestHead = Omit<Manifest, 'files'>;
