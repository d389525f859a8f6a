// A thread begins here, since it takes over no loader of its parent: TypeScript is loaded from here on.
import { register } from 'tsx/esm/api';

register();
await import('./forest-worker.ts');
