import { z } from 'zod';
import { type Client, openClient } from '../client.ts';
import { confirm } from '../confirm.ts';
import { CommandFailed } from '../exit.ts';
import { JOB_FIELDS, JOB_SHAPE } from '../export-listing.ts';
import { type Io, printJson } from '../io.ts';
import { waitForJob } from '../job-wait.ts';
import { mutate, uncut } from '../mutation.ts';
import { table } from '../table.ts';
import { bytesText, counted, safe } from '../terminal.ts';

interface Common {
  study?: string;
  json?: true;
}

const RELEASE = z.object({ id: z.string(), version: z.string(), status: z.string() });
type ReleaseFacts = z.infer<typeof RELEASE>;
const PROBLEM = z.object({ about: z.string(), problem: z.string() });
const PROBLEMS = z.array(PROBLEM);
type Problem = z.infer<typeof PROBLEM>;

/** Lists releases, the newest first; drafts too for curators and stewards. @throws CommandFailed */
export async function listReleases(io: Io, options: Common & { drafts?: true }): Promise<void> {
  const client = openClient(io);
  const variables = { study: options.study ?? null };
  const { releases } = await client.graphql(LISTED, variables, z.object({ releases: z.array(LISTED_RELEASE) }));
  const { draftReleases } = options.drafts
    ? await client.graphql(DRAFTS, variables, z.object({ draftReleases: z.array(RELEASE).nullable() }))
    : { draftReleases: [] };
  const all = [...(draftReleases ?? []).map((draft) => ({ ...draft, publishedAt: null })), ...releases];
  if (options.json) return printJson(io, all);
  if (all.length === 0) return io.print('No releases.');
  io.print(
    table(
      ['version', 'status', 'published', 'release'].map((title) => ({ title })),
      all.map(({ id, version, status, publishedAt }) => [version, status, publishedAt?.slice(0, 10) ?? '', id]),
    ),
  );
}

/** Makes a draft of all that is processed. @throws CommandFailed */
export async function draft(io: Io, version: string, options: Common & { notes: string }): Promise<void> {
  const input = { study: options.study ?? null, version, notes: options.notes };
  const { release } = await mutate(openClient(io), releaseMutation('draftRelease'), input);
  tell(
    io,
    options,
    release,
    `Release ${release.version} is drafted. Next: iss release check ${release.version}, then ask for its publication.`,
  );
}

/** Asks for publication, which takes a second person. @throws CommandFailed */
export async function ask(io: Io, version: string, options: Common): Promise<void> {
  const client = openClient(io);
  const { id } = await findRelease(client, version, options.study);
  const { release } = await mutate(client, releaseMutation('askForPublication'), { releaseId: id });
  tell(io, options, release, `The publication of release ${release.version} is asked for: a steward publishes it.`);
}

interface Confirmed extends Common {
  yes?: true;
}

/** Publishes a draft, checked first where it was not. @throws CommandFailed with every problem that was found */
export async function publish(io: Io, version: string, options: Confirmed): Promise<void> {
  const client = openClient(io);
  const { id } = await findRelease(client, version, options.study);
  await confirm(io, {
    sentence: `Release ${version} will be published. What is published never changes and stays known for good.`,
    word: version,
    yes: options.yes === true,
  });
  const once = () => mutate(client, releaseMutation('publishRelease'), { releaseId: id });
  const { release } = await once().catch(async (error: unknown) => {
    if (!(error instanceof CommandFailed) || error.code !== 'CHECK_NEEDED') throw error;
    const { problems } = await checked(io, client, id, true);
    if (problems.length > 0) throw broken(version, problems);
    return once();
  });
  tell(io, options, release, `Release ${release.version} is published. It never changes again.`);
}

/** Proves what a release promises. Ctrl-C ends the check at the server. @throws CommandFailed where it does not hold */
export async function check(io: Io, version: string, options: Common & { checksums: boolean }): Promise<void> {
  const client = openClient(io);
  const { id } = await findRelease(client, version, options.study);
  const { problems, files, bytes, digest } = await checked(io, client, id, options.checksums);
  const ok = problems.length === 0;
  if (options.json) printJson(io, { release: version, ok, problems, files, bytes, digest });
  else for (const { about, problem } of problems) io.print(`${safe(about)}: ${safe(problem)}`);
  if (!ok) throw new CommandFailed(brokenText(version, problems.length), { code: 'RELEASE_BROKEN', told: true });
  const size = `${counted(files ?? 0, 'file')}, ${bytesText(bytes ?? 0)}`;
  if (!options.json)
    io.print(
      `Release ${safe(version)} holds what it promises${options.checksums ? ', every byte of it' : ''} (${size}).`,
    );
}

const brokenText = (version: string, problems: number): string =>
  `Release ${version} does not hold what it promises: ${counted(problems, 'problem')}.`;

const broken = (version: string, problems: Problem[]): CommandFailed =>
  new CommandFailed(brokenText(version, problems.length), {
    code: 'RELEASE_BROKEN',
    details: problems.map(({ about, problem }) => `${about}: ${problem}`),
  });

const CHECK = z.object({
  ...JOB_SHAPE,
  problems: PROBLEMS.nullable(),
  files: z.number().nullable(),
  bytes: z.number().nullable(),
  digest: z.string().nullable(),
});
const CHECK_QUERY = `query Check($id: ID!) { releaseCheck(id: $id) { ${JOB_FIELDS} problems { about problem } files bytes digest } }`;

/** Asks for a check and waits for its result. @throws CommandFailed where it comes to none */
async function checked(io: Io, client: Client, releaseId: string, checksums: boolean) {
  const success = '... on CheckReleaseSuccess { check { id } }';
  const shape = z.object({ check: z.object({ id: z.string() }) });
  const { check: begun } = await mutate(
    client,
    { name: 'checkRelease', success, shape },
    { releaseId, checksums },
    uncut(),
  );
  try {
    const done = await waitForJob(io, 'check', async () => {
      const { releaseCheck } = await client.graphql(
        CHECK_QUERY,
        { id: begun.id },
        z.object({ releaseCheck: CHECK.nullable() }),
      );
      if (releaseCheck === null) throw new CommandFailed('The check is gone.', { code: 'CHECK_UNKNOWN' });
      return releaseCheck;
    });
    return { ...done, problems: done.problems ?? [] };
  } catch (error) {
    if (io.signal.aborted)
      await mutate(
        client,
        {
          name: 'cancelReleaseCheck',
          success: '... on CancelReleaseCheckSuccess { check { id } }',
          shape,
        },
        { id: begun.id },
        uncut(),
      ).catch(() => {});
    throw error;
  }
}

/** Marks a release as superseded. @throws CommandFailed */
export async function deprecate(io: Io, version: string, options: Common & { reason: string }): Promise<void> {
  const client = openClient(io);
  const { id } = await findRelease(client, version, options.study);
  const input = { releaseId: id, reason: options.reason };
  const { release } = await mutate(client, releaseMutation('deprecateRelease'), input);
  tell(io, options, release, `Release ${release.version} is deprecated: it can still be read.`);
}

/** Retracts a release: all access to its data ends. @throws CommandFailed */
export async function retract(io: Io, version: string, options: Confirmed & { reason: string }): Promise<void> {
  const client = openClient(io);
  const { id } = await findRelease(client, version, options.study);
  await confirm(io, {
    sentence: `Release ${version} will be retracted: queries, downloads, exports and runs of it end at once, for everybody and for good.`,
    word: version,
    yes: options.yes === true,
  });
  const input = { releaseId: id, reason: options.reason };
  const { release } = await mutate(client, releaseMutation('retractRelease'), input);
  tell(io, options, release, `Release ${release.version} is retracted: nobody has access to its data any more.`);
}

/** Adds an erratum to what was published. @throws CommandFailed */
export async function erratum(
  io: Io,
  version: string,
  options: Confirmed & { concerns: string; text: string; correctedIn?: string },
): Promise<void> {
  const client = openClient(io);
  const { id } = await findRelease(client, version, options.study);
  await confirm(io, {
    sentence: 'Everybody reads an erratum, and it is never changed or removed.',
    word: version,
    yes: options.yes === true,
  });
  const { concerns, text, correctedIn = null } = options;
  const input = { releaseId: id, concerns, text, correctedIn };
  const { release } = await mutate(client, releaseMutation('addErratum'), input);
  tell(io, options, release, `The erratum stands with release ${release.version}.`);
}

const DIFF = z.object({
  from: z.string(),
  to: z.string(),
  step: z.string(),
  counts: z.array(z.object({ change: z.string(), does: z.string(), count: z.number() })),
  differences: z.object({
    totalCount: z.number(),
    nodes: z.array(
      z.object({
        change: z.string(),
        patient: z.string(),
        timestamp: z.string().nullable(),
        detail: z.array(z.string()),
      }),
    ),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});
const DIFF_QUERY = `query Diff($from: String!, $to: String!, $study: String, $after: String) {
  releaseDiff(from: $from, to: $to, study: $study) {
    from to step counts { change does count }
    differences(first: 500, after: $after) { totalCount nodes { change patient timestamp detail } pageInfo { hasNextPage endCursor } }
  }
}`;

/** In what two releases differ, as far as the person may see it. @throws CommandFailed */
export async function diff(io: Io, from: string, to: string, options: Common): Promise<void> {
  const client = openClient(io);
  const found: z.infer<typeof DIFF>['differences']['nodes'] = [];
  for (let after: string | null = null; ; ) {
    const variables: Record<string, unknown> = { from, to, study: options.study ?? null, after };
    const answer: { releaseDiff: z.infer<typeof DIFF> | null } = await client.graphql(
      DIFF_QUERY,
      variables,
      z.object({ releaseDiff: DIFF.nullable() }),
    );
    const page = answer.releaseDiff;
    if (page === null)
      throw new CommandFailed(`There are no two releases ${from} and ${to}.`, { code: 'RELEASE_UNKNOWN' });
    found.push(...page.differences.nodes);
    after = page.differences.pageInfo.endCursor;
    if (page.differences.pageInfo.hasNextPage && after !== null) continue;
    if (options.json) return printJson(io, { from, to, step: page.step, counts: page.counts, differences: found });
    for (const { change, patient, timestamp, detail } of found)
      io.print(safe([change, patient, timestamp ?? '', detail.join(' ')].join('  ').trimEnd()));
    for (const { does, count } of page.counts) io.note(safe(`${count.toLocaleString('en')}: ${does}`));
    return io.note(
      found.length === 0
        ? 'They hold the same, as far as you may see.'
        : `It takes a ${page.step.toLowerCase()} step at least.`,
    );
  }
}

const releaseMutation = (name: string) => ({
  name,
  success: `... on ${name.charAt(0).toUpperCase()}${name.slice(1)}Success { release { id version status } }`,
  more: '... on ReleaseNotSound { problems { about problem } } ... on VersionTooSmall { nextVersion }',
  shape: z.object({ release: RELEASE }),
  details: (failure: Record<string, unknown>) =>
    (PROBLEMS.safeParse(failure.problems).data ?? []).map(({ about, problem }) => `${about}: ${problem}`),
});

const LISTED_RELEASE = RELEASE.extend({ publishedAt: z.string().nullable() });
const LISTED = 'query Releases($study: String) { releases(study: $study) { id version status publishedAt } }';
const PUBLISHED = 'query Releases($study: String) { releases(study: $study) { id version status } }';
const DRAFTS = 'query Drafts($study: String) { draftReleases(study: $study) { id version status } }';

/** The release of a version; drafts are looked through only where nothing is published under it. @throws CommandFailed */
async function findRelease(client: Client, version: string, study: string | undefined): Promise<ReleaseFacts> {
  const variables = { study: study ?? null };
  const { releases } = await client.graphql(PUBLISHED, variables, z.object({ releases: z.array(RELEASE) }));
  const published = releases.find((one) => one.version === version);
  if (published) return published;
  const { draftReleases } = await client.graphql(
    DRAFTS,
    variables,
    z.object({ draftReleases: z.array(RELEASE).nullable() }),
  );
  const drafted = draftReleases?.find((one) => one.version === version);
  if (drafted) return drafted;
  const known = [...releases, ...(draftReleases ?? [])].map((one) => one.version).join(', ') || 'none';
  throw new CommandFailed(`There is no release ${version}; there are: ${known}.`, { code: 'RELEASE_UNKNOWN' });
}

function tell(io: Io, options: Common, release: ReleaseFacts, sentence: string): void {
  if (options.json) printJson(io, release);
  else io.print(safe(sentence));
}
