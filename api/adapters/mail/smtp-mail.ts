import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { ServiceRefused } from '../service-refused.ts';
import { MailInDoubt, MailRefused, type MailSender } from './mail.ts';
import { messageOf } from './message.ts';

export interface SmtpOptions {
  connectMs?: number;
  /** Longest silence of the server in a conversation. */
  silentMs?: number;
}

/** What nodemailer adds to its errors. */
interface SmtpError extends Error {
  /** The server's answer, where it gave one. */
  responseCode?: number;
  command?: string;
}

/**
 * Mail by SMTP. The message is ours to the byte; nodemailer carries it. SMTP knows no ids: whether a message whose last line left was taken is known by
 * the answer alone, so without one it is in doubt.
 * @param url smtps://user:password@host:465, or smtp://…:587, which insists on STARTTLS but where it says ?tls=none
 * @param from address of the sender
 */
export function smtpMail(
  url: string,
  from: string,
  { connectMs = 10_000, silentMs = 60_000 }: SmtpOptions = {},
): MailSender & { check(): Promise<void> } {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const secure = protocol === 'smtps:';
  const plain = searchParams.get('tls') === 'none';
  const sender = { name: 'ISS data portal', address: from };

  /** Does work on a connection of its own that has signed in; an error that the connection meets at any time ends it. */
  async function connected<Value>(work: (connection: SMTPConnection) => Promise<Value>): Promise<Value> {
    const connection = new SMTPConnection({
      ...{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (secure ? 465 : 587)), secure },
      ...{ requireTLS: !secure && !plain, ignoreTLS: plain },
      ...{ connectionTimeout: connectMs, greetingTimeout: connectMs, socketTimeout: silentMs },
    });
    const failed = new Promise<never>((_, refuse) => connection.once('error', refuse));
    failed.catch(() => {});
    // Later ones, when it is over.
    connection.on('error', () => {});
    const steps = async (): Promise<Value> => {
      await new Promise<void>((done) => connection.connect(() => done()));
      if (username !== '')
        await new Promise<void>((done, refuse) =>
          connection.login(
            { credentials: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } },
            (error) => (error ? refuse(error) : done()),
          ),
        );
      return work(connection);
    };
    try {
      return await Promise.race([steps(), failed]);
    } finally {
      connection.close();
    }
  }

  return {
    promise: 'EACH_TIME',
    async send(mail) {
      const message = messageOf(mail, sender);
      let left = false;
      let atWork = false;
      // Read once the server has said that it takes the message; before that nothing of it can have been taken.
      const body = new Readable({
        read() {
          left = true;
          this.push(message);
          this.push(null);
        },
      });
      try {
        await connected(
          (connection) =>
            new Promise<void>((done, refuse) => {
              atWork = true;
              connection.send({ from, to: [mail.to.address] }, body, (error) => (error ? refuse(error) : done()));
            }),
        );
      } catch (error) {
        const { responseCode = 0, message: said } = error as SmtpError;
        // Of the message or its receiver, for good. What a server says before it (no sign-in, no TLS) is the operator's to mend.
        if (atWork && responseCode >= 500 && responseCode < 600)
          throw new MailRefused(`the mail server refused it: ${responseCode}`, { cause: error });
        if (left && responseCode === 0)
          throw new MailInDoubt('the mail server did not say whether it took the message', { cause: error });
        throw new Error(`the mail server did not take the message: ${responseCode || said}`, { cause: error });
      }
    },
    async check() {
      await connected(async () => {}).catch((error: Error) => {
        throw new ServiceRefused(`ISS_SMTP_URL: the mail server ${hostname} cannot be used: ${error.message}`, {
          cause: error,
        });
      });
    },
    async close() {},
  };
}
