import type { Mail } from '../../adapters/mail/mail.ts';
import { noticeOf } from './notices/all-notices.ts';

const LONGEST = 500;

/** A person's own words on one line, without marks that a terminal or a mail program obeys, and without an address that it makes a link of. */
const oneLine = (text: string): string =>
  [
    ...text
      .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ')
      .replaceAll(/\s+/g, ' ')
      .replaceAll('://', ': //'),
  ]
    .slice(0, LONGEST)
    .join('')
    .trim();

const noToken = (): never => {
  throw new Error('there is no key here for tokens of invitations');
};

const cleaned = (value: unknown): unknown => {
  if (typeof value === 'string') return oneLine(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleaned(inner)]));
};

/**
 * The message as it goes to its carrier. @param of.name of the person; empty for an address without an account
 * @returns null for a template that is not known
 */
export function writeMail(of: {
  id: string;
  template: string;
  data: unknown;
  name: string;
  address: string;
  portal: string;
  at: Date;
  /** Token of an invitation. */
  tokenOf?: (invitationId: string) => string;
}): Mail | null {
  const notice = noticeOf(of.template);
  if (notice === null) return null;
  const { subject, text } = notice.write(notice.data.parse(cleaned(of.data)), of.portal, of.tokenOf ?? noToken);
  const name = oneLine(of.name).slice(0, 100).trim();
  const body = [
    name === '' ? 'Good day,' : `Dear ${name},`,
    ...text,
    'This message was sent by a program; nobody reads answers to it.',
  ].join('\n\n');
  const to = { name, address: of.address.trim() };
  return { id: `portal.${of.id}`, to, subject: [...subject].slice(0, 150).join(''), text: `${body}\n`, at: of.at };
}
