import type { AccountActor } from '../../../governance/actor.ts';
import type { Json } from '../../../governance/canonical.ts';
import { decide } from '../../../governance/decide.ts';
import { type Decision, refuse } from '../../../governance/decision.ts';
import { FRAMES_PER_SECOND, LANDMARK_RECORD_BYTES, type Modality } from '../../../governance/modality.ts';
import { isHidden, publicReasons } from '../../../governance/reasons.ts';
import { type Span, WHOLE } from '../../../governance/rows.ts';
import type { Clock } from '../../adapters/clock/clock.ts';
import type { Database } from '../../adapters/database/database.ts';
import type { LoadFacts } from '../access/load-facts.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { byToken } from '../audit/by-token.ts';
import { findRelease } from '../releases/find-release.ts';
import { submissionRowFacts } from './row-facts.ts';
import type {
  ArtifactTicket,
  CertificateTicket,
  CheckpointTicket,
  EthicsTicket,
  ExportTicket,
  Ticket,
  TicketOffice,
} from './ticket.ts';

/** A file that may be sent now, and the question whether it still may. */
export interface OpenedFile {
  kind: 'file';
  ticketId: string;
  who: { accountId: string; grantId: string | null };
  /** For the log: what was taken. */
  about: { readonly [key: string]: Json };
  name: string;
  contentType: string;
  bytes: number;
  /** Of all of it, where that is known. */
  sha256: string | null;
  etag: string;
  /** A browser shows it rather than saving it. */
  inline: boolean;
  objectKey: string;
  /** Where it begins in the object. */
  firstByte: number;
  /** Bytes of its own before those of the object. */
  prefix?: Uint8Array;
  stillAllowed(): Promise<boolean>;
}

export type OpenResult = OpenedFile | { kind: 'expired' } | { kind: 'refused'; reasons: readonly string[] } | null;

export interface FileAccess {
  /** @returns null where there is nothing that this actor may know of */
  open(ticket: string, actor: AccountActor): Promise<OpenResult>;
}

/** Opens what is not an artifact of a release: files of exports, certificates. */
export type Opener<T extends Ticket> = (ticket: T, actor: AccountActor) => Promise<OpenResult>;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'audio/wav': 'wav',
  'image/png': 'png',
  'image/jpeg': 'jpg',
};
/** What somebody has to have access to for the bytes, whatever a ticket says that it is for. */
const MODALITY_OF: Readonly<Record<string, Modality>> = {
  VIDEO: 'VIDEO',
  FRAMES: 'FRAMES',
  FACES: 'FACES',
  LANDMARKS: 'LANDMARKS',
  AUDIO: 'AUDIO',
  SPECTROGRAM: 'SPECTROGRAMS',
  SPECTROGRAM_PICTURE: 'SPECTROGRAMS',
  CHUNK_SPECTROGRAMS: 'SPECTROGRAMS',
  CHUNK_SPECTROGRAM_PICTURES: 'SPECTROGRAMS',
};
/** What a part of a packed file is. */
const PART_TYPES: Readonly<Record<string, string>> = {
  FRAMES: 'image/jpeg',
  FACES: 'image/jpeg',
  CHUNK_SPECTROGRAMS: 'application/octet-stream',
  CHUNK_SPECTROGRAM_PICTURES: 'image/png',
};

interface ArtifactRow {
  kind: string;
  modality: Modality;
  objectKey: string;
  bytes: number;
  sha256: string;
  contentType: string;
  /** Of the part asked for. */
  first: number | null;
  end: number | null;
  submissionId: string;
  chunkFrom: number | null;
  chunkTo: number | null;
}

/** Ticket to file, the policy asked at the moment of use and again whenever `stillAllowed` is called. */
export function fileAccess(deps: {
  database: Database;
  clock: Clock;
  audit: AuditLog;
  tickets: TicketOffice;
  loadFacts: LoadFacts;
  openExport: Opener<ExportTicket>;
  openCertificate: Opener<CertificateTicket>;
  openCheckpoint: Opener<CheckpointTicket>;
  openEthicsDocument: Opener<EthicsTicket>;
}): FileAccess {
  const { database, clock, audit, tickets } = deps;

  async function artifactRow(ticket: ArtifactTicket): Promise<ArtifactRow | null> {
    const { rows } = await database.query<Omit<ArtifactRow, 'modality'> & Record<string, unknown>>(
      `SELECT a.kind, a.object_key AS "objectKey", a.bytes, a.sha256, a.content_type AS "contentType", a.offsets[$3::int] AS first, a.offsets[$3::int + 1] AS "end",
         rs.submission_id AS "submissionId", c.start_seconds AS "chunkFrom", c.end_seconds AS "chunkTo"
       FROM artifact a JOIN recording r ON r.id = a.recording_id JOIN release_submission rs ON rs.release_id = $2 AND rs.submission_id = r.submission_id AND rs.recording_id = r.id
       LEFT JOIN chunk c ON c.recording_id = r.id AND c.number = $3::int - 1 AND a.kind LIKE 'CHUNK%'
       WHERE a.id = $1`,
      [ticket.artifactId, ticket.releaseId, ticket.part],
    );
    const found = rows[0];
    const modality = MODALITY_OF[found?.kind ?? ''];
    return found === undefined || modality === undefined || modality !== ticket.modality
      ? null
      : { ...found, modality };
  }

  async function decideArtifact(ticket: ArtifactTicket, row: ArtifactRow, by: AccountActor): Promise<Decision> {
    const now = clock.now();
    const facts = await deps.loadFacts(database, ticket.accountId, now, ticket.releaseId);
    const release = await findRelease(database, null, ticket.releaseId);
    const rowFacts = await submissionRowFacts(database, {
      releaseId: ticket.releaseId,
      submissionId: row.submissionId,
      timeZone: facts.policy.timeZone,
      now,
    });
    // The ticket's grant, and the personal token of whoever presents it: what was opened with a token ends with it.
    const actor: AccountActor = { ...by, grantId: ticket.grantId };
    const read = (modality: Modality, span: Span | null): Decision =>
      decide(actor, 'READ', { kind: 'row', modality, release, row: rowFacts, span }, facts, now);
    // A query reaches a file through its submission, which is labels: who may not see that one does not reach the file by a ticket from before either.
    const decisions = [read('LABELS', null), read(row.modality, spanOf(ticket, row))];
    const reasons = decisions.flatMap((decision) => (decision.allow ? [] : decision.reasons));
    return reasons.length > 0 ? refuse(reasons) : (decisions[1] ?? refuse([]));
  }

  async function openArtifact(ticket: ArtifactTicket, actor: AccountActor): Promise<OpenResult> {
    const row = await artifactRow(ticket);
    if (!row) return null;
    const decision = await decideArtifact(ticket, row, actor);
    const about = {
      release: ticket.releaseId,
      artifact: ticket.artifactId,
      kind: row.kind,
      modality: ticket.modality,
      submission: row.submissionId,
      ...(ticket.part !== null && { part: ticket.part }),
      ...byToken(actor),
    };
    if (!decision.allow) {
      const reasons = decision.reasons.map((reason) => reason.code);
      await audit.write(database, {
        accountId: ticket.accountId,
        grantId: ticket.grantId,
        action: 'REFUSED',
        detail: { use: 'READ', ...about, reasons },
      });
      return isHidden(decision.reasons)
        ? null
        : { kind: 'refused', reasons: publicReasons(decision.reasons).map((reason) => reason.code) };
    }
    const part = ticket.part === null ? null : partOf(row, ticket.part);
    if (ticket.part !== null && part === null) return null;
    const contentType = ticket.part === null ? row.contentType : (PART_TYPES[row.kind] ?? row.contentType);
    const suffix = ticket.part === null ? '' : `-${ticket.part}`;
    return {
      kind: 'file',
      ticketId: ticket.id,
      who: { accountId: ticket.accountId, grantId: ticket.grantId },
      about,
      name: `${row.kind.toLowerCase().replaceAll('_', '-')}${suffix}.${EXTENSIONS[contentType] ?? 'bin'}`,
      contentType,
      bytes: part ? part.bytes : row.bytes,
      sha256: part ? null : row.sha256,
      etag: `${row.sha256.slice(0, 32)}${suffix}`,
      inline: contentType in EXTENSIONS,
      objectKey: row.objectKey,
      firstByte: part?.first ?? 0,
      stillAllowed: async () => (await decideArtifact(ticket, row, actor)).allow,
    };
  }

  return {
    async open(text, actor) {
      const ticket = tickets.open(text);
      if (!ticket || ticket.accountId !== actor.accountId) return null;
      // A token bound to a grant opens nothing of another, and no document of people: it acts for the grant, not for the person.
      const grantId = ticket.kind === 'certificate' || ticket.kind === 'ethics' ? null : ticket.grantId;
      if (actor.tokenGrantId != null && grantId !== actor.tokenGrantId) return null;
      if (tickets.expired(ticket)) return { kind: 'expired' };
      if (ticket.kind === 'export') return deps.openExport(ticket, actor);
      if (ticket.kind === 'checkpoint') return deps.openCheckpoint(ticket, actor);
      if (ticket.kind === 'certificate') return deps.openCertificate(ticket, actor);
      if (ticket.kind === 'ethics') return deps.openEthicsDocument(ticket, actor);
      return openArtifact(ticket, actor);
    },
  };
}

/** The bytes of one part; landmarks have no offsets, their records are all of one length. */
function partOf(row: ArtifactRow, part: number): { first: number; bytes: number } | null {
  if (row.kind === 'LANDMARKS')
    return part * LANDMARK_RECORD_BYTES <= row.bytes
      ? { first: (part - 1) * LANDMARK_RECORD_BYTES, bytes: LANDMARK_RECORD_BYTES }
      : null;
  if (row.first === null || row.end === null || row.end <= row.first) return null;
  return { first: row.first, bytes: row.end - row.first };
}

/** The time of the narrative that the bytes show: a frame's tenth of a second, a chunk's seconds, or all of it. */
function spanOf(ticket: ArtifactTicket, row: ArtifactRow): Span {
  if (ticket.part !== null && row.chunkFrom !== null && row.chunkTo !== null)
    return { fromSeconds: row.chunkFrom, toSeconds: row.chunkTo };
  if (ticket.part !== null && !row.kind.startsWith('CHUNK'))
    return { fromSeconds: (ticket.part - 1) / FRAMES_PER_SECOND, toSeconds: ticket.part / FRAMES_PER_SECOND };
  return WHOLE;
}
