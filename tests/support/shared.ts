import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../../shared');

/** True where the reference material lies beside the checkout; tests that need it say so in their name and are skipped without it. */
export const hasShared = existsSync(resolve(root, 'golden/README.md'));

/** Path of a file of the reference material, e.g. `sharedPath('golden', 'audio', 'features.tsv')`. */
export const sharedPath = (...parts: string[]): string => resolve(root, ...parts);
