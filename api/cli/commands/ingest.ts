import { durationText } from '../../progress-line.ts';
import { type LocalDrop, NotADrop, readDrop } from '../../services/ingest/read-drop.ts';
import { openClient } from '../client.ts';
import { type DropItemState, openDrop, watchDrop } from '../drop-operations.ts';
import { CommandFailed, systemFailure } from '../exit.ts';
import { inParallel } from '../in-parallel.ts';
import { correctionLines, ingestLine, ingestTable, totalOf } from '../ingest-table.ts';
import { type Io, printJson } from '../io.ts';
import { sendItem } from '../send-item.ts';
import { counted, safe } from '../terminal.ts';

const AT_ONCE = 2;
/** How often the server is asked how far it is, in ms. */
const LOOK_MS = 700;
/** A large drop is a large answer, and is asked for less often. */
const LARGE = 2_000;

/**
 * Fills a study from a drop: sends what the server does not have, has it processed, and tells what became of each submission. Run again it goes on
 * where it was. @throws CommandFailed, also where a submission failed or was refused
 */
export async function ingest(io: Io, folder: string, options: { study: string; json?: true }): Promise<void> {
  const client = openClient(io);
  await client.session.token();
  const local = await readLocal(io, folder);
  for (const { path, problem } of local.strange) io.note(`${safe(path)} ${safe(problem)}.`);
  const drop = await openDrop(client, options.study, local);
  if (options.json) for (const correction of drop.corrections) printJson(io, { correction });
  else for (const line of correctionLines(drop.corrections)) io.note(line);

  const startedAt = io.now().getTime();
  const told = new Set<string>();
  const tell = (items: readonly DropItemState[]): void => {
    for (const item of items) {
      if (item.outcome === 'WAITING' || told.has(keyOf(item))) continue;
      told.add(keyOf(item));
      if (options.json) printJson(io, ingestLine(item));
    }
  };
  const before = drop.items.filter(({ outcome }) => outcome !== 'WAITING').length;
  const sources = new Map(local.items.map((item) => [keyOf(item), item]));
  const waiting = drop.items.filter(({ outcome }) => outcome === 'WAITING');
  const unsent = new Map<string, CommandFailed>();

  const sending = inParallel(AT_ONCE, waiting, async (item) => {
    const source = sources.get(keyOf(item));
    if (!source) return;
    const failure = await sendItem(client, io, drop.id, source, item.wanted);
    if (failure) unsent.set(keyOf(item), failure);
  });
  let sent = false;
  const sentAll = sending.finally(() => {
    sent = true;
  });
  // Looked at below; until then a failure must not count as unhandled.
  sentAll.catch(() => {});

  let items: readonly DropItemState[] = drop.items;
  for (;;) {
    if (sent) await sentAll;
    const state = await watchDrop(client, drop.id);
    items = state.items.map((item) => unsentItem(item, unsent.get(keyOf(item))));
    tell(items);
    const left = items.filter(({ outcome }) => outcome === 'WAITING').length;
    if (left === 0 && sent) break;
    io.progress.show(
      'submissions',
      told.size / items.length,
      progressText(items.length, told.size, told.size - before, (io.now().getTime() - startedAt) / 1000, state.running),
    );
    await io.sleep(LOOK_MS * (1 + items.length / LARGE));
  }
  io.progress.clear();
  const total = totalOf(items, (io.now().getTime() - startedAt) / 1000);
  if (options.json) printJson(io, { total });
  else io.print(ingestTable(items, total));
  const bad = total.failed + total.refused;
  if (bad > 0)
    throw new CommandFailed(`${counted(bad, 'submission')} could not be taken; the table says why.`, {
      code: 'SUBMISSIONS_FAILED',
      told: true,
    });
}

const keyOf = ({ patient, timestamp }: { patient: string; timestamp: string }): string => `${patient}/${timestamp}`;

async function readLocal(io: Io, folder: string): Promise<LocalDrop> {
  try {
    return await readDrop(folder, (done, total) => {
      io.signal.throwIfAborted();
      io.progress.show('read', done / total, `reading ${done} of ${counted(total, 'submission')}`);
    });
  } catch (error) {
    if (error instanceof NotADrop) throw new CommandFailed(`${error.message}.`, { code: 'NOT_A_DROP', cause: error });
    throw systemFailure(error) ?? error;
  } finally {
    io.progress.clear();
  }
}

/** What never reached the server waits there for ever: here it has failed, and running again tries anew. */
function unsentItem(item: DropItemState, failure: CommandFailed | undefined): DropItemState {
  if (!failure || item.outcome !== 'WAITING') return item;
  return { ...item, outcome: 'FAILED', reasonCode: failure.code, reason: failure.message };
}

function progressText(
  total: number,
  done: number,
  fresh: number,
  seconds: number,
  running: readonly { patient: string; stage: string; done: number; total: number }[],
): string {
  const rate = seconds > 0 ? fresh / seconds : 0;
  // One or two say little about the rest.
  const left = fresh >= 3 ? `, ${durationText((total - done) / rate)} left` : '';
  const speed = rate > 0 ? `, ${(rate * 60).toFixed(1)} a minute${left}` : '';
  const now = running.map((job) => `${job.patient} ${job.stage} ${job.done}/${job.total}`).join(', ');
  return `submissions ${done} of ${total}${speed}${now ? ` [${now}]` : ''}`;
}
