import type { Actor } from '../../governance/actor.ts';
import type { CommandServices } from '../../schema/command-services.ts';
import type { Foundation } from '../compose.ts';
import type { Services } from '../services.ts';
import { agreementCommands } from './access/agreement-commands.ts';
import { certificateCommands } from './access/certificate-commands.ts';
import { ethicsDocuments } from './access/ethics-documents.ts';
import { loadFacts } from './access/load-facts.ts';
import { requestCommands } from './access/request-commands.ts';
import { signInCheck } from './access/sign-in-check.ts';
import { stewardshipCommands } from './access/stewardship-commands.ts';
import { auditCommands } from './audit/audit-commands.ts';
import { commandLog } from './audit/command-log.ts';
import { journaled } from './backup/journaled.ts';
import type { CommandDeps } from './command-deps.ts';
import { consentCommands } from './curation/consent-commands.ts';
import { quarantineCommands } from './curation/quarantine-commands.ts';
import { exceptionCommands } from './exceptions/exception-commands.ts';
import { exportCommands } from './exports/export-commands.ts';
import { haltCommands } from './halts/halt-commands.ts';
import { incidentCommands } from './incidents/incident-commands.ts';
import { ingestCommands } from './ingest/ingest-commands.ts';
import { institutionCommands } from './institutions/institution-commands.ts';
import { jobDuties } from './jobs/job-duties.ts';
import { mailCommands } from './mail/mail-commands.ts';
import { openRequests } from './open/open-requests.ts';
import { accountCommands } from './people-admin/account-commands.ts';
import { policyCommands } from './policy/policy-commands.ts';
import { commandReceipts } from './receipts/command-receipts.ts';
import { releaseCommands } from './releases/release-commands.ts';
import { reportCommands } from './reports/study-report.ts';
import { groupFigures } from './runs/group-figures.ts';
import { runCommands } from './runs/run-commands.ts';
import { sanctionCommands } from './sanctions/sanction-commands.ts';
import { settingCommands } from './settings/setting-commands.ts';
import { tokenCommands } from './tokens/token-commands.ts';
import { secondStepCommands } from './two-person/second-step-commands.ts';
import { withdrawalCommands } from './withdrawals/withdrawal-commands.ts';

/** What of the foundation commands are built on. */
export type ContextBase = Pick<Foundation, 'database' | 'clock' | 'ids' | 'queue'> & {
  readonly config: Pick<Foundation['config'], 'ISS_STUDY'>;
};

/** The services of one operation, acting for its actor: made for each, since some remember what it has read. */
export function contextServices(services: Services, actor: Actor, base: ContextBase): CommandServices {
  const { database, clock, ids, config } = base;
  const { audit, strangers, tickets, studies } = services;
  const deps: CommandDeps = { database, clock, ids, audit, strangers, loadFacts, defaultStudy: config.ISS_STUDY };
  const runs = runCommands({ ...deps, studies, tickets }, services.runs, actor);
  return {
    receipts: commandReceipts(deps, actor),
    stewardship: stewardshipCommands(deps, actor),
    openRequests: openRequests(deps),
    requests: requestCommands(deps, services.requests, actor),
    agreements: agreementCommands(deps, actor),
    mail: mailCommands(deps, actor),
    jobDuties: jobDuties({ ...deps, queue: base.queue }, actor),
    certificates: certificateCommands({ ...deps, tickets }, services.certificates, actor),
    ethics: ethicsDocuments({ ...deps, tickets }, actor),
    ingest: ingestCommands(deps, services.ingest, actor),
    releaseCommands: releaseCommands(deps, services.releases, actor),
    exports: exportCommands(deps, services.exports, actor),
    runs,
    reports: reportCommands(deps, runs, actor),
    groupFigures: groupFigures(deps, actor),
    quarantines: quarantineCommands(deps, actor),
    consents: consentCommands(deps, actor),
    withdrawals: withdrawalCommands(deps, services.withdrawals.deps, actor),
    secondSteps: secondStepCommands(deps, actor),
    personalTokens: tokenCommands(deps, actor),
    policies: policyCommands(deps, actor),
    audits: auditCommands(deps, actor),
    commandLog: journaled(commandLog(deps, actor), services.endings),
    signIn: signInCheck(deps, actor),
    accounts: accountCommands(deps, actor),
    exceptions: exceptionCommands(deps, actor),
    settings: settingCommands(deps, actor),
    halts: haltCommands(deps, actor),
    incidents: incidentCommands(deps, actor),
    sanctions: sanctionCommands(deps, actor),
    institutions: institutionCommands(
      {
        ...deps,
        endings: {
          suspend: (requestId, reason) => services.requests.command(null, requestId, { type: 'suspend', reason }),
          leave: (requestId, accountId) =>
            services.requests.command(accountId, requestId, { type: 'removeMember', accountId }),
        },
      },
      actor,
    ),
  };
}
