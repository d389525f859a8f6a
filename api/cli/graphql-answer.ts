import { z } from 'zod';

const ERROR = z.object({
  message: z.string(),
  extensions: z
    .object({ code: z.string().optional(), id: z.string().optional(), reasons: z.array(z.unknown()).optional() })
    .default({}),
});

const ANSWER = z.object({ data: z.unknown().optional(), errors: z.array(ERROR).default([]) });

export type GraphqlError = z.infer<typeof ERROR>;

/** What a server answered to an operation; null where it is no GraphQL answer. */
export function readAnswer(text: string): z.infer<typeof ANSWER> | null {
  try {
    const answer = ANSWER.safeParse(JSON.parse(text));
    return answer.success && (answer.data.errors.length > 0 || answer.data.data !== undefined) ? answer.data : null;
  } catch {
    return null;
  }
}
