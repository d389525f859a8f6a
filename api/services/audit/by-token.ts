import type { Actor } from '../../../governance/actor.ts';

/** For an entry's detail: the personal token that somebody came with, by its id; nothing where they came without one. */
export const byToken = (actor: Actor): { readonly token?: string } =>
  actor.kind === 'account' && actor.tokenId ? { token: actor.tokenId } : {};
