import { checkMail, type Mail } from './mail.ts';

const WORD_BYTES = 42;
const LINE = 76;

/**
 * The message as it is transported (RFC 5322, MIME): headers in ASCII, other words encoded (RFC 2047), the text as base64 of UTF-8, so that no line of
 * it can be read as anything else. @throws MailRefused
 */
export function messageOf(mail: Mail, from: { name: string; address: string }): Buffer {
  checkMail(mail);
  const { id, to, subject, text, at } = mail;
  const body = Buffer.from(text.replaceAll(/\r\n?|\n/g, '\r\n'), 'utf8').toString('base64');
  const lines = [
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    `From: ${mailbox(from)}`,
    `To: ${mailbox(to)}`,
    `Subject: ${words(subject)}`,
    `Message-ID: <${id}@${from.address.split('@')[1]}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    // So that nobody's holiday answers (RFC 3834).
    'Auto-Submitted: auto-generated',
    '',
    ...(body.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []),
    '',
  ];
  return Buffer.from(lines.join('\r\n'), 'ascii');
}

const mailbox = ({ name, address }: { name: string; address: string }): string =>
  name.trim() === '' ? address : `${words(name, true)} <${address}>`;

/** Plain where it can be, else encoded words of UTF-8, cut between characters and folded. A name with marks that mean something is encoded, too. */
function words(text: string, phrase = false): string {
  const plain = phrase ? /^[A-Za-z0-9 '_-]{1,60}$/ : /^[\x20-\x7e]{1,60}$/;
  if (plain.test(text) && !text.includes('=?') && text === text.trim()) return text;
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    if (Buffer.byteLength(part + character) > WORD_BYTES) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  parts.push(part);
  return parts.map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ');
}
