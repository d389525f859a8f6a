import { z } from 'zod';
import { MODALITIES, type Modality } from '../../../governance/modality.ts';
import { type Client, openClient } from '../client.ts';
import { type Io, printJson } from '../io.ts';
import { oneOf } from '../options.ts';
import { notSignedIn } from '../session.ts';
import { table } from '../table.ts';
import { safe } from '../terminal.ts';

const QUERY = `query Checklist($modality: Modality!, $study: String) {
  viewer {
    accessChecklist(modality: $modality, study: $study) {
      modality
      uses { use allowed validUntil items { key title met expiresAt reasons whatToDo whoActsNext } }
    }
  }
}`;

const CHECKLIST = z.object({
  modality: z.string(),
  uses: z.array(
    z.object({
      use: z.string(),
      allowed: z.boolean(),
      validUntil: z.string().nullable(),
      items: z.array(
        z.object({
          key: z.string(),
          title: z.string(),
          met: z.boolean(),
          expiresAt: z.string().nullable(),
          reasons: z.array(z.string()),
          whatToDo: z.string().nullable(),
          whoActsNext: z.string().nullable(),
        }),
      ),
    }),
  ),
});
type Checklist = z.infer<typeof CHECKLIST>;

/** Prints what stands between the person and a modality; of all modalities a line each. @throws CommandFailed */
export async function checklist(
  io: Io,
  modality: string | undefined,
  options: { study?: string; json?: true },
): Promise<void> {
  const wanted = modality === undefined ? MODALITIES : [oneOf('MODALITY', modality.toUpperCase(), MODALITIES)];
  const client = openClient(io);
  const lists: Checklist[] = [];
  for (const one of wanted) lists.push(await readChecklist(client, one, options.study ?? null));
  if (options.json) return printJson(io, modality === undefined ? lists : lists[0]);
  io.print(modality === undefined ? overview(lists) : whole(lists[0]!));
}

async function readChecklist(client: Client, modality: Modality, study: string | null): Promise<Checklist> {
  const shape = z.object({ viewer: z.object({ accessChecklist: CHECKLIST }).nullable() });
  const { viewer } = await client.graphql(QUERY, { modality, study }, shape);
  if (!viewer) throw notSignedIn(client.server);
  return viewer.accessChecklist;
}

const missingOf = (items: Checklist['uses'][number]['items']): string =>
  [...new Set(items.filter(({ met }) => !met).flatMap(({ reasons }) => reasons))].join(', ');

function overview(lists: readonly Checklist[]): string {
  const rows = lists.flatMap(({ modality, uses }) =>
    uses.map(({ use, allowed, validUntil, items }) => [
      modality,
      use,
      allowed ? 'yes' : 'no',
      validUntil?.slice(0, 10) ?? '',
      missingOf(items),
    ]),
  );
  const titles = ['modality', 'use', 'allowed', 'until', 'missing'];
  return table(
    titles.map((title) => ({ title })),
    rows,
  );
}

/** Every requirement of one modality, once where it stands the same for every use. */
function whole({ modality, uses }: Checklist): string {
  const rows = new Map<string, { uses: string[]; cells: string[] }>();
  for (const { use, items } of uses)
    for (const { title, met, expiresAt, whatToDo, whoActsNext } of items) {
      const open = met ? ['', ''] : [whatToDo ?? '', whoActsNext ?? ''];
      const cells = [met ? 'met' : 'MISSING', title, expiresAt?.slice(0, 10) ?? '', ...open];
      const row = rows.get(cells.join('\n')) ?? { uses: [], cells };
      row.uses.push(use);
      rows.set(cells.join('\n'), row);
    }
  const allowed = uses.map(({ use, allowed: yes }) => `${use} ${yes ? 'allowed' : 'NOT allowed'}`).join(', ');
  const titles = ['uses', '', 'requirement', 'expires', 'what to do', 'who acts next'];
  const text = table(
    titles.map((title) => ({ title })),
    [...rows.values()].map((row) => [row.uses.length === uses.length ? 'all' : row.uses.join(', '), ...row.cells]),
  );
  return `${safe(`${modality}: ${allowed}`)}\n\n${text}`;
}
