import type { Json } from '../governance/canonical.ts';
import type { Failed } from './services/result.ts';

/** JSON of a value of plain objects, lists, instants, maps and bytes; `fromReceipt` makes the same of it. Functions are left out. */
export const toReceipt = (value: unknown): Json => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number')
    return value;
  if (value instanceof Date) return { $: 'Date', of: value.toISOString() };
  if (value instanceof Map)
    return { $: 'Map', of: [...value].map(([key, inner]) => [toReceipt(key), toReceipt(inner)]) };
  if (value instanceof Uint8Array) return { $: 'Bytes', of: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(toReceipt);
  if (typeof value !== 'object') return null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && typeof inner !== 'function')
      .map(([key, inner]) => [key, toReceipt(inner)]),
  );
};

/** A name of a column of ours; what else stands in a header may be anything. */
const PLAIN = /^[a-z_]{1,40}$/;

/**
 * What a receipt keeps of a failure of a command that was given people's data: the code, and of problems of a file where they are. Messages quote what
 * stood there, and a receipt cannot be erased.
 */
export const withoutText = <Failure extends Failed>(failure: Failure): Failure => {
  if (failure.code === 'FORBIDDEN') return failure;
  const { problems } = failure as { readonly problems?: readonly Record<string, unknown>[] };
  const again = 'what it was given is not kept: send it again under a new id to be told more.';
  return {
    ok: false,
    code: failure.code,
    message: `This was refused (${failure.code}); ${again}`,
    ...(problems && {
      problems: problems.map(({ code, line, column }) => {
        const where = typeof column === 'string' && PLAIN.test(column) ? column : null;
        return { code, line, column: where, message: `${code}; ${again}` };
      }),
    }),
  } as unknown as Failure;
};

export const fromReceipt = (kept: Json): unknown => {
  if (kept === null || typeof kept !== 'object') return kept;
  if (Array.isArray(kept)) return kept.map(fromReceipt);
  const { $: kind, of } = kept as { readonly [key: string]: Json };
  if (kind === 'Date') return new Date(of as string);
  if (kind === 'Map')
    return new Map(
      (of as readonly (readonly [Json, Json])[]).map(([key, inner]) => [fromReceipt(key), fromReceipt(inner)]),
    );
  if (kind === 'Bytes') return new Uint8Array(Buffer.from(of as string, 'base64'));
  return Object.fromEntries(Object.entries(kept as object).map(([key, inner]) => [key, fromReceipt(inner as Json)]));
};
