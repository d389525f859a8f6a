import { systemClock } from '../../../api/adapters/clock/clock.ts';
import { connectDatabase } from '../../../api/adapters/database/database.ts';
import { fileMail } from '../../../api/adapters/mail/file-mail.ts';
import type { MailSender } from '../../../api/adapters/mail/mail.ts';
import { sendMailKind } from '../../../api/jobs/send-mail.ts';

/** A worker that sends one message and is killed on the way, as by a lack of memory. Arguments: message, folder, when it dies, promise of its carrier. */
const [outboxId, folder, dies, promise] = process.argv.slice(2) as [string, string, string, MailSender['promise']];
const database = connectDatabase(process.env.TEST_DATABASE_URL!, { poolSize: 2 });
const files = fileMail(folder);
const die = (when: string): void => {
  if (dies === when) process.kill(process.pid, 'SIGKILL');
};
const mail: MailSender = {
  promise,
  async send(message) {
    die('before it leaves');
    await files.send(message);
    die('after it left');
  },
  close: async () => {},
};
const kind = sendMailKind({ database, clock: systemClock, mail, portal: async () => 'https://portal.example' });
await kind.run(kind.payload.parse({ outboxId }), {
  job: null as never,
  signal: new AbortController().signal,
  progress: () => {},
});
die('after it was marked');
await database.close();
