import { afterAll, beforeAll, expect, it } from 'vitest';
import { runJobs } from '../../../api/jobs/job-runner.ts';
import { PUBLISHED_PATIENTS_WITH_DATA } from '../../../pipeline/published/patients.ts';
import { PUBLISHED_FOLDS } from '../../../pipeline/published/splits.ts';
import { eventually } from '../../contracts/eventually.ts';
import { addResearcher, type FixturePerson } from '../../support/person-fixture.ts';
import { fillPublishedShape } from '../../support/published-shape.ts';
import { startWholeServer, type WholeServer } from '../../support/whole-server.ts';

let whole: WholeServer;
let ann: FixturePerson;
let headers: Record<string, string>;
let jobs: Awaited<ReturnType<typeof runJobs>>;
beforeAll(async () => {
  whole = await startWholeServer();
  const { studyId } = await fillPublishedShape(whole.db.pool);
  ann = await addResearcher(whole.db.pool, { name: 'ann', studyId, now: whole.clock.now() });
  headers = { cookie: await whole.session(ann.accountId), 'iss-grant': ann.grantId };
  const { base, server } = whole;
  jobs = await runJobs({
    ...{ worker: 'w', kinds: server.services.runs.jobKinds(), store: base.jobs, queue: base.queue },
    ...{ database: base.database, log: base.log },
  });
}, 120_000);
afterAll(async () => {
  await jobs?.stop();
  await whole.stop();
});

const RUN = `mutation ($input: RunBaselineInput!) { runBaseline(input: $input) { __typename ... on ExpectedError { code message } ... on RunBaselineSuccess { run { id } } } }`;

it('experiment 3 learns from the published 509 rows and withholds the published patients; what it took is said', async () => {
  const took: number[] = [];
  for (const seed of [1, 2, 3]) {
    const began = performance.now();
    const input = {
      commandId: crypto.randomUUID(),
      study: 'shape',
      experiment: 'random-forest-pain',
      preset: 'paper',
      seed,
    };
    const { data, errors } = await whole.ask(headers, RUN, { input });
    expect([errors, data.runBaseline.code]).toEqual([[], undefined]);
    const query = `query ($id: ID!) { run(id: $id) { state result { overall rows byFold { fold testPatients trainRows testRows } } } }`;
    const run = await eventually('the run has its result', async () => {
      const answer = await whole.ask(headers, query, { id: data.runBaseline.run.id });
      return answer.data.run.state === 'SUCCEEDED' ? answer.data.run : null;
    });
    took.push((performance.now() - began) / 1000);
    const videos = new Map(PUBLISHED_PATIENTS_WITH_DATA.map(({ patient, videos }) => [patient, videos ?? 0]));
    for (const { fold, trainRows, testRows } of run.result.byFold) {
      const { testPatients } = PUBLISHED_FOLDS.find(({ number }) => number === fold)!;
      const withheld = testPatients.reduce((sum, patient) => sum + (videos.get(patient) ?? 0), 0);
      expect([fold, trainRows, testRows]).toEqual([fold, 509 - withheld, withheld]);
    }
    expect(run.result.byFold).toHaveLength(10);
  }
  process.stdout.write(
    `experiment 3 on the published shape, request to result: ${took.map((s) => s.toFixed(2)).join(', ')} s\n`,
  );
}, 120_000);
