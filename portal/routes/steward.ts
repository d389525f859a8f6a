import type { Area } from '../app/nav.ts';

/** Pages of stewards, signing officials, auditors, administrators and curators. */
export const stewardArea: Area = { routes: [], nav: [] };
