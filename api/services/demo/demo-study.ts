import { join } from 'node:path';
import { writeDrop } from '../../../pipeline/synthetic/drop.ts';
import { type SyntheticStudy, syntheticStudy } from '../../../pipeline/synthetic/study.ts';
import type { Foundation } from '../../compose.ts';
import type { Services } from '../../services.ts';
import { readDrop, streamOf } from '../ingest/read-drop.ts';
import { draftRelease } from '../releases/draft-release.ts';
import { askForPublication, publishRelease } from '../releases/publish-release.ts';
import { checkNow } from '../releases/release-check.ts';
import { demoActor } from './demo-access.ts';

export interface DemoProgress {
  stage: string;
  done: number;
  total: number;
}

const SEED = 1;
const VERSION = '1.0.0';

/**
 * The synthetic study: drawn and encoded, ingested like any drop by the demo's curator, drafted, asked for and published. Each step is left out where
 * it was done before, so that a start that was cut off goes on where it stood.
 * @returns whether something had to be done
 */
export async function makeDemoStudy(
  base: Foundation,
  services: Services,
  options: {
    publicUrl: string;
    onProgress: (progress: DemoProgress) => void;
    signal: AbortSignal;
    /** What to make; the demo unless given. */
    plan?: SyntheticStudy;
  },
): Promise<boolean> {
  const { onProgress, signal } = options;
  const { rows } = await base.database.query<{ status: string }>(
    `SELECT r.status FROM release r JOIN study s ON s.id = r.study_id WHERE s.key = 'demo' AND r.version = $1`,
    [VERSION],
  );
  if (rows[0] && rows[0].status !== 'DRAFT') return false;
  const folder = join(base.config.dataDirectory, 'demo-drop');
  await writeDrop(options.plan ?? syntheticStudy({ seed: SEED }), folder, {
    onProgress: ({ done, total }) => onProgress({ stage: 'drawing videos', done, total }),
    signal,
  });
  const curator = await demoActor(base, 'curator', options.publicUrl);
  await ingestFolder(base, services, folder, curator.accountId, options);
  const deps = services.releases;
  const steward = await demoActor(base, 'steward', options.publicUrl);
  const draft = await draftRelease(deps, curator, {
    study: 'demo',
    version: VERSION,
    notes: 'Synthetic: drawn faces, computed voices, invented answers. It has the shape of ISS and concerns nobody.',
  });
  const releaseId = draft.ok ? draft.releaseId : await draftOf(base);
  if (!releaseId) throw new Error(`the demo could not be drafted: ${draft.ok ? '' : draft.message}`);
  const asked = await askForPublication(deps, curator, releaseId);
  if (!asked.ok) throw new Error(`nobody could ask for the demo's publication: ${asked.message}`);
  const progress = ({ done, total }: DemoProgress) => onProgress({ stage: 'checking the release', done, total });
  await checkNow(deps, curator, releaseId, { checksums: true, signal, progress });
  const published = await publishRelease(deps, steward, releaseId);
  if (!published.ok)
    throw new Error(
      `the demo could not be published: ${published.message} ${published.problems.map(({ about, problem }) => `${about} ${problem}`).join('; ')}`,
    );
  return true;
}

async function draftOf(base: Foundation): Promise<string | null> {
  const { rows } = await base.database.query<{ id: string }>(
    `SELECT r.id FROM release r JOIN study s ON s.id = r.study_id WHERE s.key = 'demo' AND r.version = $1 AND r.status = 'DRAFT'`,
    [VERSION],
  );
  return rows[0]?.id ?? null;
}

async function ingestFolder(
  base: Foundation,
  services: Services,
  folder: string,
  accountId: string,
  options: { onProgress: (progress: DemoProgress) => void; signal: AbortSignal },
): Promise<void> {
  const { ingest } = services;
  const drop = await readDrop(folder);
  const opened = await ingest.open({ study: 'demo', enrolment: drop.enrolment, items: drop.items, accountId });
  if (!opened.ok)
    throw new Error(
      `the demo's drop was refused: ${opened.message} ${opened.problems.map((problem) => problem.message).join(' ')}`,
    );
  const waiting = opened.items.filter((item) => item.outcome === 'WAITING');
  for (const found of waiting) {
    const local = drop.items.find((item) => item.patient === found.patient && item.timestamp === found.timestamp)!;
    const item = { ...found, study: 'demo' };
    for (const kind of await ingest.wanted(item)) {
      const received = await ingest.receive(
        opened.dropId,
        item.patient,
        item.timestamp,
        kind,
        streamOf(kind === 'video' ? local.videoPath! : local.surveyPath!),
      );
      if (!received.ok)
        throw new Error(`the demo's ${kind} ${item.patient}/${item.timestamp} was not taken: ${received.message}`);
    }
    await ingest.process(item, accountId);
  }
  await watchDrop(base, services, opened.dropId, options);
}

/** Waits until every submission has its outcome; looks four times a second. @throws where one could not be processed: a demo with holes is none */
async function watchDrop(
  base: Foundation,
  services: Services,
  dropId: string,
  { onProgress, signal }: { onProgress: (progress: DemoProgress) => void; signal: AbortSignal },
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await base.database.query<{ total: number; done: number }>(
      `SELECT count(*)::int AS total, count(*) FILTER (WHERE outcome <> 'WAITING')::int AS done FROM ingest_item WHERE drop_id = $1`,
      [dropId],
    );
    const { total, done } = rows[0]!;
    onProgress({ stage: 'processing videos', done, total });
    if (done === total) break;
    await new Promise((wake) => setTimeout(wake, 250));
    if (await stuck(base, dropId)) await services.ingest.state(dropId);
  }
  const { rows } = await base.database.query<{ patient: string; timestamp: string; reason: string | null }>(
    `SELECT patient_code AS patient, timestamp, reason FROM ingest_item WHERE drop_id = $1 AND NOT (outcome = 'PROCESSED' OR (outcome = 'UNCHANGED' AND reason IS NULL))
     ORDER BY patient_code, timestamp`,
    [dropId],
  );
  const [first] = rows;
  if (first)
    throw new Error(
      `${rows.length} of the demo's videos could not be processed, the first of them ${first.patient}/${first.timestamp}: ${first.reason ?? 'no reason is known'} Start again to try anew.`,
    );
}

/** True where nothing works on the drop any more though something waits: jobs that failed for good. */
async function stuck(base: Foundation, dropId: string): Promise<boolean> {
  const { rows } = await base.database.query(
    `SELECT 1 FROM job j JOIN ingest_item i ON j.payload ->> 'itemId' = i.id::text WHERE i.drop_id = $1 AND j.kind = 'ingest-submission' AND j.state IN ('QUEUED', 'RUNNING') LIMIT 1`,
    [dropId],
  );
  return rows.length === 0;
}
