import type { AccountActor } from '../../governance/actor.ts';
import type { Job } from './job.ts';

/** The person that a job is done for, as they asked for it: under which grant, and with which personal token. */
export const jobActor = (
  of: { readonly accountId: string; readonly grantId: string | null },
  { tokenId }: Pick<Job, 'tokenId'>,
): AccountActor => ({
  kind: 'account',
  accountId: of.accountId,
  grantId: of.grantId,
  ...(tokenId !== null && { tokenId, tokenGrantId: of.grantId }),
});
