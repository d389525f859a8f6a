import type { Area } from '../app/nav.ts';
import { withRole } from '../app/nav.ts';

/** Pages of stewards, signing officials, auditors, administrators and curators. */
export const stewardArea: Area = {
  routes: [
    {
      path: '/steward',
      lazy: async () => ({ Component: (await import('../pages/steward/queue-page.tsx')).QueuePage }),
    },
    {
      path: '/steward/requests/:id',
      lazy: async () => ({ Component: (await import('../pages/steward/steward-request-page.tsx')).StewardRequestPage }),
    },
    {
      path: '/steward/certificates',
      lazy: async () => ({
        Component: (await import('../pages/steward/certificates-queue-page.tsx')).CertificatesQueuePage,
      }),
    },
    {
      path: '/official',
      lazy: async () => ({ Component: (await import('../pages/steward/queue-page.tsx')).OfficialQueuePage }),
    },
    {
      path: '/official/requests/:id',
      lazy: async () => ({
        Component: (await import('../pages/steward/steward-request-page.tsx')).OfficialRequestPage,
      }),
    },
  ],
  nav: [
    { label: 'Requests to decide', to: '/steward', group: 'Stewards', shown: withRole('STEWARD') },
    { label: 'Certificates to verify', to: '/steward/certificates', group: 'Stewards', shown: withRole('STEWARD') },
    { label: 'Your institution', to: '/official', group: 'Duties', shown: withRole('SIGNING_OFFICIAL') },
  ],
};
