import type { Client } from './client.ts';
import { readViewer } from './commands/viewer.ts';
import { CommandFailed, wrongUsage } from './exit.ts';

/** The grant that was named, or the only one that is in force. @throws CommandFailed where one has to be named */
export async function chooseOwnGrant(client: Client, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const active = ((await readViewer(client))?.grants ?? []).filter(({ state }) => state === 'ACTIVE');
  const [only] = active;
  if (active.length > 1) throw wrongUsage('You have several grants: name one with --grant; iss whoami lists them.');
  if (only === undefined)
    throw new CommandFailed('You have no grant in force: iss checklist says what is missing.', { code: 'NO_GRANT' });
  return only.id;
}
