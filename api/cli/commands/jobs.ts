import { z } from 'zod';
import { openClient } from '../client.ts';
import { wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { mutate } from '../mutation.ts';
import { table } from '../table.ts';
import { counted, safe } from '../terminal.ts';

const KIND = z.object({
  kind: z.string(),
  paused: z.boolean(),
  atOnce: z.number().nullable(),
  queued: z.number(),
  running: z.number(),
  failed: z.number(),
  waitingSince: z.string().nullable(),
});
type Kind = z.infer<typeof KIND>;
const KIND_FIELDS = 'kind paused atOnce queued running failed waitingSince';

const JOB = z.object({
  id: z.string(),
  kind: z.string(),
  code: z.string(),
  message: z.string(),
  attempts: z.number(),
  failedAt: z.string(),
});
const PAGE = z.object({
  jobKinds: z.array(KIND),
  failedJobs: z.object({
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    nodes: z.array(JOB),
  }),
});
const QUERY = `query Jobs($after: String) { jobKinds { ${KIND_FIELDS} }
  failedJobs(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { id kind code message attempts failedAt } } }`;

const columns = (...titles: string[]) => titles.map((title) => ({ title }));
const heldAs = ({ paused, atOnce }: Kind): string =>
  [paused ? 'paused' : '', atOnce === null ? '' : `${atOnce} at once`].filter(Boolean).join(', ');

/** Lists every kind of work, and all that was given up. @throws CommandFailed */
export async function list(io: Io, options: { json?: true }): Promise<void> {
  const client = openClient(io);
  const failed: z.infer<typeof JOB>[] = [];
  let kinds: readonly Kind[] = [];
  for (let after: string | null = null; ; ) {
    const page: z.infer<typeof PAGE> = await client.graphql(QUERY, { after }, PAGE);
    kinds = page.jobKinds;
    failed.push(...page.failedJobs.nodes);
    if (!page.failedJobs.pageInfo.hasNextPage) break;
    after = page.failedJobs.pageInfo.endCursor;
  }
  if (options.json) return printJson(io, { kinds, failed });
  io.print(
    table(
      columns('kind', 'waiting', 'running', 'failed', 'waiting since', 'held'),
      kinds.map((one) => [
        one.kind,
        String(one.queued),
        String(one.running),
        String(one.failed),
        one.waitingSince?.slice(0, 16) ?? '',
        heldAs(one),
      ]),
    ),
  );
  if (failed.length === 0) return io.print('Nothing was given up.');
  io.print(
    table(
      columns('job', 'kind', 'given up', 'attempts', 'why'),
      failed.map((one) => [
        one.id,
        one.kind,
        one.failedAt.slice(0, 16),
        String(one.attempts),
        `${one.code}: ${one.message}`,
      ]),
    ),
  );
  io.print(`${counted(failed.length, 'job')} given up.`);
}

/** Has work done once more that was given up. @throws CommandFailed */
export async function retry(io: Io, id: string, options: { json?: true }): Promise<void> {
  const done = await mutate(
    openClient(io),
    { name: 'retryJob', success: '... on RetryJobSuccess { id }', shape: z.object({ id: z.string() }) },
    { id },
  );
  if (options.json) printJson(io, done);
  else io.print(`Job ${safe(done.id)} waits to be done again.`);
}

async function hold(io: Io, name: string, input: Record<string, unknown>, options: { json?: true }): Promise<void> {
  const success = `... on ${name.charAt(0).toUpperCase()}${name.slice(1)}Success { kind { ${KIND_FIELDS} } }`;
  const { kind } = await mutate(openClient(io), { name, success, shape: z.object({ kind: KIND }) }, input);
  if (options.json) return printJson(io, kind);
  io.print(`${safe(kind.kind)}: ${heldAs(kind) || 'not held'}; ${kind.queued} waiting, ${kind.running} running.`);
}

/** Lets no work of a kind begin. @throws CommandFailed */
export const pause = (io: Io, kind: string, options: { json?: true }): Promise<void> =>
  hold(io, 'pauseJobs', { kind }, options);

/** Lets it begin again. @throws CommandFailed */
export const resume = (io: Io, kind: string, options: { json?: true }): Promise<void> =>
  hold(io, 'resumeJobs', { kind }, options);

/** Says how many of a kind may run at once. @throws CommandFailed */
export async function limit(io: Io, kind: string, most: string | undefined, options: { json?: true }): Promise<void> {
  if (most !== undefined && !/^\d{1,3}$/.test(most))
    throw wrongUsage('the number is how many may run at once, from 1 to 64');
  await hold(io, 'limitJobs', { kind, ...(most !== undefined && { atOnce: Number(most) }) }, options);
}
