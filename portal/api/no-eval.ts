import { z } from 'zod';

// The page's CSP forbids eval; zod would try it for speed. To be imported before any schema is made.
z.config({ jitless: true });
