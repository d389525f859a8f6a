import { z } from 'zod';
import { openClient } from '../client.ts';
import { type Io, printJson } from '../io.ts';
import { table } from '../table.ts';

const ACCOUNT = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.string()),
  institution: z.object({ name: z.string() }).nullable(),
  officialOf: z.array(z.object({ name: z.string() })),
  suspension: z.object({ reason: z.string() }).nullable(),
});

const PAGE = z.object({
  accounts: z
    .object({
      nodes: z.array(ACCOUNT),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    })
    .nullable(),
});

/** Lists accounts, for administrators. @throws CommandFailed */
export async function listAccounts(
  io: Io,
  options: { search?: string; role?: string; suspended?: true; json?: true },
): Promise<void> {
  const client = openClient(io);
  const all: z.infer<typeof ACCOUNT>[] = [];
  for (let after: string | null = null; ; ) {
    const { accounts }: z.infer<typeof PAGE> = await client.graphql(
      `query Accounts($search: String, $role: Role, $suspended: Boolean, $after: String) {
        accounts(search: $search, role: $role, suspended: $suspended, after: $after) {
          nodes { id name email roles institution { name } officialOf { name } suspension { reason } } pageInfo { hasNextPage endCursor } } }`,
      {
        ...{ search: options.search ?? null, suspended: options.suspended ?? null, after },
        role: options.role?.toUpperCase().replaceAll('-', '_') ?? null,
      },
      PAGE,
    );
    all.push(...(accounts?.nodes ?? []));
    after = accounts?.pageInfo.endCursor ?? null;
    if (!accounts?.pageInfo.hasNextPage) break;
  }
  if (options.json) return printJson(io, all);
  if (all.length === 0) return io.print('No such accounts.');
  io.print(
    table(
      ['account', 'name', 'address', 'roles', 'institution', 'official of', 'suspended'].map((title) => ({
        title,
        most: 40,
      })),
      all.map((one) => [
        ...[one.id, one.name, one.email, one.roles.join(', '), one.institution?.name ?? ''],
        ...[one.officialOf.map(({ name }) => name).join(', '), one.suspension?.reason ?? ''],
      ]),
    ),
  );
}
