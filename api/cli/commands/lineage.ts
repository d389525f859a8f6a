import { z } from 'zod';
import { openClient } from '../client.ts';
import { CommandFailed, type RefusalReason } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { safe } from '../terminal.ts';

const LINEAGE = z.object({
  artifact: z.string(),
  kind: z.string(),
  fold: z.number().nullable(),
  modalities: z.array(z.string()),
  release: z
    .object({
      version: z.string(),
      digest: z.string().nullish(),
      state: z.object({ version: z.string(), digest: z.string() }).nullish(),
    })
    .nullable(),
  code: z.string().nullable(),
  weights: z.unknown(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  patients: z.array(z.string()).nullable(),
  run: z.object({
    id: z.string(),
    state: z.string(),
    study: z.string(),
    experiment: z.string(),
    classes: z.number(),
    preset: z.string(),
    seed: z.number(),
    marked: z.boolean(),
  }),
});

const QUERY = `query Lineage($artifact: ID!) {
  lineage(artifact: $artifact) {
    artifact kind fold modalities release code weights parameters patients
    run { id state study experiment classes preset seed marked }
  }
}`;

/** Shows where a run's result or a checkpoint comes from. @throws CommandFailed */
export async function lineage(io: Io, artifact: string, options: { json?: true }): Promise<void> {
  let leftOut: readonly RefusalReason[] = [];
  const { lineage: found } = await openClient(io).graphql(
    QUERY,
    { artifact },
    z.object({ lineage: LINEAGE.nullable() }),
    {
      onLeftOut: (reasons) => {
        leftOut = reasons;
      },
    },
  );
  if (!found) throw new CommandFailed('There is no such result or checkpoint of yours.', { code: 'NOT_FOUND' });
  if (options.json) printJson(io, found);
  else io.print(text(found));
  for (const { code, subject, sentence } of leftOut)
    io.note(safe(`Left out, ${code}${subject ? ` (${subject})` : ''}: ${sentence}`));
}

function text({
  kind,
  artifact,
  fold,
  modalities,
  release,
  code,
  weights,
  parameters,
  patients,
  run,
}: z.infer<typeof LINEAGE>): string {
  const state = release?.state ?? release;
  const lines: (readonly [string, string | null])[] = [
    ['what', `${kind.toLowerCase()} ${artifact}${kind === 'RUN' ? '' : ` of run ${run.id}`}`],
    ['experiment', `${run.experiment}, ${run.classes} classes, ${fold === null ? 'all folds' : `fold ${fold}`}`],
    ['release', state ? `${run.study} ${state.version} (${state.digest ?? ''})` : run.study],
    ['made from', modalities.join(', ')],
    ['patients', patients === null ? null : `${patients.length}: ${patients.join(', ')}`],
    ['preset, seed', `${run.preset}, ${run.seed}`],
    ['code', code],
    ['weights', weights == null ? 'none of a user' : JSON.stringify(weights)],
    ...Object.entries(parameters ?? {}).map(([name, value]): [string, string | null] => [
      name,
      value === null ? null : typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
    ['withdrawn', run.marked ? 'somebody since: do not publish it; run it again without them' : null],
  ];
  const told = lines.filter((line): line is [string, string] => line[1] !== null);
  const width = Math.max(...told.map(([name]) => name.length));
  return told.map(([name, value]) => safe(`${name.padEnd(width)}  ${value}`)).join('\n');
}
