import type { Area } from '../app/nav.ts';

/** Pages for everybody. */
export const visitorArea: Area = {
  routes: [
    { path: '/', lazy: async () => ({ Component: (await import('../pages/visitor/study-page.tsx')).StudyPage }) },
    {
      path: '/modalities',
      lazy: async () => ({ Component: (await import('../pages/visitor/modalities-page.tsx')).ModalitiesPage }),
    },
    {
      path: '/results',
      lazy: async () => ({ Component: (await import('../pages/visitor/results-page.tsx')).ResultsPage }),
    },
    {
      path: '/limits',
      lazy: async () => ({ Component: (await import('../pages/visitor/limits-page.tsx')).LimitsPage }),
    },
    {
      path: '/dictionary',
      lazy: async () => ({ Component: (await import('../pages/visitor/dictionary-page.tsx')).DictionaryPage }),
    },
    {
      path: '/samples',
      lazy: async () => ({ Component: (await import('../pages/visitor/samples-page.tsx')).SamplesPage }),
    },
    { path: '/ask', lazy: async () => ({ Component: (await import('../pages/visitor/ask-page.tsx')).AskPage }) },
    {
      path: '/register',
      lazy: async () => ({ Component: (await import('../pages/visitor/register-page.tsx')).RegisterPage }),
    },
  ],
  nav: [
    { label: 'The study', to: '/', group: 'Study' },
    { label: 'What is in it', to: '/modalities', group: 'Study' },
    { label: 'Synthetic sample', to: '/samples', group: 'Study' },
    { label: 'Published results', to: '/results', group: 'Study' },
    { label: 'Datasheet and limits', to: '/limits', group: 'Study' },
    { label: 'Data dictionary', to: '/dictionary', group: 'Study' },
    { label: 'How to ask', to: '/ask', group: 'Study' },
    { label: 'Approved uses', to: '/register', group: 'Study' },
  ],
};
