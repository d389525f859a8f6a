import type { AccountCommands } from './services/accounts.ts';
import type { AgreementCommands } from './services/agreements.ts';
import type { AuditCommands } from './services/audit.ts';
import type { CertificateCommands } from './services/certificates.ts';
import type { CommandLog } from './services/command-log.ts';
import type { ConsentCommands, QuarantineCommands } from './services/curation.ts';
import type { ExceptionCommands, SettingCommands } from './services/exceptions.ts';
import type { ExportCommands } from './services/exports.ts';
import type { IngestCommands } from './services/ingest.ts';
import type { InstitutionCommands } from './services/institutions.ts';
import type { MailCommands } from './services/mail.ts';
import type { PolicyCommands } from './services/policy.ts';
import type { CommandReceipts } from './services/receipts.ts';
import type { ReleaseCommands } from './services/releases.ts';
import type { RequestCommands } from './services/requests.ts';
import type { RunCommands } from './services/runs.ts';
import type { HaltCommands, IncidentCommands, SanctionCommands } from './services/safety.ts';
import type { SecondStepCommands } from './services/second-steps.ts';
import type { TokenCommands } from './services/tokens.ts';
import type { WithdrawalCommands } from './services/withdrawals.ts';

/** Services of an operation that act for its actor: each decides before it does or shows anything. */
export interface CommandServices {
  readonly receipts: CommandReceipts;
  readonly requests: RequestCommands;
  readonly certificates: CertificateCommands;
  readonly agreements: AgreementCommands;
  readonly mail: MailCommands;
  readonly ingest: IngestCommands;
  readonly releaseCommands: ReleaseCommands;
  readonly exports: ExportCommands;
  readonly runs: RunCommands;
  readonly quarantines: QuarantineCommands;
  readonly consents: ConsentCommands;
  readonly withdrawals: WithdrawalCommands;
  readonly secondSteps: SecondStepCommands;
  readonly personalTokens: TokenCommands;
  readonly policies: PolicyCommands;
  readonly audits: AuditCommands;
  readonly commandLog: CommandLog;
  readonly accounts: AccountCommands;
  readonly halts: HaltCommands;
  readonly incidents: IncidentCommands;
  readonly sanctions: SanctionCommands;
  readonly institutions: InstitutionCommands;
  readonly exceptions: ExceptionCommands;
  readonly settings: SettingCommands;
}
