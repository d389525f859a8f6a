import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { permissionsDocument } from '../governance/permissions-document.ts';

// npm run docs: writes what is generated from the rules.
await writeFile(join(import.meta.dirname, '../docs/permissions.md'), permissionsDocument());
