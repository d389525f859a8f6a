import type { Area } from '../app/nav.ts';

export const dataArea: Area = { routes: [], nav: [] };
