import { openClient } from '../client.ts';
import { type Io, printJson } from '../io.ts';
import { notSignedIn } from '../session.ts';
import { table } from '../table.ts';
import { safe } from '../terminal.ts';
import { readViewer } from './viewer.ts';

/** Prints who the server takes the caller for. @throws CommandFailed, also where nobody is signed in */
export async function whoami(io: Io, options: { json?: true }): Promise<void> {
  const client = openClient(io);
  const viewer = await readViewer(client);
  if (!viewer) throw notSignedIn(client.server);
  if (options.json) return printJson(io, { server: client.server, ...viewer });
  const { account, roles, grants } = viewer;
  io.print(`${safe(account.username)} (${safe(account.name)}) at ${client.server}`);
  io.print(`Roles: ${roles.length > 0 ? safe(roles.join(', ').toLowerCase().replaceAll('_', '-')) : 'none'}`);
  if (grants.length === 0) return io.print('Grants: none');
  const rows = grants.map(({ id, state, endsAt, items }) => [
    id,
    state,
    endsAt.slice(0, 10),
    items.map(({ modality, uses }) => `${modality} (${uses.join(', ')})`).join('; '),
  ]);
  io.print(table([{ title: 'grant' }, { title: 'state' }, { title: 'ends' }, { title: 'covers' }], rows));
}
