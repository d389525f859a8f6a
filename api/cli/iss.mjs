#!/usr/bin/env node
// Plain JavaScript, so that npm can start it: TypeScript is understood from here on. No tsconfig of the folder one stands in counts.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register({ tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)) });
const { main } = await import('./main.ts');
await main(process.argv);
