import { z } from 'zod';
import { openClient } from '../client.ts';
import { type Io, printJson } from '../io.ts';
import { mutate } from '../mutation.ts';
import { table } from '../table.ts';
import { counted, safe } from '../terminal.ts';

const QUERY = `query UnsentMail($after: String) {
  unsentMail(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id template address state attempts error queuedAt } }
}`;

const MAIL = z.object({
  id: z.string(),
  template: z.string(),
  address: z.string(),
  state: z.string(),
  attempts: z.number(),
  error: z.string().nullable(),
  queuedAt: z.string(),
});
const PAGE = z.object({
  unsentMail: z.object({
    totalCount: z.number(),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    nodes: z.array(MAIL),
  }),
});

/** Lists messages that have not left, oldest first. @throws CommandFailed */
export async function unsent(io: Io, options: { json?: true }): Promise<void> {
  const client = openClient(io);
  const all: z.infer<typeof MAIL>[] = [];
  for (let after: string | null = null; ; ) {
    const { unsentMail }: z.infer<typeof PAGE> = await client.graphql(QUERY, { after }, PAGE);
    all.push(...unsentMail.nodes);
    if (!unsentMail.pageInfo.hasNextPage) break;
    after = unsentMail.pageInfo.endCursor;
  }
  if (options.json) return printJson(io, all);
  if (all.length === 0) return io.print('Every message has left.');
  const titles = ['message', 'kind', 'to', 'state', 'attempts', 'since', 'why'];
  const rows = all.map((one) => [
    one.id,
    one.template,
    one.address,
    one.state,
    String(one.attempts),
    one.queuedAt.slice(0, 16),
    one.error ?? '',
  ]);
  io.print(
    table(
      titles.map((title) => ({ title })),
      rows,
    ),
  );
  io.print(`${counted(all.length, 'message')} not sent.`);
}

/** Has a message sent once more. @throws CommandFailed */
export async function again(io: Io, id: string, options: { json?: true }): Promise<void> {
  const done = await mutate(
    openClient(io),
    { name: 'sendMailAgain', success: '... on SendMailAgainSuccess { id }', shape: z.object({ id: z.string() }) },
    { id },
  );
  if (options.json) printJson(io, done);
  else io.print(`Message ${safe(done.id)} is sent again.`);
}
