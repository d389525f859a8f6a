// Builds the portal's pages into portal/dist. Part of `npm ci` (script "prepare"), where development dependencies may be absent.
const vite = await import('vite').catch((error) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
  throw error;
});
if (vite) await vite.build({ logLevel: 'warn' });
else console.log('The portal is left as it is: vite, a development dependency, is not installed.');
