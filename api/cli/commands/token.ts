import { z } from 'zod';
import { isLocalDate } from '../../../governance/calendar.ts';
import { openClient } from '../client.ts';
import { wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { mutate, uncut } from '../mutation.ts';
import { chooseOwnGrant } from '../own-grant.ts';
import { table } from '../table.ts';
import { safe } from '../terminal.ts';

const TOKEN = z.object({
  id: z.string(),
  name: z.string(),
  grantId: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedOn: z.string().nullable(),
  state: z.string(),
});
const FIELDS = 'id name grantId createdAt expiresAt lastUsedOn state';

/** Makes a token and prints it, alone on a line of the result: `ISS_TOKEN=$(iss token create …)`. @throws CommandFailed */
export async function createToken(
  io: Io,
  options: { name: string; grant?: string; expires?: string; json?: true },
): Promise<void> {
  const expiresAt = options.expires === undefined ? null : instantOf(options.expires);
  const client = openClient(io);
  const grantId = await chooseOwnGrant(client, options.grant);
  const { token, secret } = await mutate(
    client,
    {
      name: 'createToken',
      success: `... on CreateTokenSuccess { secret token { ${FIELDS} } }`,
      shape: z.object({ token: TOKEN, secret: z.string() }),
    },
    { grantId, name: options.name, expiresAt },
    uncut(),
  );
  if (options.json) return printJson(io, { ...token, token: secret });
  io.note(
    `Token "${safe(token.name)}" for grant ${safe(token.grantId)}, until ${safe(token.expiresAt)}. It is shown now and never again; keep it like a password.`,
  );
  io.print(safe(secret));
}

/** Lists one's tokens. @throws CommandFailed */
export async function listTokens(io: Io, options: { json?: true }): Promise<void> {
  const { viewer } = await openClient(io).graphql(
    `query Tokens { viewer { tokens { ${FIELDS} } } }`,
    {},
    z.object({ viewer: z.object({ tokens: z.array(TOKEN) }).nullable() }),
  );
  const tokens = viewer?.tokens ?? [];
  if (options.json) return printJson(io, tokens);
  if (tokens.length === 0) return io.print('No tokens: iss token create makes one.');
  const rows = tokens.map((one) => [
    one.id,
    one.name,
    one.state,
    one.grantId,
    one.createdAt.slice(0, 10),
    one.lastUsedOn ?? 'never',
    one.expiresAt.slice(0, 10),
  ]);
  const titles = ['token', 'name', 'state', 'grant', 'created', 'last used', 'expires'];
  io.print(
    table(
      titles.map((title) => ({ title, most: 40 })),
      rows,
    ),
  );
}

/** Ends a token at once. @throws CommandFailed */
export async function revokeToken(io: Io, id: string, options: { json?: true }): Promise<void> {
  const { token } = await mutate(
    openClient(io),
    {
      name: 'revokeToken',
      success: `... on RevokeTokenSuccess { token { ${FIELDS} } }`,
      shape: z.object({ token: TOKEN }),
    },
    { id },
    uncut(),
  );
  if (options.json) printJson(io, token);
  else io.print(`Token "${safe(token.name)}" is ended, with everything that was begun with it.`);
}

/** A day means the end of it, UTC. */
export function instantOf(text: string): string {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59Z` : text);
  // Date takes 29 February of any year, and means the first of March by it.
  const none = /^\d{4}-\d{2}-\d{2}/.test(text) && !isLocalDate(text.slice(0, 10));
  if (none || Number.isNaN(at.getTime())) throw wrongUsage(`${safe(text)} is no day and no instant, e.g. 2026-12-31.`);
  return at.toISOString();
}
