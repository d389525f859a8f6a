import { z } from 'zod';
import { openClient } from '../client.ts';
import { CommandFailed } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { oneOf } from '../options.ts';
import { safe, safeLines } from '../terminal.ts';

const CITATION = z.object({
  version: z.string(),
  digest: z.string(),
  text: z.string(),
  bibtex: z.string(),
  csl: z.unknown(),
  datacite: z.unknown(),
});
const ERRATUM = z.object({
  number: z.number(),
  concerns: z.string(),
  text: z.string(),
  correctedIn: z.string().nullable(),
});
const RELEASE = z.object({
  version: z.string(),
  status: z.string(),
  statusReason: z.string().nullable(),
  errata: z.array(z.unknown()),
  citation: CITATION.nullable(),
});

const QUERY = `query Cite($study: String, $version: String) {
  release(study: $study, version: $version) {
    version status statusReason errata citation { version digest text bibtex csl datacite }
  }
}`;

/** Writes the reference to a release as it now is; nobody has to be signed in. @throws CommandFailed */
export async function cite(
  io: Io,
  version: string | undefined,
  options: { study?: string; format: string; json?: true },
): Promise<void> {
  const format = oneOf('--format', options.format, ['text', 'bibtex', 'csl', 'datacite']) as 'text';
  const variables = { study: options.study ?? null, version: version ?? null };
  const { release } = await openClient(io, { anonymous: true }).graphql(
    QUERY,
    variables,
    z.object({ release: RELEASE.nullable() }),
  );
  if (release === null || release.citation === null)
    throw new CommandFailed(`There is no published release${version === undefined ? '' : ` ${version}`}.`, {
      code: 'RELEASE_UNKNOWN',
    });
  const { citation, ...stands } = release;
  if (options.json) return printJson(io, { ...stands, ...citation, release: release.version });
  const written: string | unknown = citation[format];
  io.print(typeof written === 'string' ? safeLines(written) : safeLines(JSON.stringify(written, null, 2)));
  if (release.status !== 'PUBLISHED')
    io.note(safe(`It is ${release.status.toLowerCase()}: ${release.statusReason ?? 'no reason is given.'}`));
  for (const one of release.errata) {
    const erratum = ERRATUM.safeParse(one);
    if (erratum.success)
      io.note(safe(`Erratum ${erratum.data.number}, ${erratum.data.concerns}: ${erratum.data.text}`));
  }
}
