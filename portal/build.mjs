// Builds the portal's pages into portal/dist. Part of `npm ci` (script "prepare"), where development dependencies may be absent.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// Whoever builds, also a test, whose own word would be taken: people get the pages as they are meant to be served.
process.env.NODE_ENV = 'production';
const vite = await import('vite').catch((error) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
  throw error;
});
if (vite) {
  await vite.build({ logLevel: 'warn' });
  // What the server accepts from this build's pages.
  const { persistedOperations } = await import('./operations.mjs');
  await writeFile(join(import.meta.dirname, 'dist/operations.json'), JSON.stringify(persistedOperations()));
} else console.log('The portal is left as it is: vite, a development dependency, is not installed.');
