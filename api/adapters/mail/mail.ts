/** A message to one person, in plain text. */
export interface Mail {
  /** The same id is the same message: it is delivered once, however often it is sent. Letters, digits, dots and hyphens, at most 120. */
  id: string;
  to: { name: string; address: string };
  subject: string;
  /** Lines end with \n. */
  text: string;
  at: Date;
}

/** Carries messages to people. */
export interface MailSender {
  /**
   * ONCE: one id is delivered once, however often it is sent, also after a death in between. EACH_TIME: the carrier knows no ids (SMTP, where a
   * lost answer leaves it open whether the message was taken), so who sends may not repeat what may have left.
   */
  readonly promise: 'ONCE' | 'EACH_TIME';
  /**
   * Resolves once the message is safely handed over.
   * @throws MailRefused for one that can never be sent; MailInDoubt where it may have been taken; after anything else it was not, and is worth another try
   */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}

/** The message cannot be sent, now or later: an address that is none, an id or a header that is not allowed. */
export class MailRefused extends Error {
  override name = 'MailRefused';
}

/** The message was handed over and no answer came: it may have been taken. Only of carriers that deliver EACH_TIME. */
export class MailInDoubt extends Error {
  override name = 'MailInDoubt';
}

const ID = /^[A-Za-z0-9][A-Za-z0-9.-]{0,119}$/;
// One address and nothing that a header, a list of receivers or a shell could read more into; stricter than RFC 5321 on purpose.
const ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const LONGEST_HEADER = 200;
const LONGEST_TEXT = 100_000;

/** @throws MailRefused naming what is wrong, without its value */
export function checkMail({ id, to, subject, text, at }: Mail): void {
  const refuse = (why: string): never => {
    throw new MailRefused(why);
  };
  if (!ID.test(id)) refuse('the id of the message is not allowed');
  if (to.address.length > 254 || !ADDRESS.test(to.address)) refuse('the address is none');
  for (const [name, value] of Object.entries({ subject, name: to.name })) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) refuse(`the ${name} holds a control character`);
    if (value.length > LONGEST_HEADER) refuse(`the ${name} is too long`);
    if (LONE_SURROGATE.test(value)) refuse(`the ${name} is no text`);
  }
  if (subject.trim() === '') refuse('the message has no subject');
  if (text.length > LONGEST_TEXT) refuse('the text is too long');
  if (LONE_SURROGATE.test(text) || text.includes('\0')) refuse('the text is no text');
  if (Number.isNaN(at.getTime())) refuse('the message has no time');
}
