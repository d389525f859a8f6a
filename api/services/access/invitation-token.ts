import { createHmac } from 'node:crypto';

/**
 * The token of an invitation, as it is mailed: 43 letters, digits, hyphens and underscores. It follows from the server's key, so that the database holds
 * only its hash, also while the message waits to be sent.
 */
export const invitationToken = (key: Buffer, invitationId: string): string =>
  createHmac('sha256', key).update(`invitation ${invitationId}`).digest('base64url');

/** The server's key that tokens of invitations follow from. */
export const invitationKeyOf = (secrets: {
  readonly ticketKey: string;
  readonly invitationKey?: string | undefined;
}): Buffer => Buffer.from(secrets.invitationKey ?? secrets.ticketKey, 'base64url');
