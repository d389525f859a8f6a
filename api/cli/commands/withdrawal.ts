import { z } from 'zod';
import { type Client, openClient } from '../client.ts';
import { confirm } from '../confirm.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { mutate, uncut } from '../mutation.ts';
import { table } from '../table.ts';
import { safe } from '../terminal.ts';

const PERSON = z.object({ name: z.string() }).nullable();
const DUTY = z.object({
  id: z.string(),
  study: z.string(),
  grantId: z.string(),
  exports: z.array(z.string()),
  singleFiles: z.boolean(),
  state: z.string(),
  dueAt: z.string().nullable(),
});
const DUTY_FIELDS = 'id study grantId exports singleFiles state dueAt';
const WITHDRAWAL = z.object({
  id: z.string(),
  study: z.string(),
  patient: z.string(),
  kind: z.string(),
  stage: z.string(),
  recordedAt: z.string(),
  eraseAfter: z.string().nullable(),
  erasedAt: z.string().nullable(),
  draftVersion: z.string().nullable(),
  draftProblem: z.string().nullable(),
  marked: z.array(z.object({ subject: z.string(), id: z.string(), effect: z.string() })),
  duties: z.array(DUTY.extend({ downloads: z.number().nullable(), holder: PERSON })),
  remaining: z.array(
    z.object({ what: z.string(), waitsFor: z.string(), count: z.number(), until: z.string().nullable() }),
  ),
  proof: z.unknown(),
});
type Withdrawal = z.infer<typeof WITHDRAWAL>;
const FIELDS = `id study patient kind stage recordedAt eraseAfter erasedAt draftVersion draftProblem marked { subject id effect }
  duties { ${DUTY_FIELDS} downloads holder { name } } remaining { what waitsFor count until } proof`;
const STEP = z.object({
  id: z.string(),
  action: z.string(),
  payload: z.record(z.string(), z.unknown()),
  seenHash: z.string(),
  reason: z.string(),
  askedBy: PERSON,
  expiresAt: z.string(),
  confirmable: z.boolean(),
});
type Step = z.infer<typeof STEP>;

const day = (instant: string | null): string => instant?.slice(0, 10) ?? '';
const words = (text: string): string => text.toLowerCase().replaceAll('_', ' ');

const WHAT: Readonly<Record<string, string>> = {
  STOP_COLLECTION: 'nothing more is collected of them; what there is stays',
  STOP_SHARING:
    'they vanish from every query, count, split and download of every release, at once; open exports and runs with them end',
  ERASE:
    'they vanish from every query, count, split and download of every release, at once; two stewards may then have everything of them destroyed',
};

/** Records a withdrawal, after a question. @throws CommandFailed */
export async function recordWithdrawal(
  io: Io,
  patient: string,
  options: { kind: string; reason: string; study?: string; yes?: true; json?: true },
): Promise<void> {
  const kind = options.kind.toUpperCase().replaceAll('-', '_');
  const what = WHAT[kind];
  if (what === undefined) throw wrongUsage(`--kind is one of ${Object.keys(WHAT).join(', ')}.`);
  const client = openClient(io);
  await confirm(io, {
    sentence: `This records at ${client.server} that patient ${patient} withdraws: ${what}.`,
    word: patient,
    yes: !!options.yes,
  });
  const { withdrawal } = await mutate(
    client,
    {
      name: 'recordWithdrawal',
      success: `... on RecordWithdrawalSuccess { withdrawal { ${FIELDS} } }`,
      shape: z.object({ withdrawal: WITHDRAWAL }),
    },
    { study: options.study ?? null, patient, kind, reason: options.reason.toUpperCase() },
    uncut(),
  );
  if (options.json) return printJson(io, withdrawal);
  io.print(`Recorded as ${safe(withdrawal.id)}: ${safe(what)}.`);
  showRest(io, withdrawal);
}

/** Lists withdrawals with what remains to be done, for stewards. @throws CommandFailed */
export async function listWithdrawals(io: Io, options: { study?: string; open?: true; json?: true }): Promise<void> {
  const client = openClient(io);
  const { withdrawals } = await client.graphql(
    `query Withdrawals($study: String) { withdrawals(study: $study) { ${FIELDS} } }`,
    { study: options.study ?? null },
    z.object({ withdrawals: z.array(WITHDRAWAL).nullable() }),
  );
  const all = (withdrawals ?? []).filter(({ remaining }) => !options.open || remaining.length > 0);
  if (options.json) return printJson(io, all);
  if (all.length === 0) return io.print(options.open ? 'Nothing is left to do.' : 'No withdrawals.');
  io.print(
    table(
      ['withdrawal', 'patient', 'kind', 'stage', 'recorded', 'left to do'].map((title) => ({ title, most: 70 })),
      all.map((one) => [
        one.id,
        one.patient,
        one.kind,
        one.stage,
        day(one.recordedAt),
        one.remaining.map(({ what, waitsFor }) => `${words(what)} (${words(waitsFor)})`).join('; '),
      ]),
    ),
  );
  const steps = await withdrawalSteps(client);
  for (const step of steps)
    io.print(
      `Waits for another steward: ${safe(words(String(step.payload.step)))} for patient ${safe(String(step.payload.patient))}, asked by ${safe(step.askedBy?.name ?? 'somebody')}${step.confirmable ? `: iss withdrawal confirm ${safe(step.id)}` : ''}`,
    );
}

/** Everything of one withdrawal. @throws CommandFailed */
export async function showWithdrawal(io: Io, id: string, options: { study?: string; json?: true }): Promise<void> {
  const { withdrawals } = await openClient(io).graphql(
    `query Withdrawals($study: String) { withdrawals(study: $study) { ${FIELDS} } }`,
    { study: options.study ?? null },
    z.object({ withdrawals: z.array(WITHDRAWAL).nullable() }),
  );
  const found = (withdrawals ?? []).find((one) => one.id === id);
  if (found === undefined) throw new CommandFailed('There is no such withdrawal.', { code: 'WITHDRAWAL_UNKNOWN' });
  if (options.json) return printJson(io, found);
  io.print(`${safe(found.kind)} of patient ${safe(found.patient)}, study ${safe(found.study)}: ${safe(found.stage)}`);
  for (const { id: duty, holder, exports, downloads, state, dueAt } of found.duties) {
    const what = [
      ...(exports.length > 0 ? [`exports ${exports.join(', ')}`] : []),
      ...(downloads ? [downloads === 1 ? 'a single file' : `${downloads} single files`] : []),
    ].join(' and ');
    io.print(
      safe(
        `  ${holder?.name ?? 'somebody'}: ${what}; ${words(state)}${dueAt && state !== 'ATTESTED' ? `, due ${day(dueAt)}` : ''} (${duty})`,
      ),
    );
  }
  for (const { subject, id: of, effect } of found.marked) io.print(safe(`  ${words(subject)} ${of}: ${words(effect)}`));
  if (found.draftVersion) io.print(safe(`  next release drafted as ${found.draftVersion}`));
  if (found.draftProblem) io.print(safe(`  no next release could be drafted: ${found.draftProblem}`));
  showRest(io, found);
  if (found.proof) io.print(safe(`  proof: ${JSON.stringify(found.proof)}`));
}

/** What a steward asks for so that it gets done. */
const STEP_FOR: Readonly<Record<string, string>> = { NOTICES: 'NOTICES', ERASURE_ORDER: 'ERASURE' };

function showRest(io: Io, { id, remaining, eraseAfter, erasedAt }: Withdrawal): void {
  if (erasedAt) io.print(safe(`  erased on ${day(erasedAt)}`));
  else if (eraseAfter) io.print(safe(`  is erased after ${day(eraseAfter)}`));
  if (remaining.length === 0) io.print('  nothing is left to do');
  for (const { what, waitsFor, count, until } of remaining)
    io.print(
      safe(
        `  left to do: ${words(what)}${count > 1 ? ` (${count})` : ''}, by ${words(waitsFor)}${until ? `, until ${day(until)}` : ''}`,
      ),
    );
  const next = remaining.flatMap(({ what, waitsFor }) => (waitsFor === 'STEWARD' ? (STEP_FOR[what] ?? []) : []))[0];
  if (next) io.print(safe(`  iss withdrawal ask ${id} --step ${next} --reason "…"`));
}

/** Asks for a step that another steward has to confirm. @throws CommandFailed */
export async function askStep(
  io: Io,
  id: string,
  options: { step: string; reason: string; json?: true },
): Promise<void> {
  const asked = await mutate(
    openClient(io),
    {
      name: 'askWithdrawalStep',
      success: '... on AskWithdrawalStepSuccess { stepId seenHash expiresAt }',
      shape: z.object({ stepId: z.string(), seenHash: z.string(), expiresAt: z.string() }),
    },
    { id, step: options.step.toUpperCase().replaceAll('-', '_'), reason: options.reason },
    uncut(),
  );
  if (options.json) return printJson(io, asked);
  io.print(
    `Waits for another steward until ${safe(day(asked.expiresAt))}: iss withdrawal confirm ${safe(asked.stepId)}`,
  );
}

const MEANS: Readonly<Record<string, string>> = {
  NOTICES: 'tells every holder of copies to destroy them',
  ERASURE:
    'orders that everything of the patient is destroyed when the hold is over, their key with it: no backup can bring it back',
  TAKE_BACK: 'takes the withdrawal back: the patient is seen again at once',
};

/** Confirms, as another steward, what was asked for, after a question that says what it is. @throws CommandFailed */
export async function confirmStep(io: Io, stepId: string, options: { yes?: true; json?: true }): Promise<void> {
  const client = openClient(io);
  const step = (await withdrawalSteps(client)).find(({ id }) => id === stepId);
  if (step === undefined)
    throw new CommandFailed('Nobody has asked for this, or it has waited too long.', { code: 'STEP_UNKNOWN' });
  if (!step.confirmable)
    throw new CommandFailed('This takes two people: somebody else than who asked has to confirm it.', {
      code: 'SAME_PERSON',
    });
  const { step: name, patient, study, duties, days, holdDays } = step.payload;
  const more = [
    ...(Array.isArray(duties) ? [`${duties.length} holders`] : []),
    ...(days === undefined ? [] : [`${days} days to attest`]),
    ...(holdDays === undefined ? [] : [`a hold of ${holdDays} days`]),
  ].join(', ');
  await confirm(io, {
    sentence: `This ${MEANS[String(name)] ?? words(String(name))} (patient ${patient}, study ${study}${more ? `; ${more}` : ''}). Asked by ${step.askedBy?.name ?? 'somebody'}: ${step.reason}`,
    word: String(patient),
    yes: !!options.yes,
  });
  const { withdrawal } = await mutate(
    client,
    {
      name: 'confirmWithdrawalStep',
      success: `... on ConfirmWithdrawalStepSuccess { withdrawal { ${FIELDS} } }`,
      shape: z.object({ withdrawal: WITHDRAWAL }),
    },
    { stepId, seen: step.seenHash },
    uncut(),
  );
  if (options.json) return printJson(io, withdrawal);
  io.print(`Done: ${safe(words(String(name)))}. The withdrawal is at ${safe(withdrawal.stage)}.`);
  showRest(io, withdrawal);
}

async function withdrawalSteps(client: Client): Promise<Step[]> {
  const { pendingSteps } = await client.graphql(
    'query Steps { pendingSteps { id action payload seenHash reason askedBy { name } expiresAt confirmable } }',
    {},
    z.object({ pendingSteps: z.array(STEP).nullable() }),
  );
  return (pendingSteps ?? []).filter(({ action }) => action === 'CONFIRM_WITHDRAWAL');
}

/** Lists what one was told to destroy; with an id, attests that it is done, after a question. @throws CommandFailed */
export async function attest(io: Io, id: string | undefined, options: { yes?: true; json?: true }): Promise<void> {
  const client = openClient(io);
  const { destructionDuties } = await client.graphql(
    `query Duties { destructionDuties { ${DUTY_FIELDS} } }`,
    {},
    z.object({ destructionDuties: z.array(DUTY).nullable() }),
  );
  const duties = destructionDuties ?? [];
  const named = ({ exports, singleFiles }: z.infer<typeof DUTY>): string =>
    [
      ...(exports.length > 0 ? [`exports ${exports.join(', ')}`] : []),
      ...(singleFiles ? ['all single files'] : []),
    ].join(' and ');
  if (id === undefined) {
    if (options.json) return printJson(io, duties);
    if (duties.length === 0) return io.print('You were told of no copies to destroy.');
    return io.print(
      table(
        ['duty', 'study', 'state', 'due', 'what'].map((title) => ({ title, most: 90 })),
        duties.map((one) => [one.id, one.study, one.state, day(one.dueAt), named(one)]),
      ),
    );
  }
  const duty = duties.find((one) => one.id === id);
  if (duty === undefined) throw new CommandFailed('You were told of no such copies.', { code: 'DUTY_UNKNOWN' });
  await confirm(io, {
    sentence: `You attest that your copies of ${named(duty)} of study ${duty.study}, backups among them, and all models and other data made from them are destroyed.`,
    word: 'destroyed',
    yes: !!options.yes,
  });
  const done = await mutate(
    client,
    {
      name: 'attestDestruction',
      success: `... on AttestDestructionSuccess { duty { ${DUTY_FIELDS} } }`,
      shape: z.object({ duty: DUTY }),
    },
    { id, copiesDestroyed: true, derivativesDestroyed: true },
    uncut(),
  );
  if (options.json) return printJson(io, done.duty);
  io.print('Attested; the stewards see it.');
}
