import type { RoleAction } from './actions.ts';
import type { Modality } from './modality.ts';
import type { SignIn } from './second-factor.ts';
import type { Use } from './use.ts';

/** Who acts. Roles are not here: they are facts of ours, never read from a token. */
export type Actor = AnonymousActor | AccountActor | PipelineActor;

export interface AnonymousActor {
  readonly kind: 'anonymous';
}

export interface AccountActor {
  readonly kind: 'account';
  readonly accountId: string;
  /** The grant that the caller names (`ISS-Grant` header, `--grant`); absent or null when none is named. */
  readonly grantId?: string | null;
  /** The grant that a personal token is bound to: it then acts for that grant and may do nothing else. */
  readonly tokenGrantId?: string | null;
  /** That token's id: it is asked for at every decision, so that what was begun with it ends with it. */
  readonly tokenId?: string | null;
  /** How they signed in, where decisions ask for it. */
  readonly signIn?: SignIn;
}

/** A worker of ours, which may do what its job names. A job for a person is decided as that person. */
export interface PipelineActor {
  readonly kind: 'system:pipeline';
  readonly job: JobScope;
}

export interface JobScope {
  readonly jobId: string;
  readonly actions: readonly (Use | RoleAction)[];
  readonly modalities: readonly Modality[];
  /** The release that its work belongs to; null for work on no release, such as ingest. */
  readonly releaseId: string | null;
}

export const ANONYMOUS: AnonymousActor = { kind: 'anonymous' };
