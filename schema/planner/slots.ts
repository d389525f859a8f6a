import type { Modality } from '../../governance/modality.ts';
import type { Json } from './json.ts';

/**
 * What the database cannot write: tickets of files, numbers that lie in the object store, fields of other services.
 * The statement leaves a slot in the text instead, between two control characters. Nothing from the database can
 * look like a slot: JSON escapes control characters.
 */
export type Slot =
  /** Arguments: artifact id, part or nothing. */
  | {
      readonly kind: 'ticket';
      readonly value: 'url' | 'expiresAt';
      readonly modality: Modality;
      readonly grantId: string | null;
      readonly releaseId: string;
    }
  /** Arguments: object key, frame number. */
  | { readonly kind: 'landmarks'; readonly as: 'points' | 'base64' }
  /** A field that graphql-js answers. `releaseId` is null for a root field. */
  | { readonly kind: 'resolved'; readonly releaseId: string | null; readonly key: string };

const OPEN = '\u0001';
const BETWEEN = '\u0002';
const CLOSE = '\u0003';

/** A slot with its number among the operation's slots, and SQL of its arguments. */
export const slotText = (number: number, args: readonly string[] = []): Json => [
  { text: `${OPEN}${number}` },
  ...args.flatMap((sql) => [{ text: BETWEEN }, { sql: `coalesce((${sql})::text, '')` }]),
  { text: CLOSE },
];

/** Calls `fill` for every slot in the text, in order, and puts what it gives (JSON text) in its place. */
export const fillSlots = (text: string, fill: (number: number, args: readonly string[]) => string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what marks a slot
  text.replace(/\u0001([^\u0003]*)\u0003/g, (_, content: string) => {
    const [number, ...args] = content.split(BETWEEN);
    return fill(Number(number), args);
  });
