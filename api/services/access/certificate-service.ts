import { isLocalDate, localDate } from '../../../governance/calendar.ts';
import { decide } from '../../../governance/decide.ts';
import { TRAINING_TYPES, type TrainingType, type VerifiedHow } from '../../../governance/training.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { LoadFacts } from './load-facts.ts';
import { currentPolicy } from './policy.ts';
import type { UploadService } from './uploads.ts';

export interface Certificate {
  id: string;
  accountId: string;
  type: TrainingType;
  course: string;
  completedOn: string;
  expiresOn: string | null;
  credentialId: string | null;
  state: 'PENDING' | 'VERIFIED' | 'REJECTED' | 'REPLACED';
  fileSha256: string;
  contentType: string;
  uploadedAt: Date;
  decidedAt: Date | null;
  decidedBy: string | null;
  verifiedHow: VerifiedHow | null;
  rejectedReason: string | null;
}

export interface NewCertificate {
  type: string;
  course: string;
  completedOn: string;
  expiresOn: string | null;
  credentialId: string | null;
  fileSha256: string;
}

export type CertificateResult =
  | { ok: true; certificate: Certificate }
  | { ok: false; code: 'FORBIDDEN'; reasons: readonly string[]; message: string }
  | { ok: false; code: 'NO_SUCH_CERTIFICATE' | 'NOT_PENDING' | 'FILE_MISSING' | 'INVALID'; message: string };

const COLUMNS = `id, account_id AS "accountId", type, course, completed_on AS "completedOn", expires_on AS "expiresOn", credential_id AS "credentialId", state,
  file_sha256 AS "fileSha256", content_type AS "contentType", uploaded_at AS "uploadedAt", decided_at AS "decidedAt", decided_by AS "decidedBy",
  verified_how AS "verifiedHow", rejected_reason AS "rejectedReason"`;

/** Training certificates: handed in by their owner, decided by a steward who is somebody else. */
export function certificateService(deps: {
  database: Database;
  clock: Clock;
  ids: Ids;
  audit: AuditLog;
  uploads: UploadService;
  loadFacts: LoadFacts;
}) {
  const { database, clock, ids, audit, uploads } = deps;

  async function decideOn(
    accountId: string,
    certificateId: string,
    act: (
      sql: Sql,
      now: Date,
    ) => Promise<
      { set: string; values: unknown[]; action: string; detail: Record<string, string> } | CertificateResult
    >,
  ): Promise<CertificateResult> {
    return database.transaction(async (sql) => {
      const now = clock.now();
      const { rows } = await sql.query<Certificate & { institutionId: string | null } & Record<string, unknown>>(
        `SELECT ${COLUMNS}, (SELECT institution_id FROM account WHERE account.id = certificate.account_id) AS "institutionId" FROM certificate WHERE id = $1 FOR UPDATE`,
        [/^[0-9a-f-]{36}$/i.test(certificateId) ? certificateId : '00000000-0000-0000-0000-000000000000'],
      );
      const certificate = rows[0];
      const facts = await deps.loadFacts(sql, accountId, now);
      const subject = {
        accountId: certificate?.accountId ?? null,
        institutionId: certificate?.institutionId ?? null,
        coAuthors: [],
        askedBy: null,
      };
      const decision = decide(
        { kind: 'account', accountId },
        'VERIFY_CERTIFICATE',
        { kind: 'subject', subject },
        facts,
        now,
      );
      if (!decision.allow) {
        const reasons = decision.reasons.map((reason) => reason.code);
        await audit.write(sql, {
          accountId,
          grantId: null,
          action: 'COMMAND_REFUSED',
          detail: { command: 'VERIFY_CERTIFICATE', certificate: certificateId, reasons },
        });
        return { ok: false, code: 'FORBIDDEN', reasons, message: 'You may not decide on this certificate.' };
      }
      if (!certificate) return { ok: false, code: 'NO_SUCH_CERTIFICATE', message: 'There is no such certificate.' };
      if (certificate.state !== 'PENDING')
        return {
          ok: false,
          code: 'NOT_PENDING',
          message: `The certificate is ${certificate.state.toLowerCase()} already.`,
        };
      const change = await act(sql, now);
      if ('ok' in change) return change;
      const { rows: after } = await sql.query<Certificate & Record<string, unknown>>(
        `UPDATE certificate SET ${change.set}, decided_at = $2, decided_by = $3 WHERE id = $1 RETURNING ${COLUMNS}`,
        [certificate.id, now, accountId, ...change.values],
      );
      await audit.write(sql, {
        accountId,
        grantId: null,
        action: change.action,
        detail: { certificate: certificate.id, owner: certificate.accountId, ...change.detail },
      });
      return { ok: true, certificate: after[0]! };
    });
  }

  return {
    async upload(accountId: string, input: NewCertificate): Promise<CertificateResult> {
      const invalid = (message: string): CertificateResult => ({ ok: false, code: 'INVALID', message });
      const now = clock.now();
      const policy = await currentPolicy(database, now);
      if (!(TRAINING_TYPES as readonly string[]).includes(input.type))
        return invalid(`There is no training of type ${JSON.stringify(input.type.slice(0, 40))}.`);
      const type = input.type as TrainingType;
      const courses = policy.training[type].courses;
      if (!courses.some((course) => course.key === input.course))
        return invalid(
          `The course is not accepted for ${type}; accepted are: ${courses.map((course) => course.key).join(', ')}.`,
        );
      if (!isLocalDate(input.completedOn)) return invalid('The day of completion is no date of the form 2026-01-31.');
      if (input.completedOn > localDate(now, policy.timeZone))
        return invalid('The day of completion lies in the future.');
      if (input.expiresOn !== null && (!isLocalDate(input.expiresOn) || input.expiresOn < input.completedOn))
        return invalid('The last day is no date on or after the day of completion.');
      if ((input.credentialId ?? '').length > 200) return invalid('The credential id has more than 200 characters.');
      const file = await uploads.find(accountId, input.fileSha256);
      if (!file)
        return {
          ok: false,
          code: 'FILE_MISSING',
          message: 'Send the file first (PUT /uploads), then name its SHA-256.',
        };
      return database.transaction(async (sql) => {
        const facts = await deps.loadFacts(sql, accountId, now);
        const decision = decide({ kind: 'account', accountId }, 'UPLOAD_CERTIFICATE', { kind: 'none' }, facts, now);
        if (!decision.allow)
          return {
            ok: false,
            code: 'FORBIDDEN',
            reasons: decision.reasons.map((reason) => reason.code),
            message: 'You may not hand in certificates.',
          };
        // A wrong file is replaced by handing in another while it is pending.
        await sql.query(
          `UPDATE certificate SET state = 'REPLACED' WHERE account_id = $1 AND type = $2 AND state = 'PENDING'`,
          [accountId, type],
        );
        const { rows } = await sql.query<Certificate & Record<string, unknown>>(
          `INSERT INTO certificate (id, account_id, type, course, completed_on, expires_on, credential_id, state, object_key, file_sha256, file_bytes, content_type, uploaded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 'PENDING', $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
          [
            ids.uuid(),
            accountId,
            type,
            input.course,
            input.completedOn,
            input.expiresOn,
            input.credentialId,
            file.key,
            input.fileSha256,
            file.bytes,
            file.contentType,
            now,
          ],
        );
        await audit.write(sql, {
          accountId,
          grantId: null,
          action: 'UPLOAD_CERTIFICATE',
          detail: { certificate: rows[0]!.id, type, sha256: input.fileSha256 },
        });
        return { ok: true, certificate: rows[0]! };
      });
    },

    /** @param how ISSUER: looked up at the issuer (asked for where data is identifiable); SEEN: the document was looked at */
    verify: (accountId: string, certificateId: string, how: VerifiedHow) =>
      decideOn(accountId, certificateId, async () => ({
        set: `state = 'VERIFIED', verified_how = $4`,
        values: [how],
        action: 'VERIFY_CERTIFICATE',
        detail: { how },
      })),

    reject: (accountId: string, certificateId: string, reason: string) =>
      decideOn(accountId, certificateId, async () =>
        reason.trim() === ''
          ? { ok: false, code: 'INVALID', message: 'Say why, so that the person can act on it.' }
          : {
              set: `state = 'REJECTED', rejected_reason = $4`,
              values: [reason.trim().slice(0, 2000)],
              action: 'REJECT_CERTIFICATE',
              detail: { reason: reason.trim().slice(0, 2000) },
            },
      ),

    async ofAccount(accountId: string): Promise<Certificate[]> {
      const { rows } = await database.query<Certificate & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM certificate WHERE account_id = $1 ORDER BY uploaded_at DESC, id DESC`,
        [accountId],
      );
      return rows;
    },

    /** Waiting for a decision, oldest first. Who may see them is the caller's question to the policy. */
    async pending(): Promise<Certificate[]> {
      const { rows } = await database.query<Certificate & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM certificate WHERE state = 'PENDING' ORDER BY uploaded_at, id LIMIT 500`,
      );
      return rows;
    },
  };
}

export type CertificateService = ReturnType<typeof certificateService>;
