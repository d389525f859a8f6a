import type { RouteObject } from 'react-router';
import type { Viewer } from './viewer.tsx';

/** A link of the menu. It is a convenience: what a page shows is decided by the API. */
export interface NavEntry {
  readonly label: string;
  readonly to: string;
  /** The heading that it stands under. */
  readonly group: 'Study' | 'Access' | 'Data' | 'Stewards' | 'Duties';
  /** Whether this person finds it in the menu; everybody unless given. */
  readonly shown?: (viewer: Viewer | null) => boolean;
}

/** Pages of one kind of person: each area has a file in portal/routes. */
export interface Area {
  readonly routes: readonly RouteObject[];
  readonly nav: readonly NavEntry[];
}

export const signedIn = (viewer: Viewer | null): boolean => viewer !== null;
export const withRole =
  (...roles: readonly Viewer['roles'][number][]) =>
  (viewer: Viewer | null): boolean =>
    viewer?.roles.some((role) => roles.includes(role)) ?? false;
export const withGrant = (viewer: Viewer | null): boolean => (viewer?.grants.length ?? 0) > 0;
