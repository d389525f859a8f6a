import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type Client, openClient } from '../client.ts';
import { downloadFile } from '../download.ts';
import { CommandFailed, EXIT, type RefusalReason } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { table } from '../table.ts';
import { bytesText, safe } from '../terminal.ts';

const CHECKPOINT = z.object({
  id: z.string(),
  fold: z.number(),
  epoch: z.number(),
  bytes: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  modalities: z.array(z.string()),
  blocked: z.boolean(),
  file: z.object({ url: z.string(), expiresAt: z.coerce.date() }).nullable(),
});
type Checkpoint = z.infer<typeof CHECKPOINT>;
const RUN = z.object({
  id: z.string(),
  experiment: z.string(),
  checkpoints: z.array(CHECKPOINT).nullable(),
});

const FIELDS = 'id experiment checkpoints { id fold epoch bytes sha256 modalities blocked file { url expiresAt } }';
const OF_RUN = `query Checkpoints($id: ID!) { run(id: $id) { ${FIELDS} } }`;
const OF_ONE = `query RunOfCheckpoint($id: ID!) { lineage(artifact: $id) { kind run { ${FIELDS} } } }`;

/** Lists what the folds of a run have learnt. @throws CommandFailed */
export async function listCheckpoints(io: Io, runId: string, options: { json?: true }): Promise<void> {
  let reasons: readonly RefusalReason[] = [];
  const { run } = await openClient(io).graphql(OF_RUN, { id: runId }, z.object({ run: RUN.nullable() }), {
    onLeftOut: (some) => {
      reasons = some;
    },
  });
  if (!run) throw new CommandFailed(`There is no run ${safe(runId)} of yours.`, { code: 'RUN_UNKNOWN' });
  const checkpoints = allowed(run.checkpoints, reasons);
  if (options.json)
    return printJson(io, { run: run.id, experiment: run.experiment, checkpoints: checkpoints.map(told) });
  if (checkpoints.length === 0)
    return io.print('No checkpoints: forests have none, and a network has them when it has ended.');
  io.print(
    table(
      [
        { title: 'checkpoint' },
        { title: 'fold', align: 'right' },
        { title: 'epoch', align: 'right' },
        { title: 'size', align: 'right' },
        { title: 'learnt from' },
        { title: '' },
      ],
      checkpoints.map(({ id, fold, epoch, bytes, modalities, blocked }) => [
        ...[id, String(fold), String(epoch), bytesText(bytes), modalities.join(', ')],
        blocked ? 'blocked: somebody whose data it was made with has stopped sharing' : '',
      ]),
    ),
  );
}

/** Fetches a checkpoint as a file; an interrupted one is gone on with. @throws CommandFailed */
export async function getCheckpoint(io: Io, id: string, options: { output?: string; json?: true }): Promise<void> {
  const client = openClient(io);
  const first = await find(client, id);
  const path = resolve(options.output ?? `${first.run.experiment}-fold-${first.one.fold}.safetensors`);
  const { bytes, sha256 } = first.one;
  let ticket = ticketOf(first.one);
  const done = await downloadFile(
    dirname(path),
    { path: basename(path), bytes, sha256 },
    {
      ...{ client, io, onBytes: () => {} },
      ticket: async (fresh) => {
        if (fresh) ticket = ticketOf((await find(client, id)).one);
        return ticket;
      },
    },
  );
  if (options.json) return printJson(io, { ...told(first.one), path, kept: done === 'kept' });
  io.print(
    `${safe(path)}: fold ${first.one.fold}, ${bytesText(bytes)}, SHA-256 ${sha256}${done === 'kept' ? '; it was there already' : ''}.`,
  );
}

async function find(client: Client, id: string): Promise<{ run: z.infer<typeof RUN>; one: Checkpoint }> {
  let reasons: readonly RefusalReason[] = [];
  const shape = z.object({ lineage: z.object({ kind: z.string(), run: RUN }).nullable() });
  const { lineage } = await client.graphql(OF_ONE, { id }, shape, {
    onLeftOut: (some) => {
      reasons = some;
    },
  });
  const one = lineage && allowed(lineage.run.checkpoints, reasons).find((each) => each.id === id);
  if (!lineage || !one)
    throw new CommandFailed(`There is no checkpoint ${safe(id)} of a run of yours.`, { code: 'CHECKPOINT_UNKNOWN' });
  return { run: lineage.run, one };
}

/** @throws CommandFailed with the policy's reasons, where they may not be seen */
function allowed(checkpoints: readonly Checkpoint[] | null, reasons: readonly RefusalReason[]): readonly Checkpoint[] {
  if (checkpoints !== null) return checkpoints;
  throw new CommandFailed('The checkpoints of this run are not yours to see.', {
    ...{ exitCode: EXIT.REFUSED, code: 'FORBIDDEN', reasons: [...reasons] },
  });
}

function ticketOf({ file, blocked }: Checkpoint): { url: string; expiresAt: Date } {
  if (file !== null && !blocked) return file;
  throw new CommandFailed('It is not given out any more: somebody whose data it was made with has stopped sharing.', {
    ...{ exitCode: EXIT.REFUSED, code: 'CHECKPOINT_BLOCKED' },
  });
}

/** Without the ticket, which is of one person and a few minutes. */
const told = ({ file: _, ...rest }: Checkpoint): Omit<Checkpoint, 'file'> => rest;
