import { createCipheriv, createDecipheriv } from 'node:crypto';
import { z } from 'zod';
import type { Clock, Ids } from '../../adapters/clock/clock.ts';

/** What a download ticket stands for: one person, one grant, one object, some minutes. */
const TICKET = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('artifact'),
    id: z.string(),
    accountId: z.string(),
    grantId: z.string().nullable(),
    releaseId: z.string(),
    artifactId: z.string(),
    /** Part of a packed file, from 1: a frame, a face, a chunk. Null for the whole file. */
    part: z.number().int().nullable(),
    modality: z.string(),
    expires: z.number(),
  }),
  z.object({
    kind: z.literal('export'),
    id: z.string(),
    accountId: z.string(),
    grantId: z.string(),
    exportId: z.string(),
    path: z.string(),
    expires: z.number(),
  }),
  z.object({
    kind: z.literal('checkpoint'),
    id: z.string(),
    accountId: z.string(),
    grantId: z.string().nullable(),
    /** The run of this person; the checkpoint may be of the one that it was answered from. */
    runId: z.string(),
    checkpointId: z.string(),
    expires: z.number(),
  }),
  z.object({
    kind: z.literal('certificate'),
    id: z.string(),
    accountId: z.string(),
    certificateId: z.string(),
    expires: z.number(),
  }),
  z.object({
    kind: z.literal('ethics'),
    id: z.string(),
    accountId: z.string(),
    requestId: z.string(),
    sha256: z.string(),
    expires: z.number(),
  }),
]);
export type Ticket = z.infer<typeof TICKET>;
export type ArtifactTicket = Extract<Ticket, { kind: 'artifact' }>;
export type ExportTicket = Extract<Ticket, { kind: 'export' }>;
export type CheckpointTicket = Extract<Ticket, { kind: 'checkpoint' }>;
export type CertificateTicket = Extract<Ticket, { kind: 'certificate' }>;
export type EthicsTicket = Extract<Ticket, { kind: 'ethics' }>;

type WithoutRest<T> = T extends Ticket ? Omit<T, 'id' | 'expires'> : never;
export type TicketSubject = WithoutRest<Ticket>;

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Tickets sealed with AES-256-GCM: nobody but this server makes or reads one, and none is stored. A ticket alone opens nothing: whoever
 * presents it has to be the account it was made for, and the policy is asked again.
 */
export function ticketOffice(options: {
  key: Buffer;
  /** The key before, for what was made with it, until that has run out. */
  former?: { key: Buffer; until: Date } | undefined;
  clock: Clock;
  ids: Ids;
  lifeSeconds: number;
  baseUrl: string;
}) {
  const { key, clock, ids } = options;
  if (key.length !== 32) throw new RangeError('the ticket key has 32 bytes');
  return {
    issue(subject: TicketSubject): { url: string; expiresAt: Date } {
      const expiresAt = new Date(clock.now().getTime() + options.lifeSeconds * 1000);
      const text = JSON.stringify({ ...subject, id: ids.uuid(), expires: expiresAt.getTime() });
      const iv = ids.random(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { url: `${options.baseUrl}/files/${sealed.toString('base64url')}`, expiresAt };
    },

    /** @returns null for anything that this server did not seal */
    open(text: string): Ticket | null {
      if (text.length > 2048 || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
      const sealed = Buffer.from(text, 'base64url');
      // One ticket has one spelling: base64url's last character may carry bits that are not looked at.
      if (sealed.length <= IV_BYTES + TAG_BYTES || sealed.toString('base64url') !== text) return null;
      const { former } = options;
      const keys = former && former.until > clock.now() ? [key, former.key] : [key];
      for (const one of keys) {
        const ticket = openedBy(one, sealed);
        if (ticket !== null) return ticket;
      }
      return null;
    },

    expired: (ticket: Ticket): boolean => ticket.expires <= clock.now().getTime(),
  };
}

function openedBy(key: Buffer, sealed: Buffer): Ticket | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return TICKET.parse(JSON.parse(plain.toString('utf8')));
  } catch {
    return null;
  }
}

export type TicketOffice = ReturnType<typeof ticketOffice>;
