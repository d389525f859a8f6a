import type { Area } from '../app/nav.ts';

/** Pages for everybody. */
export const visitorArea: Area = {
  routes: [
    { path: '/', lazy: async () => ({ Component: (await import('../pages/visitor/study-page.tsx')).StudyPage }) },
  ],
  nav: [{ label: 'The study', to: '/', group: 'Study' }],
};
