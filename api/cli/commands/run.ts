import { z } from 'zod';
import { type Client, openClient } from '../client.ts';
import { CommandFailed, EXIT, interrupted, type RefusalReason } from '../exit.ts';
import { JOB_FIELDS } from '../export-listing.ts';
import { type Io, printJson } from '../io.ts';
import { waitForJob } from '../job-wait.ts';
import { mutate, uncut } from '../mutation.ts';
import { oneOf, wholeNumber } from '../options.ts';
import { RUN, type RunFacts } from '../run-facts.ts';
import { PREVIEW, previewLine, previewTable, RUN_PREVIEW, type RunPreview } from '../run-preview.ts';
import { runTable } from '../run-table.ts';
import { safe } from '../terminal.ts';

export interface RunOptions {
  classes?: string;
  preset?: string;
  fold?: string;
  seed?: string;
  release?: string;
  study?: string;
  grant?: string;
  dryRun?: true;
  json?: true;
}

const QUERY = `query Run($id: ID!) {
  run(id: $id) {
    ${JOB_FIELDS} queue { place waiting secondsToStart secondsToEnd }
    experiment classes preset fold seed release { version }
    result {
      patients rows overall interval { low high }
      byClass { class patients accuracy interval { low high } small }
      bySex { ...Group } bySkinType { ...Group } byDevice { ...Group }
      ranges { above upTo patients } patientsOver50
      lowest { patient accuracy }
      byPatient { patient truth rows correct accuracy }
    }
    published { model overall byClass { class accuracy } ranges { above upTo patients } patientsOver50 lowest }
    comparable marked provenance
  }
}
fragment Group on GroupResult { group patients accuracy interval { low high } small }`;

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
  if (options.dryRun) {
    const preview = await previewRun(client, input);
    if (options.json) printJson(io, preview);
    else io.print(previewTable(preview));
    return;
  }
  // Where it may not be run, asking for it says why.
  const preview = await previewRun(client, input).catch(() => null);
  if (preview) io.note(safe(previewLine(preview)));
  const asked = await mutate(
    client,
    {
      name: 'runBaseline',
      success: '... on RunBaselineSuccess { run { id } }',
      shape: z.object({ run: z.object({ id: z.string() }) }),
    },
    input,
    { ...uncut(), grant: options.grant },
  );
  try {
    io.signal.throwIfAborted();
    let leftOut: readonly RefusalReason[] = [];
    const done = await waitForJob(io, 'run', () =>
      readRun(client, asked.run.id, (reasons) => {
        leftOut = reasons;
      }),
    );
    if (options.json) tellJson(io, done);
    else io.print(runTable(done));
    for (const { code, subject, sentence } of leftOut)
      io.note(safe(`Left out, ${code}${subject ? ` (${subject})` : ''}: ${sentence}`));
  } catch (error) {
    if (io.signal.aborted) throw await cancelled(client, asked.run.id);
    throw error;
  }
}

/** What the run would be. Counts that may not be seen are left out. */
async function previewRun(client: Client, input: Record<string, unknown>): Promise<RunPreview> {
  let reasons: readonly RefusalReason[] = [];
  const { runPreview } = await client.graphql(PREVIEW, input, z.object({ runPreview: RUN_PREVIEW.nullable() }), {
    onLeftOut: (some) => {
      reasons = some;
    },
  });
  if (runPreview) return runPreview;
  const refused = { exitCode: EXIT.REFUSED, code: 'FORBIDDEN', reasons: [...reasons] };
  throw new CommandFailed('The run would be refused.', refused);
}

async function readRun(
  client: Client,
  id: string,
  onLeftOut: (reasons: readonly RefusalReason[]) => void,
): Promise<RunFacts> {
  const shape = z.object({ run: RUN.nullable() });
  const { run: found } = await client.graphql(QUERY, { id }, shape, { patience: 30, onLeftOut });
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
  const { id, experiment, classes, preset, fold, seed, release, result, published, comparable, marked, provenance } =
    done;
  const results = { ...(result ?? NO_RESULT), published, comparable, marked, provenance };
  printJson(io, { id, experiment, classes, preset, fold, seed, release: release.version, ...results });
}

/** What scripts find where there is nothing. */
const NO_RESULT = { overall: null, byClass: null, byPatient: null };
