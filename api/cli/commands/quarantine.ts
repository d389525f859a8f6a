import { z } from 'zod';
import { openClient } from '../client.ts';
import { confirm } from '../confirm.ts';
import { wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { mutate, uncut } from '../mutation.ts';
import { table } from '../table.ts';
import { safe } from '../terminal.ts';

const PERSON = z.object({ name: z.string() }).nullable();
const QUARANTINE = z.object({
  id: z.string(),
  study: z.string(),
  patient: z.string().nullable(),
  timestamp: z.string().nullable(),
  fromSeconds: z.number().nullable(),
  toSeconds: z.number().nullable(),
  reason: z.string(),
  placedAt: z.string(),
  placedBy: PERSON,
  liftedAt: z.string().nullable(),
  reviewDueAt: z.string().nullable(),
});
const FIELDS =
  'id study patient timestamp fromSeconds toSeconds reason placedAt placedBy { name } liftedAt reviewDueAt';

const spanOf = ({ fromSeconds, toSeconds }: z.infer<typeof QUARANTINE>): string =>
  fromSeconds === null && toSeconds === null ? 'all of it' : `${fromSeconds ?? 0} to ${toSeconds ?? 'the end'} s`;

/** Lists what is in quarantine. @throws CommandFailed */
export async function listQuarantines(io: Io, options: { due?: true; study?: string; json?: true }): Promise<void> {
  const { quarantines } = await openClient(io).graphql(
    `query Quarantines($study: String, $due: Boolean) { quarantines(study: $study, reviewDue: $due) { ${FIELDS} } }`,
    { study: options.study ?? null, due: options.due ?? false },
    z.object({ quarantines: z.array(QUARANTINE).nullable() }),
  );
  const all = quarantines ?? [];
  if (options.json) return printJson(io, all);
  if (all.length === 0) return io.print(options.due ? 'No review is due.' : 'Nothing is in quarantine.');
  io.print(
    table(
      ['quarantine', 'patient', 'submission', 'span', 'since', 'by', 'review due', 'reason'].map((title) => ({
        title,
        most: 40,
      })),
      all.map((one) => [
        ...[
          one.id,
          one.patient ?? '',
          one.timestamp ?? '',
          spanOf(one),
          one.placedAt.slice(0, 16),
          one.placedBy?.name ?? '',
        ],
        ...[one.liftedAt === null ? (one.reviewDueAt?.slice(0, 10) ?? '') : 'lifted', one.reason],
      ]),
    ),
  );
}

/** Keeps or lifts a quarantine after a look. @throws CommandFailed */
export async function reviewQuarantine(
  io: Io,
  id: string,
  options: { keep?: string; lift?: true; yes?: true; json?: true },
): Promise<void> {
  if ((options.keep === undefined) === (options.lift === undefined))
    throw wrongUsage('Say what becomes of it: one of --keep "…" and --lift.');
  if (options.lift)
    await confirm(io, {
      sentence: `What quarantine ${id} hides will be seen again at once, by everybody with a grant.`,
      word: 'lift',
      yes: !!options.yes,
    });
  const { quarantine } = await mutate(
    openClient(io),
    {
      name: 'reviewQuarantine',
      success: `... on ReviewQuarantineSuccess { quarantine { ${FIELDS} } }`,
      shape: z.object({ quarantine: QUARANTINE }),
    },
    { id, outcome: options.lift ? 'LIFT' : 'KEEP', reason: options.keep ?? null },
    uncut(),
  );
  if (options.json) return printJson(io, quarantine);
  io.print(
    quarantine.liftedAt === null
      ? safe(`It stays; the next review is due ${quarantine.reviewDueAt?.slice(0, 10) ?? 'never'}.`)
      : 'It is lifted: what it hid is seen again.',
  );
}
