import { canonicalText, sha256 } from '../canonical.ts';
import type { RequestState } from './state.ts';

/** States are never changed, so each is hashed once. */
const hashes = new WeakMap<RequestState, string>();

/**
 * Hash of what somebody sees of a request when they sign, endorse, propose or second: the form, who was asked to
 * join, and the number of edits. An edit changes it, and with it everything bound to the old one is void.
 */
export const seenHash = (state: RequestState): string => {
  const known = hashes.get(state);
  if (known !== undefined) return known;
  const hash = sha256(
    canonicalText({
      request: state.id,
      revision: state.revision,
      institution: state.institutionId,
      form: state.form,
      team: state.collaborators.map(({ invitationId, email }) => ({ invitationId, email })),
    }),
  );
  hashes.set(state, hash);
  return hash;
};
