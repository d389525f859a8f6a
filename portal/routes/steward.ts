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
    {
      path: '/steward/releases',
      lazy: async () => ({ Component: (await import('../pages/governance/releases-page.tsx')).ReleasesPage }),
    },
    {
      path: '/steward/withdrawals',
      lazy: async () => ({ Component: (await import('../pages/governance/withdrawals-page.tsx')).WithdrawalsPage }),
    },
    {
      path: '/steward/safety',
      lazy: async () => ({ Component: (await import('../pages/governance/safety-page.tsx')).SafetyPage }),
    },
    {
      path: '/steward/agreements',
      lazy: async () => ({ Component: (await import('../pages/governance/agreements-page.tsx')).AgreementsPage }),
    },
    {
      path: '/admin/mail',
      lazy: async () => ({ Component: (await import('../pages/duties/mail-page.tsx')).MailPage }),
    },
    {
      path: '/steward/figures',
      lazy: async () => ({ Component: (await import('../pages/governance/dashboard-page.tsx')).DashboardPage }),
    },
    {
      path: '/auditor/seen',
      lazy: async () => ({ Component: (await import('../pages/duties/seen-page.tsx')).SeenPage }),
    },
    { path: '/auditor', lazy: async () => ({ Component: (await import('../pages/duties/audit-page.tsx')).AuditPage }) },
    {
      path: '/admin',
      lazy: async () => ({ Component: (await import('../pages/duties/accounts-page.tsx')).AccountsPage }),
    },
    {
      path: '/admin/institutions',
      lazy: async () => ({ Component: (await import('../pages/duties/institutions-page.tsx')).InstitutionsPage }),
    },
    {
      path: '/admin/policy',
      lazy: async () => ({ Component: (await import('../pages/duties/policy-page.tsx')).PolicyPage }),
    },
    {
      path: '/admin/steps',
      lazy: async () => ({ Component: (await import('../pages/duties/steps-page.tsx')).StepsPage }),
    },
    {
      path: '/steward/deputies',
      lazy: async () => ({ Component: (await import('../pages/duties/deputies-page.tsx')).DeputiesPage }),
    },
    {
      path: '/curator/jobs',
      lazy: async () => ({ Component: (await import('../pages/duties/jobs-page.tsx')).JobsPage }),
    },
    { path: '/curator', lazy: async () => ({ Component: (await import('../pages/duties/drop-page.tsx')).DropPage }) },
  ],
  nav: [
    { label: 'Requests to decide', to: '/steward', group: 'Stewards', shown: withRole('STEWARD') },
    { label: 'Certificates to verify', to: '/steward/certificates', group: 'Stewards', shown: withRole('STEWARD') },
    { label: 'Your institution', to: '/official', group: 'Duties', shown: withRole('SIGNING_OFFICIAL') },
    { label: 'Releases', to: '/steward/releases', group: 'Stewards', shown: withRole('STEWARD', 'CURATOR') },
    { label: 'Withdrawals', to: '/steward/withdrawals', group: 'Stewards', shown: withRole('STEWARD') },
    { label: 'Halts and incidents', to: '/steward/safety', group: 'Stewards', shown: withRole('STEWARD', 'CURATOR') },
    { label: 'Data use agreement', to: '/steward/agreements', group: 'Stewards', shown: withRole('STEWARD') },
    { label: 'How it stands', to: '/steward/figures', group: 'Stewards', shown: withRole('STEWARD', 'CURATOR') },
    { label: 'Deputies', to: '/steward/deputies', group: 'Stewards', shown: withRole('STEWARD', 'ADMIN') },
    { label: 'Ingest', to: '/curator', group: 'Duties', shown: withRole('CURATOR') },
    { label: 'Work', to: '/curator/jobs', group: 'Duties', shown: withRole('CURATOR') },
    { label: 'The log', to: '/auditor', group: 'Duties', shown: withRole('AUDITOR', 'STEWARD') },
    { label: 'Who saw what (everybody)', to: '/auditor/seen', group: 'Duties', shown: withRole('AUDITOR', 'STEWARD') },
    { label: 'Accounts', to: '/admin', group: 'Duties', shown: withRole('ADMIN') },
    { label: 'Institutions', to: '/admin/institutions', group: 'Duties', shown: withRole('ADMIN') },
    { label: 'Policy', to: '/admin/policy', group: 'Duties', shown: withRole('ADMIN') },
    { label: 'Mail', to: '/admin/mail', group: 'Duties', shown: withRole('ADMIN') },
    { label: 'Second person', to: '/admin/steps', group: 'Duties', shown: withRole('ADMIN') },
  ],
};
