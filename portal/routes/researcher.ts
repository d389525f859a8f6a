import type { Area } from '../app/nav.ts';

export const researcherArea: Area = { routes: [], nav: [] };
