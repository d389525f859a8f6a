import { sealedPlace } from '../../adapters/objects/sealed-store.ts';

/** Whose key seals the files that are made for an export: they name many patients, so they have one of their own. */
export const exportOwner = (exportId: string): string => `EXPORT/${exportId}`;

/** Where files lie that were made for an export alone. */
export const exportPlace = (exportId: string): string => sealedPlace(exportOwner(exportId));
