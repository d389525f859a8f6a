import { z } from 'zod';
import type { Client, RequestOptions } from './client.ts';
import { CommandFailed, refused } from './exit.ts';
import { reasonsOf } from './reasons.ts';

/** Selected of every answer: why it was not done. */
const FAILURE_FIELDS =
  '__typename ... on ExpectedError { code message } ... on Refused { reasons { code subject sentence whoActsNext } }';

const FAILURE = z.object({
  code: z.string(),
  message: z.string(),
  reasons: z.array(z.unknown()).nullish(),
});

export interface Mutation<Shape extends z.ZodType> {
  /** Name of the mutation, e.g. `requestExport`. */
  name: string;
  /** Name of its input's type; the schema's rule unless given. */
  inputType?: string;
  /** The success type and what is read of it, e.g. `... on RequestExportSuccess { export { id } }`. */
  success: string;
  /** More of expected failures, e.g. `... on FoldUnknown { folds }`. */
  more?: string;
  shape: Shape;
  /** Lines for a person out of those. */
  details?: (failure: Record<string, unknown>) => string[];
}

/** For a command that starts work: Ctrl-C does not cut it off half-way, since then nobody would know what was started. */
export const uncut = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(60_000) });

/**
 * Sends one command of the workflow; expected failures end the command with their sentence, refusals with their reasons.
 * @throws CommandFailed
 */
export async function mutate<Shape extends z.ZodType>(
  client: Client,
  { name, inputType, success, more = '', shape, details }: Mutation<Shape>,
  input: Record<string, unknown>,
  options?: RequestOptions,
): Promise<z.infer<Shape>> {
  const type = inputType ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const text = `mutation ${name}($input: ${type}!) { ${name}(input: $input) { ${FAILURE_FIELDS} ${success} ${more} } }`;
  const answer = await client.graphql(
    text,
    { input },
    z.record(z.string(), z.record(z.string(), z.unknown())),
    options,
  );
  const result = answer[name] ?? {};
  const failure = FAILURE.safeParse(result);
  if (failure.success) {
    const { code, message, reasons } = failure.data;
    if (code === 'FORBIDDEN') throw refused(message, reasonsOf(reasons ?? []));
    throw new CommandFailed(message, { code, details: details?.(result) ?? [] });
  }
  const done = shape.safeParse(result);
  if (done.success) return done.data;
  throw new CommandFailed(
    `${client.server} answered ${name} in a form that this version does not know: are both of the same version?`,
    {
      code: 'ANSWER_UNKNOWN',
      cause: done.error,
    },
  );
}
