import type { Area } from '../app/nav.ts';
import { signedIn } from '../app/nav.ts';

/** Pages of somebody who asks for access, or has it. */
export const researcherArea: Area = {
  routes: [
    { path: '/me', lazy: async () => ({ Component: (await import('../pages/researcher/me-page.tsx')).MePage }) },
    {
      path: '/requests',
      lazy: async () => ({ Component: (await import('../pages/researcher/requests-page.tsx')).RequestsPage }),
    },
    {
      path: '/requests/:id',
      lazy: async () => ({ Component: (await import('../pages/researcher/request-page.tsx')).RequestPage }),
    },
    {
      path: '/certificates',
      lazy: async () => ({ Component: (await import('../pages/researcher/certificates-page.tsx')).CertificatesPage }),
    },
    {
      path: '/incidents',
      lazy: async () => ({ Component: (await import('../pages/researcher/incidents-page.tsx')).IncidentsPage }),
    },
  ],
  nav: [
    { label: 'Where you stand', to: '/me', group: 'Access', shown: signedIn },
    { label: 'Requests', to: '/requests', group: 'Access', shown: signedIn },
    { label: 'Certificates', to: '/certificates', group: 'Access', shown: signedIn },
    { label: 'Report an incident', to: '/incidents', group: 'Access', shown: signedIn },
  ],
};
