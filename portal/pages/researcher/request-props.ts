import type { RequestPartsFragment } from '../../operations/researcher.ts';

/** What every part of a request's page is given. */
export interface RequestProps {
  readonly request: RequestPartsFragment;
  readonly reload: () => void;
}
