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
import type { Policy } from '../../../governance/policy.ts';
import { describeReason, type Reason } from '../../../governance/reasons.ts';
import { TRAINING_TYPES } from '../../../governance/training.ts';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';
import type { Database, Sql } from '../../adapters/database/database.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { OpenResult } from '../files/file-access.ts';
import type { CertificateTicket } from '../files/ticket.ts';
import { queueMail } from '../mail/queue-mail.ts';
import { CERTIFICATE_COLUMNS, certificateRow, certificatesOf, type StoredCertificate } from './certificate-rows.ts';
import { coAuthorsOf } from './co-authors.ts';
import type { LoadFacts } from './load-facts.ts';
import type { Upload, UploadService } from './uploads.ts';

export type CertificateResult =
  | { ok: true; certificate: StoredCertificate }
  | {
      ok: false;
      code: CertificateRefusal['code'] | 'NO_SUCH_CERTIFICATE' | 'FILE_MISSING' | 'TYPE_UNKNOWN';
      message: string;
      reasons: readonly Reason[];
    };

const refused = (
  code: Extract<CertificateResult, { ok: false }>['code'],
  message: string,
  reasons: readonly Reason[] = [],
): CertificateResult => ({ ok: false, code, message, reasons });

const NONE = refused('NO_SUCH_CERTIFICATE', 'There is no such certificate.');
const NO_FILE = refused('FILE_MISSING', 'Send the file first (PUT /uploads), then name its SHA-256.');

type Row = StoredCertificate & Record<string, unknown>;

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
    const authors = await coAuthorsOf(sql, state === null ? [] : [state.accountId], facts.policy, now);
    const outcome = decideCertificate(state, command, {
      actor: { kind: 'account', accountId },
      facts,
      now,
      ownerInstitutionId: owner.rows[0]?.institutionId ?? null,
      ownerCoAuthors: authors.get(state?.accountId ?? '') ?? [],
      newId: ids.uuid(),
    });
    if (outcome.ok)
      return { ok: true as const, after: applyCertificateEvent(state, outcome.event), now, policy: facts.policy };
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

  const note = (sql: Sql, accountId: string, command: string, certificate: Certificate) =>
    audit.write(sql, {
      accountId,
      grantId: null,
      action: 'COMMAND',
      detail: {
        command: `certificate ${command}`,
        certificate: certificate.id,
        owner: certificate.accountId,
        type: certificate.trainingType,
        state: certificate.state,
        sha256: certificate.fileSha256,
      },
    });

  /** Gives a command to a certificate that there is. @param file that takes the place of its own */
  async function decideIn(
    sql: Sql,
    accountId: string,
    id: string,
    command: CertificateCommand,
    file?: Upload,
  ): Promise<CertificateResult> {
    const state = await certificateRow(sql, id, true);
    const given = await give(sql, accountId, state, command);
    // Somebody else's is none.
    if (!given.ok) return given.code === 'NOT_OWNER' || (!state && given.code === 'WRONG_STATE') ? NONE : given.result;
    if (!state) return NONE;
    const { after } = given;
    const decided = command.type === 'verify' || command.type === 'reject';
    const { rows } = await sql.query<Row>(
      `UPDATE certificate SET state = $2, verified_how = $3, decided_by = $4, rejected_reason = $5, decided_at = CASE WHEN $6 THEN $7::timestamptz ELSE decided_at END,
         file_sha256 = $8, object_key = coalesce($9, object_key), file_bytes = coalesce($10, file_bytes), content_type = coalesce($11, content_type)
       WHERE id = $1 RETURNING ${CERTIFICATE_COLUMNS}`,
      [
        id,
        after.state,
        after.verifiedHow,
        after.decidedBy,
        after.rejectedFor,
        decided,
        given.now,
        after.fileSha256,
        file?.key ?? null,
        file?.bytes ?? null,
        file?.contentType ?? null,
      ],
    );
    await note(sql, accountId, command.type, after);
    if (decided) await tell(sql, after, given.policy);
    return { ok: true, certificate: rows[0]! };
  }

  const tell = (sql: Sql, { accountId, trainingType, state }: Certificate, policy: Policy) =>
    queueMail(sql, {
      to: { accountId },
      template: state === 'VERIFIED' ? 'certificate-verified' : 'certificate-rejected',
      data: { training: policy.training[trainingType].title },
    });

  return {
    /** The file has to be sent before (uploads); a certificate of the same type that is still pending is replaced. */
    async upload(accountId: string, claim: CertificateClaim): Promise<CertificateResult> {
      if (!(TRAINING_TYPES as readonly string[]).includes(claim.trainingType))
        return refused('TYPE_UNKNOWN', `There is no such training; there are: ${TRAINING_TYPES.join(', ')}.`);
      return database.transaction(async (sql) => {
        const file = await uploads.find(sql, accountId, claim.fileSha256);
        if (!file) return NO_FILE;
        const given = await give(sql, accountId, null, { type: 'upload', claim, fileBytes: file.bytes });
        if (!given.ok) return given.result;
        const made = given.after;
        await sql.query(
          `UPDATE certificate SET state = 'REPLACED' WHERE account_id = $1 AND type = $2 AND state = 'PENDING'`,
          [accountId, made.trainingType],
        );
        const { rows } = await sql.query<Row>(
          `INSERT INTO certificate (id, account_id, type, course, completed_on, expires_on, credential_id, state, object_key, file_sha256, file_bytes, content_type, uploaded_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, 'PENDING', $8, $9, $10, $11, $12) RETURNING ${CERTIFICATE_COLUMNS}`,
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
        await note(sql, accountId, 'upload', made);
        return { ok: true, certificate: rows[0]! };
      });
    },

    /** Gives a certificate that waits another file, which its owner has sent before. */
    replaceFile: (accountId: string, certificateId: string, fileSha256: string): Promise<CertificateResult> =>
      database.transaction(async (sql) => {
        const state = await certificateRow(sql, certificateId);
        if (state?.accountId !== accountId) return NONE;
        const file = await uploads.find(sql, accountId, fileSha256);
        if (!file) return NO_FILE;
        const command = { type: 'replaceFile', fileSha256, fileBytes: file.bytes } as const;
        return decideIn(sql, accountId, certificateId, command, file);
      }),

    withdraw: (accountId: string, certificateId: string): Promise<CertificateResult> =>
      database.transaction((sql) => decideIn(sql, accountId, certificateId, { type: 'withdraw' })),

    /**
     * @param how ISSUER: looked up at the issuer, which identifiable data asks for; SEEN: the document was read
     * @param seen SHA-256 of the file that was looked at
     */
    verify: (
      accountId: string,
      certificateId: string,
      how: 'SEEN' | 'ISSUER',
      seen: string,
    ): Promise<CertificateResult> =>
      database.transaction((sql) => decideIn(sql, accountId, certificateId, { type: 'verify', how, seen })),

    reject: (accountId: string, certificateId: string, reason: string): Promise<CertificateResult> =>
      database.transaction((sql) =>
        decideIn(sql, accountId, certificateId, { type: 'reject', reason: reason.slice(0, 2000) }),
      ),

    ofAccount: (accountId: string) => certificatesOf(database, accountId),

    /** The document behind a ticket: for its owner, and for stewards, who have to look at it. */
    async openFile(ticket: CertificateTicket, actor: AccountActor): Promise<OpenResult> {
      const { rows } = await database.query<{
        accountId: string;
        objectKey: string;
        bytes: number;
        sha256: string;
        contentType: string;
      }>(
        // The file of one that counts for nothing any more is removed, in time.
        `SELECT account_id AS "accountId", object_key AS "objectKey", file_bytes AS bytes, file_sha256 AS sha256, content_type AS "contentType"
         FROM certificate WHERE id = $1 AND state NOT IN ('REPLACED', 'WITHDRAWN')`,
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
        // A PDF may hold a script; it is saved, and opened by what its reader trusts. Pictures are shown, in the sandbox of every file.
        inline: file.contentType !== 'application/pdf',
        objectKey: file.objectKey,
        firstByte: 0,
        stillAllowed: allowed,
      };
    },
  };
}

export type CertificateService = ReturnType<typeof certificateService>;
