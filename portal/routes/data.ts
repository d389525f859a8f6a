import type { Area } from '../app/nav.ts';
import { withGrant } from '../app/nav.ts';

/** Pages of somebody who has access. */
export const dataArea: Area = {
  routes: [
    {
      path: '/data/patients',
      lazy: async () => ({ Component: (await import('../pages/data/patients-page.tsx')).PatientsPage }),
    },
    {
      path: '/data/patients/:code',
      lazy: async () => ({ Component: (await import('../pages/data/patient-page.tsx')).PatientPage }),
    },
    {
      path: '/data/patients/:code/:timestamp',
      lazy: async () => ({ Component: (await import('../pages/data/submission-page.tsx')).SubmissionPage }),
    },
    {
      path: '/data/folds',
      lazy: async () => ({ Component: (await import('../pages/data/folds-page.tsx')).FoldsPage }),
    },
    {
      path: '/data/log',
      lazy: async () => ({ Component: (await import('../pages/data/access-log-page.tsx')).AccessLogPage }),
    },
    { path: '/runs', lazy: async () => ({ Component: (await import('../pages/data/runs-page.tsx')).RunsPage }) },
    { path: '/runs/:id', lazy: async () => ({ Component: (await import('../pages/data/run-page.tsx')).RunPage }) },
    {
      path: '/exports',
      lazy: async () => ({ Component: (await import('../pages/data/exports-page.tsx')).ExportsPage }),
    },
    { path: '/tokens', lazy: async () => ({ Component: (await import('../pages/data/tokens-page.tsx')).TokensPage }) },
  ],
  nav: [
    { label: 'Patients', to: '/data/patients', group: 'Data', shown: withGrant },
    { label: 'Folds', to: '/data/folds', group: 'Data', shown: withGrant },
    { label: 'Baseline runs', to: '/runs', group: 'Data', shown: withGrant },
    { label: 'Exports', to: '/exports', group: 'Data', shown: withGrant },
    { label: 'Tokens', to: '/tokens', group: 'Data', shown: withGrant },
    { label: 'Who saw what', to: '/data/log', group: 'Data', shown: withGrant },
  ],
};
