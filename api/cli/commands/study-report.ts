import { z } from 'zod';
import { openClient } from '../client.ts';
import { CommandFailed } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { agreement, REPORT, reportText } from '../report-text.ts';
import { safe } from '../terminal.ts';

const QUERY = `query StudyReport($study: String, $release: String, $besideIss: Boolean) {
  studyReport(study: $study, release: $release, besideIss: $besideIss) {
    study synthetic release compared
    tables { number title note columns { key title unit } rows { cells { value published agrees errata } } withheld { code sentence } }
    errata { id title used }
  }
}`;

export interface StudyReportOptions {
  study?: string;
  release?: string;
  besideIss?: true;
  open?: true;
  json?: true;
}

/** Prints the paper's tables counted anew over a release, as far as the person may see them. @throws CommandFailed */
export async function studyReport(io: Io, options: StudyReportOptions): Promise<void> {
  const { study, release, besideIss = false } = options;
  const { studyReport: report } = await openClient(io, { anonymous: options.open === true }).graphql(
    QUERY,
    { study: study ?? null, release: release ?? null, besideIss },
    z.object({ studyReport: REPORT.nullable() }),
  );
  if (report === null)
    throw new CommandFailed(`There is no release${release === undefined ? '' : ` ${safe(release)}`} to report on.`, {
      code: 'RELEASE_UNKNOWN',
    });
  if (options.json) return printJson(io, report);
  io.print(reportText(report));
  if (!report.compared) return;
  const { agree, differ, explained } = agreement(report);
  io.print(`\n${agree} values agree with the paper; ${explained} differ as an erratum says, ${differ} otherwise.`);
}
