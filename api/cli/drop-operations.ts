import { z } from 'zod';
import type { LocalDrop } from '../services/ingest/read-drop.ts';
import type { Client } from './client.ts';
import { CommandFailed } from './exit.ts';
import { mutate } from './mutation.ts';

const OUTCOME = z.enum(['WAITING', 'UNCHANGED', 'PROCESSED', 'UNREADABLE', 'REFUSED', 'FAILED']);

const ITEM = z.object({
  patient: z.string(),
  timestamp: z.string(),
  outcome: OUTCOME,
  reasonCode: z.string().nullable(),
  reason: z.string().nullable(),
});

const ITEM_STATE = ITEM.extend({
  frames: z.number().nullable(),
  faces: z.number().nullable(),
  chunks: z.number().nullable(),
  seconds: z.number().nullable(),
});
/** A submission of a drop and what has become of it. */
export type DropItemState = z.infer<typeof ITEM_STATE>;

const WANTED = z.enum(['VIDEO', 'SURVEY']);
export type WantedFile = z.infer<typeof WANTED>;

const CORRECTION = z.object({
  patient: z.string(),
  field: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
});
export type DropCorrection = z.infer<typeof CORRECTION>;

const OPENED = z.object({
  drop: z.object({
    id: z.string(),
    items: z.array(ITEM.extend({ wanted: z.array(WANTED) })),
    corrections: z.array(CORRECTION),
  }),
});
export type OpenedItem = DropItemState & { wanted: WantedFile[] };

const STATE = z.object({
  drop: z
    .object({
      items: z.array(ITEM_STATE),
      running: z.array(
        z.object({
          patient: z.string(),
          timestamp: z.string(),
          stage: z.string(),
          done: z.number(),
          total: z.number(),
        }),
      ),
    })
    .nullable(),
});
export type DropState = NonNullable<z.infer<typeof STATE>['drop']>;

/** Describes a drop to the server. @returns what it wants of it. @throws CommandFailed, with a line for each fault of enrolment.csv */
export async function openDrop(
  client: Client,
  study: string,
  local: LocalDrop,
): Promise<{ id: string; items: OpenedItem[]; corrections: DropCorrection[] }> {
  const { drop } = await mutate(
    client,
    {
      name: 'openDrop',
      success:
        '... on OpenDropSuccess { drop { id items { patient timestamp outcome reasonCode reason wanted } corrections { patient field from to } } }',
      more: '... on EnrolmentInvalid { problems { code line column message } }',
      shape: OPENED,
      details: problemLines,
    },
    {
      study,
      enrolment: Buffer.from(local.enrolment).toString('base64'),
      items: local.items.map(({ patient, timestamp, videoSha256, videoBytes, surveySha256 }) => ({
        patient,
        timestamp,
        videoSha256,
        videoBytes,
        surveySha256,
      })),
    },
  );
  const nothing = { frames: null, faces: null, chunks: null, seconds: null };
  return { id: drop.id, corrections: drop.corrections, items: drop.items.map((item) => ({ ...nothing, ...item })) };
}

function problemLines(failure: Record<string, unknown>): string[] {
  const shape = z.array(z.object({ line: z.number().nullish(), column: z.string().nullish(), message: z.string() }));
  const problems = shape.safeParse(failure.problems);
  return (problems.data ?? []).map(({ line, column, message }) => {
    const where = [...(line == null ? [] : [`line ${line}`]), ...(column == null ? [] : [`column ${column}`])];
    return `enrolment.csv${where.length > 0 ? `, ${where.join(', ')}` : ''}: ${message}`;
  });
}

/** How far a drop is. @throws CommandFailed where it is gone */
export async function watchDrop(client: Client, id: string): Promise<DropState> {
  const text = `query Drop($id: ID!) {
    drop(id: $id) {
      items { patient timestamp outcome reasonCode reason frames faces chunks seconds }
      running { patient timestamp stage done total }
    }
  }`;
  const { drop } = await client.graphql(text, { id }, STATE, { patience: 60 });
  if (!drop) throw new CommandFailed('The server knows this drop no more: run it again.', { code: 'DROP_UNKNOWN' });
  return drop;
}

/** Has a submission processed whose files are all there. */
export async function processSubmission(
  client: Client,
  dropId: string,
  { patient, timestamp }: { patient: string; timestamp: string },
): Promise<void> {
  await mutate(
    client,
    {
      name: 'processSubmission',
      success: '... on ProcessSubmissionSuccess { queued }',
      shape: z.object({ queued: z.boolean() }),
    },
    { dropId, patient, timestamp },
    { patience: 30 },
  );
}
