import { z } from 'zod';
import { type Client, openClient } from '../client.ts';
import { CommandFailed } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { mutate } from '../mutation.ts';
import { counted, safe } from '../terminal.ts';

interface Common {
  study?: string;
  json?: true;
}

const RELEASE = z.object({ id: z.string(), version: z.string(), status: z.string() });
type ReleaseFacts = z.infer<typeof RELEASE>;
const PROBLEMS = z.array(z.object({ about: z.string(), problem: z.string() }));

/** The server may read every byte of a release before it answers, in ms; Node's fetch waits no longer for an answer to begin. */
const READS_ALL_MS = 290_000;

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

/** Publishes a draft that checks out. @throws CommandFailed with every problem that was found */
export async function publish(io: Io, version: string, options: Common & { checksums: boolean }): Promise<void> {
  const client = openClient(io);
  const { id } = await findRelease(client, version, options.study);
  const { release } = await mutate(
    client,
    releaseMutation('publishRelease'),
    {
      releaseId: id,
      checksums: options.checksums,
    },
    { timeoutMs: READS_ALL_MS },
  );
  tell(io, options, release, `Release ${release.version} is published. It never changes again.`);
}

/** Proves what a release promises. @throws CommandFailed where it does not hold */
export async function check(io: Io, version: string, options: Common & { checksums: boolean }): Promise<void> {
  const client = openClient(io);
  const { id } = await findRelease(client, version, options.study);
  const { problems } = await mutate(
    client,
    {
      name: 'checkRelease',
      success: '... on CheckReleaseSuccess { problems { about problem } }',
      shape: z.object({ problems: PROBLEMS }),
    },
    { releaseId: id, checksums: options.checksums },
    { timeoutMs: READS_ALL_MS },
  );
  const ok = problems.length === 0;
  if (options.json) printJson(io, { release: version, ok, problems });
  else for (const { about, problem } of problems) io.print(`${safe(about)}: ${safe(problem)}`);
  if (!ok)
    throw new CommandFailed(
      `Release ${version} does not hold what it promises: ${counted(problems.length, 'problem')}.`,
      { code: 'RELEASE_BROKEN', told: true },
    );
  if (!options.json)
    io.print(`Release ${safe(version)} holds what it promises${options.checksums ? ', every byte of it' : ''}.`);
}

const releaseMutation = (name: string) => ({
  name,
  success: `... on ${name.charAt(0).toUpperCase()}${name.slice(1)}Success { release { id version status } }`,
  more: '... on ReleaseNotSound { problems { about problem } }',
  shape: z.object({ release: RELEASE }),
  details: (failure: Record<string, unknown>) =>
    (PROBLEMS.safeParse(failure.problems).data ?? []).map(({ about, problem }) => `${about}: ${problem}`),
});

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
