import type { AccountActor } from '../../../governance/actor.ts';
import {
  applyCertificateEvent,
  CERTIFICATE_REFUSALS,
  type Certificate,
  type CertificateClaim,
  type CertificateCommand,
  type CertificateRefusal,
  decideCertificate,
} from '../../../governance/certificate.ts';
import { decide } from '../../../governance/decide.ts';
import { describeReason, type Reason } from '../../../governance/reasons.ts';
import { TRAINING_TYPES } from '../../../governance/training.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { OpenResult } from '../files/file-access.ts';
import type { CertificateTicket } from '../files/ticket.ts';
import { isUuid } from '../uuid.ts';
import type { LoadFacts } from './load-facts.ts';
import type { UploadService } from './uploads.ts';

/** A certificate with what is kept of its file. */
export interface StoredCertificate extends Certificate {
  contentType: string;
  decidedAt: Date | null;
}

export type CertificateResult =
  | { ok: true; certificate: StoredCertificate }
  | {
      ok: false;
      code: CertificateRefusal['code'] | 'NO_SUCH_CERTIFICATE' | 'FILE_MISSING' | 'TYPE_UNKNOWN';
      message: string;
      reasons: readonly Reason[];
    };

const COLUMNS = `id, account_id AS "accountId", type AS "trainingType", course, completed_on AS "completedOn", expires_on AS "expiresOn",
  coalesce(credential_id, '') AS "credentialId", CASE state WHEN 'REPLACED' THEN 'REJECTED' ELSE state END AS state, file_sha256 AS "fileSha256",
  content_type AS "contentType", to_char(uploaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "uploadedAt", decided_at AS "decidedAt",
  decided_by AS "decidedBy", verified_how AS "verifiedHow", rejected_reason AS "rejectedFor"`;

const refused = (
  code: Extract<CertificateResult, { ok: false }>['code'],
  message: string,
  reasons: readonly Reason[] = [],
): CertificateResult => ({ ok: false, code, message, reasons });

/** Training certificates: handed in by their owner, decided by a steward who is somebody else (the rules: governance/certificate.ts). */
export function certificateService(deps: {
  database: Database;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  uploads: UploadService;
  loadFacts: LoadFacts;
}) {
  const { database, clock, ids, audit, uploads } = deps;

  async function give(sql: Sql, accountId: string, state: StoredCertificate | null, command: CertificateCommand) {
    const now = clock.now();
    const facts = await deps.loadFacts(sql, accountId, now, null);
    // Where there is no certificate yet, or none of that id, there is nobody whose it is.
    const owner = await sql.query<{ institutionId: string | null }>(
      'SELECT institution_id AS "institutionId" FROM account WHERE id = $1',
      [state?.accountId ?? null],
    );
    const outcome = decideCertificate(state, command, {
      actor: { kind: 'account', accountId },
      facts,
      now,
      ownerInstitutionId: owner.rows[0]?.institutionId ?? null,
      // Co-authors are recorded with the whole workflow; until then nobody is known to be one.
      ownerCoAuthors: [],
      newId: ids.uuid(),
    });
    if (outcome.ok)
      return { ok: true as const, event: outcome.event, after: applyCertificateEvent(state, outcome.event), now };
    const { code, reasons } = outcome.refusal;
    await audit.write(sql, {
      accountId,
      grantId: null,
      action: 'COMMAND_REFUSED',
      detail: {
        command: `certificate ${command.type}`,
        certificate: state?.id,
        code,
        reasons: reasons.map((reason) => reason.code),
      },
    });
    const told = reasons.map((reason) => describeReason(reason).sentence).join(' ');
    return { ok: false as const, code, result: refused(code, `${CERTIFICATE_REFUSALS[code]} ${told}`.trim(), reasons) };
  }

  async function decideOn(accountId: string, id: string, command: CertificateCommand): Promise<CertificateResult> {
    return database.transaction(async (sql) => {
      const found = isUuid(id)
        ? await sql.query<StoredCertificate & Record<string, unknown>>(
            `SELECT ${COLUMNS} FROM certificate WHERE id = $1 FOR UPDATE`,
            [id],
          )
        : null;
      const state = found?.rows[0] ?? null;
      const given = await give(sql, accountId, state, command);
      const missing = refused('NO_SUCH_CERTIFICATE', 'There is no such certificate.');
      if (!given.ok) return !state && given.code === 'WRONG_STATE' ? missing : given.result;
      if (!state) return missing;
      const { rows } = await sql.query<StoredCertificate & Record<string, unknown>>(
        `UPDATE certificate SET state = $2, verified_how = $3, decided_by = $4, rejected_reason = $5, decided_at = $6 WHERE id = $1 RETURNING ${COLUMNS}`,
        [id, given.after.state, given.after.verifiedHow, given.after.decidedBy, given.after.rejectedFor, given.now],
      );
      await audit.write(sql, {
        accountId,
        grantId: null,
        action: 'COMMAND',
        detail: {
          command: `certificate ${command.type}`,
          certificate: id,
          owner: state.accountId,
          state: given.after.state,
        },
      });
      return { ok: true, certificate: rows[0]! };
    });
  }

  return {
    /** The file has to be sent before (uploads); a certificate of the same type that is still pending is replaced. */
    async upload(accountId: string, claim: CertificateClaim): Promise<CertificateResult> {
      if (!(TRAINING_TYPES as readonly string[]).includes(claim.trainingType))
        return refused('TYPE_UNKNOWN', `There is no such training; there are: ${TRAINING_TYPES.join(', ')}.`);
      const file = await uploads.find(accountId, claim.fileSha256);
      if (!file) return refused('FILE_MISSING', 'Send the file first (PUT /uploads), then name its SHA-256.');
      return database.transaction(async (sql) => {
        const given = await give(sql, accountId, null, { type: 'upload', claim, fileBytes: file.bytes });
        if (!given.ok) return given.result;
        const made = given.after;
        await sql.query(
          `UPDATE certificate SET state = 'REPLACED' WHERE account_id = $1 AND type = $2 AND state = 'PENDING'`,
          [accountId, made.trainingType],
        );
        const { rows } = await sql.query<StoredCertificate & Record<string, unknown>>(
          `INSERT INTO certificate (id, account_id, type, course, completed_on, expires_on, credential_id, state, object_key, file_sha256, file_bytes, content_type, uploaded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 'PENDING', $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
          [
            made.id,
            accountId,
            made.trainingType,
            made.course,
            made.completedOn,
            made.expiresOn,
            made.credentialId,
            file.key,
            made.fileSha256,
            file.bytes,
            file.contentType,
            given.now,
          ],
        );
        await audit.write(sql, {
          accountId,
          grantId: null,
          action: 'COMMAND',
          detail: {
            command: 'certificate upload',
            certificate: made.id,
            type: made.trainingType,
            sha256: made.fileSha256,
          },
        });
        return { ok: true, certificate: rows[0]! };
      });
    },

    /** @param how ISSUER: looked up at the issuer, which identifiable data asks for; SEEN: the document was read */
    verify: (accountId: string, certificateId: string, how: 'SEEN' | 'ISSUER') =>
      decideOn(accountId, certificateId, { type: 'verify', how }),

    reject: (accountId: string, certificateId: string, reason: string) =>
      decideOn(accountId, certificateId, { type: 'reject', reason: reason.slice(0, 2000) }),

    async ofAccount(accountId: string): Promise<StoredCertificate[]> {
      const { rows } = await database.query<StoredCertificate & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM certificate WHERE account_id = $1 AND state <> 'REPLACED' ORDER BY uploaded_at DESC, id DESC`,
        [accountId],
      );
      return rows;
    },

    /** The document behind a ticket: for its owner, and for stewards, who have to look at it. */
    async openFile(ticket: CertificateTicket, actor: AccountActor): Promise<OpenResult> {
      const { rows } = await database.query<{
        accountId: string;
        objectKey: string;
        bytes: number;
        sha256: string;
        contentType: string;
      }>(
        `SELECT account_id AS "accountId", object_key AS "objectKey", file_bytes AS bytes, file_sha256 AS sha256, content_type AS "contentType" FROM certificate WHERE id = $1`,
        [ticket.certificateId],
      );
      const file = rows[0];
      if (!file) return null;
      const allowed = async (): Promise<boolean> => {
        const now = clock.now();
        const facts = await deps.loadFacts(database, actor.accountId, now, null);
        const action = file.accountId === actor.accountId ? 'VIEW_OWN' : 'VIEW_CERTIFICATES';
        return decide(actor, action, { kind: 'none' }, facts, now).allow;
      };
      if (!(await allowed())) return null;
      return {
        kind: 'file',
        ticketId: ticket.id,
        who: { accountId: actor.accountId, grantId: null },
        about: { certificate: ticket.certificateId },
        name: `certificate.${file.contentType.split('/')[1]}`,
        contentType: file.contentType,
        bytes: file.bytes,
        sha256: file.sha256,
        etag: file.sha256.slice(0, 32),
        inline: true,
        objectKey: file.objectKey,
        firstByte: 0,
        stillAllowed: allowed,
      };
    },

    /** Waiting for a decision, oldest first. Who may see them is the caller's question to the policy. */
    async pending(): Promise<StoredCertificate[]> {
      const { rows } = await database.query<StoredCertificate & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM certificate WHERE state = 'PENDING' ORDER BY uploaded_at, id LIMIT 500`,
      );
      return rows;
    },
  };
}

export type CertificateService = ReturnType<typeof certificateService>;
