import { join } from 'node:path';
import { fileKeys } from '../../api/adapters/keys/file-keys.ts';
import { fileStore } from '../../api/adapters/objects/file-store.ts';
import { sealedStore } from '../../api/adapters/objects/sealed-store.ts';

/** Objects and keys in a folder as the server keeps them. */
export function sealedObjects(directory: string, sealingKey: Buffer = Buffer.alloc(32, 3)) {
  const keys = fileKeys(join(directory, 'keys'), sealingKey);
  const files = fileStore(directory);
  return { keys, files, objects: sealedStore(files, keys, join(directory, 'work')) };
}
