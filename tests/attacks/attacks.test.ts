import { afterAll, beforeAll } from 'vitest';
import { fileAttacks } from './file-attacks.ts';
import { graphqlAttacks } from './graphql-attacks.ts';
import { httpAttacks } from './http-attacks.ts';
import { startTarget, type Target } from './target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTarget();
}, 180_000);
afterAll(() => target?.stop());

graphqlAttacks(() => target);
fileAttacks(() => target);
// The last of them looks for the others' secrets in the log.
httpAttacks(() => target);
