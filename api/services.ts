import type { Foundation } from './compose.ts';
import { certificateService } from './services/access/certificate-service.ts';
import { openEthicsDocument } from './services/access/ethics-documents.ts';
import { invitationKeyOf } from './services/access/invitation-token.ts';
import { loadFacts } from './services/access/load-facts.ts';
import { currentPolicy } from './services/access/policy.ts';
import { requestService } from './services/access/request-service.ts';
import { uploadService } from './services/access/uploads.ts';
import { auditLog } from './services/audit/audit-log.ts';
import { makeKeyRing } from './services/audit/checkpoint-keys.ts';
import { checkpointFolder } from './services/audit/checkpoints.ts';
import { decisionCount } from './services/audit/decision-count.ts';
import { strangerCount } from './services/audit/stranger-count.ts';
import { endingsJournal, endingsPath } from './services/backup/endings-journal.ts';
import { exportService } from './services/exports/export-service.ts';
import { ticketOffice } from './services/files/ticket.ts';
import { ingestService } from './services/ingest/ingest-service.ts';
import { type Preparing, studyService } from './services/open/study-service.ts';
import { landmarkService } from './services/read/landmark-service.ts';
import { runService } from './services/runs/run-service.ts';
import { viewerService } from './services/viewer/viewer-service.ts';
import { withdrawalService } from './services/withdrawals/withdrawal-service.ts';

/** Largest certificate that is taken before the policy is asked, which may allow less. */
const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;

/** Everything that decides, reads and writes, built on the adapters. @param publicUrl where the server is reached, without a slash at the end */
export function createServices(base: Foundation, publicUrl: string) {
  const { database, clock, ids, objects, config, secrets } = base;
  const decisions = decisionCount();
  const audit = auditLog(clock, ids, { fold: true, decisions });
  const uploads = uploadService({
    ...{ database, objects, clock },
    maxBytes: MAX_UPLOAD_BYTES,
    quotaBytes: config.ISS_UPLOAD_QUOTA_BYTES,
  });
  const certificates = certificateService({ database, clock, ids, audit, uploads, loadFacts });
  const tickets = ticketOffice({
    key: Buffer.from(secrets.ticketKey, 'base64url'),
    former: secrets.formerTicketKey && {
      key: Buffer.from(secrets.formerTicketKey.key, 'base64url'),
      until: new Date(secrets.formerTicketKey.until),
    },
    clock,
    ids,
    lifeSeconds: config.ISS_TICKET_SECONDS,
    baseUrl: publicUrl,
  });
  const preparing: Preparing = new Map();
  return {
    audit,
    strangers: strangerCount(clock),
    decisions,
    /** What ends, carried to the journal beside the database. */
    endings: endingsJournal({
      ...{ database, clock, keys: base.keys, random: ids.random, path: endingsPath(checkpointFolder(config)) },
      ring: () => makeKeyRing(config.dataDirectory, ids.random),
    }),
    uploads,
    certificates,
    openEthicsDocument: openEthicsDocument({ database, clock, ids, audit, loadFacts, defaultStudy: config.ISS_STUDY }),
    tickets,
    requests: requestService({
      invitationKey: invitationKeyOf(secrets),
      database,
      clock,
      ids,
      audit,
      defaultStudy: config.ISS_STUDY,
    }),
    ingest: ingestService(base, audit),
    runs: runService(base, audit, loadFacts),
    withdrawals: withdrawalService(base, audit, loadFacts),
    studies: studyService(database, config.ISS_STUDY, publicUrl, () => clock.now(), preparing),
    preparing,
    viewers: viewerService({ database, clock, defaultStudy: config.ISS_STUDY }),
    landmarks: landmarkService(objects),
    exports: exportService({
      ...{ ...base, audit, tickets, publicUrl, defaultStudy: config.ISS_STUDY },
      receiptKeys: () => makeKeyRing(config.dataDirectory, ids.random),
    }),
    policy: () => currentPolicy(database, clock.now()),
    releases: { database, objects, clock, ids, audit, loadFacts, jobs: base.jobs, queue: base.queue },
  };
}

export type Services = ReturnType<typeof createServices>;
