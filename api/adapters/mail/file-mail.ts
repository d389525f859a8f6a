import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailSender } from './mail.ts';
import { messageOf } from './message.ts';

/** Mail of an installation that sends none: each message is a file of its own, `<id>.eml`, that a mail program opens. Its owner alone reads it. */
export function fileMail(
  folder: string,
  from = { name: 'ISS data portal', address: 'portal@localhost.localdomain' },
): MailSender {
  return {
    promise: 'ONCE',
    async send(mail) {
      const message = messageOf(mail, from);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = join(folder, `.${randomUUID()}`);
      try {
        const file = await open(temporary, 'wx', 0o600);
        try {
          await file.writeFile(message);
          await file.sync();
        } finally {
          await file.close();
        }
        await link(temporary, join(folder, `${mail.id}.eml`)).catch((error: NodeJS.ErrnoException) => {
          // Sent before; the word of it was lost.
          if (error.code !== 'EEXIST') throw error;
        });
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async close() {},
  };
}
