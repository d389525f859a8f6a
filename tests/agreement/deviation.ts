import fc from 'fast-check';
import { NOW, type World } from './world.ts';

/** One thing that is otherwise than usual. A case is a list of them, so that what fast-check shrinks to reads as a story. */
export interface Deviation {
  readonly name: string;
  readonly change: (world: World) => void;
}

/** So many hours from NOW. */
export const at = (hours: number): string => new Date(Date.parse(NOW) + hours * 3_600_000).toISOString();
/** So many days from NOW's. */
export const day = (days: number): string => at(days * 24).slice(0, 10);

export const one = (name: string, change: (world: World) => void): Deviation => {
  // How fast-check prints it.
  const deviation = { name, change, [fc.toStringMethod]: () => `“${name}”` };
  return deviation;
};
