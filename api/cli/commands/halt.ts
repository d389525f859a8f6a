import { z } from 'zod';
import { openClient } from '../client.ts';
import { confirm } from '../confirm.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { mutate, uncut } from '../mutation.ts';
import { table } from '../table.ts';
import { safe } from '../terminal.ts';

const HALT = z.object({
  id: z.string(),
  scope: z.string(),
  target: z.string().nullable(),
  targetName: z.string().nullable(),
  category: z.string(),
  placedAt: z.string(),
  liftedAt: z.string().nullable(),
  reason: z.string().nullable(),
});
const FIELDS = 'id scope target targetName category placedAt liftedAt reason';

const HALTS = `query Halts { activeHalts { ${FIELDS} } }`;
const HALTS_SHAPE = z.object({ activeHalts: z.array(HALT).nullable() });

export interface HaltOptions {
  all?: true;
  release?: string;
  modality?: string;
  institution?: string;
  grant?: string;
  study?: string;
  reason?: string;
  category?: string;
  yes?: true;
  json?: true;
}

/** Halts access at once, after a question. @throws CommandFailed */
export async function halt(io: Io, options: HaltOptions): Promise<void> {
  const scopes = (['all', 'release', 'modality', 'institution', 'grant'] as const).filter(
    (scope) => options[scope] !== undefined,
  );
  const [scope] = scopes;
  if (scope === undefined || scopes.length > 1)
    throw wrongUsage('Say what to halt: one of --all, --release, --modality, --institution and --grant.');
  if (!options.reason) throw wrongUsage('Say why: --reason "…", for the stewards who are to lift it.');
  const client = openClient(io);
  let target: string | null = scope === 'all' ? null : String(options[scope]);
  if (scope === 'release') {
    const { releases } = await client.graphql(
      'query Releases($study: String) { releases(study: $study) { id version } }',
      { study: options.study ?? null },
      z.object({ releases: z.array(z.object({ id: z.string(), version: z.string() })) }),
    );
    const found = releases.find(({ id, version }) => version === target || id === target);
    if (found === undefined)
      throw new CommandFailed(
        `There is no release ${target}; there are: ${releases.map(({ version }) => version).join(', ') || 'none'}.`,
        { code: 'RELEASE_UNKNOWN' },
      );
    target = found.id;
  }
  if (scope === 'modality') target = String(options.modality).toUpperCase();
  const what = scope === 'all' ? 'all access to everything' : `access to ${scope} ${String(options[scope])}`;
  await confirm(io, {
    sentence: `This halts ${what} at ${client.server}, for everybody, at once; two stewards lift it.`,
    word: 'halt',
    yes: !!options.yes,
  });
  const { halt: placed } = await mutate(
    client,
    {
      name: 'haltAccess',
      success: `... on HaltAccessSuccess { halt { ${FIELDS} } }`,
      shape: z.object({ halt: HALT }),
    },
    {
      scope: scope.toUpperCase(),
      target,
      category: options.category?.toUpperCase() ?? 'OTHER',
      reason: options.reason,
    },
    uncut(),
  );
  if (options.json) printJson(io, placed);
  else
    io.print(
      `Halted: ${safe(what)}. To lift it: iss halt --lift ${safe(placed.id)} --reason "…", then another steward.`,
    );
}

/** Asks for a halt to be lifted. @throws CommandFailed */
export async function askToLift(io: Io, id: string, options: { reason?: string; json?: true }): Promise<void> {
  if (!options.reason) throw wrongUsage('Say why it is safe: --reason "…".');
  const asked = await mutate(
    openClient(io),
    {
      name: 'askToLiftHalt',
      success: '... on AskToLiftHaltSuccess { stepId seenHash expiresAt }',
      shape: z.object({ stepId: z.string(), seenHash: z.string(), expiresAt: z.string() }),
    },
    { id, reason: options.reason },
    uncut(),
  );
  if (options.json) printJson(io, asked);
  else io.print(`Asked. Another steward confirms it: iss halt --confirm ${safe(asked.stepId)}`);
}

/** Lifts what another steward asked to lift, after showing it. @throws CommandFailed */
export async function confirmLift(io: Io, stepId: string, options: { yes?: true; json?: true }): Promise<void> {
  const client = openClient(io);
  const { pendingSteps } = await client.graphql(
    'query Steps { pendingSteps { id action payload seenHash reason askedBy { name } } }',
    {},
    z.object({
      pendingSteps: z
        .array(
          z.object({
            id: z.string(),
            action: z.string(),
            payload: z.record(z.string(), z.unknown()),
            seenHash: z.string(),
            reason: z.string(),
            askedBy: z.object({ name: z.string() }).nullable(),
          }),
        )
        .nullable(),
    }),
  );
  const step = pendingSteps?.find((one) => one.id === stepId && one.action === 'LIFT_HALT');
  if (step === undefined) throw new CommandFailed('Nobody has asked for this.', { code: 'STEP_UNKNOWN' });
  const { activeHalts } = await client.graphql(HALTS, {}, HALTS_SHAPE);
  const halted = activeHalts?.find(({ id }) => id === step.payload.halt);
  const { scope, target } = step.payload;
  await confirm(io, {
    sentence: `${step.askedBy?.name ?? 'Somebody'} asks to lift the halt of ${[scope, halted?.targetName ?? target].filter(Boolean).join(' ')}: "${step.reason}".`,
    word: 'lift',
    yes: !!options.yes,
  });
  const { halt: lifted } = await mutate(
    client,
    { name: 'liftHalt', success: `... on LiftHaltSuccess { halt { ${FIELDS} } }`, shape: z.object({ halt: HALT }) },
    { stepId, seen: step.seenHash },
    uncut(),
  );
  if (options.json) printJson(io, lifted);
  else io.print('The halt is lifted.');
}

/** Lists halts in force that concern the caller. @throws CommandFailed */
export async function listHalts(io: Io, options: { json?: true }): Promise<void> {
  const { activeHalts } = await openClient(io).graphql(HALTS, {}, HALTS_SHAPE);
  const halts = activeHalts ?? [];
  if (options.json) return printJson(io, halts);
  if (halts.length === 0) return io.print('Nothing is halted that concerns you.');
  const rows = halts.map(({ id, scope, targetName, category, placedAt, reason }) => [
    id,
    scope,
    targetName ?? '',
    category,
    placedAt.slice(0, 16),
    reason ?? '',
  ]);
  const titles = ['halt', 'scope', 'target', 'about', 'since', 'reason'];
  io.print(
    table(
      titles.map((title) => ({ title, most: 50 })),
      rows,
    ),
  );
}
