import { z } from 'zod';
import { type Client, openClient } from '../client.ts';
import { CommandFailed, interrupted } from '../exit.ts';
import { JOB_FIELDS, JOB_SHAPE } from '../export-listing.ts';
import { type Io, printJson } from '../io.ts';
import { waitForJob } from '../job-wait.ts';
import { mutate } from '../mutation.ts';
import { oneOf, wholeNumber } from '../options.ts';
import { runTable } from '../run-table.ts';

export interface RunOptions {
  classes?: string;
  preset?: string;
  fold?: string;
  seed?: string;
  release?: string;
  study?: string;
  grant?: string;
  json?: true;
}

const SCORES = z.looseObject({
  overall: z.number().nullable(),
  byClass: z.array(z.looseObject({ class: z.string(), accuracy: z.number().nullable() })),
});

const RESULT = z.object({
  overall: z.number().nullable(),
  byClass: z.array(z.looseObject({ class: z.string(), accuracy: z.number().nullable() })),
  byPatient: z.array(z.looseObject({ patient: z.string(), accuracy: z.number().nullable() })).nullable(),
});

const RUN = z.object({
  ...JOB_SHAPE,
  experiment: z.string(),
  classes: z.number(),
  preset: z.string(),
  fold: z.number().nullable(),
  seed: z.number(),
  release: z.object({ version: z.string() }),
  result: RESULT.nullable(),
  published: SCORES.nullable(),
  provenance: z.unknown(),
});
export type RunFacts = z.infer<typeof RUN>;

const QUERY = `query Run($id: ID!) {
  run(id: $id) {
    ${JOB_FIELDS}
    experiment classes preset fold seed release { version }
    result { overall byClass { class accuracy } byPatient { patient accuracy } }
    published { overall byClass { class accuracy } }
    provenance
  }
}`;

/** Runs a baseline at the server and shows it beside the published results. Ctrl-C cancels the run there. @throws CommandFailed */
export async function run(io: Io, experiment: string, options: RunOptions): Promise<void> {
  const input = {
    study: options.study ?? null,
    release: options.release ?? null,
    experiment,
    classes: options.classes === undefined ? null : Number(oneOf('--classes', options.classes, ['2', '4'])),
    preset: options.preset ?? null,
    fold: options.fold === undefined ? null : wholeNumber('--fold', options.fold, 1, 1000),
    seed: options.seed === undefined ? null : wholeNumber('--seed', options.seed, 0, 0xffff_ffff),
    grant: options.grant ?? null,
  };
  const client = openClient(io);
  const asked = await mutate(
    client,
    {
      name: 'runBaseline',
      success: '... on RunBaselineSuccess { run { id } }',
      shape: z.object({ run: z.object({ id: z.string() }) }),
    },
    input,
    options.grant === undefined ? {} : { grant: options.grant },
  );
  try {
    const done = await waitForJob(io, 'run', () => readRun(client, asked.run.id));
    if (options.json) return tellJson(io, done);
    io.print(runTable(done));
  } catch (error) {
    if (io.signal.aborted) throw await cancelled(client, asked.run.id);
    throw error;
  }
}

async function readRun(client: Client, id: string): Promise<RunFacts> {
  const { run: found } = await client.graphql(QUERY, { id }, z.object({ run: RUN.nullable() }), { patience: 30 });
  if (!found) throw new CommandFailed(`There is no run ${id} of yours any more.`, { code: 'RUN_UNKNOWN' });
  return found;
}

/** Tells the server that nobody waits for the run any more. */
async function cancelled(client: Client, id: string): Promise<CommandFailed> {
  const signal = AbortSignal.timeout(5_000);
  const done = await mutate(
    client,
    { name: 'cancelRun', success: '... on CancelRunSuccess { run { state } }', shape: z.unknown() },
    { id },
    { signal },
  ).then(
    () => true,
    () => false,
  );
  return interrupted(
    done
      ? `Interrupted: run ${id} was cancelled.`
      : `Interrupted, but the server did not say that run ${id} is cancelled.`,
  );
}

function tellJson(io: Io, done: RunFacts): void {
  const { id, experiment, classes, preset, fold, seed, release, result, published, provenance } = done;
  const { overall, byClass, byPatient } = result ?? { overall: null, byClass: [], byPatient: null };
  printJson(io, {
    id,
    experiment,
    classes,
    preset,
    fold,
    seed,
    release: release.version,
    overall,
    byClass,
    byPatient,
    published,
    provenance,
  });
}
