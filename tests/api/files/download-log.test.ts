import { expect, test } from 'vitest';
import { downloadLog } from '../../../api/services/files/download-log.ts';
import type { OpenedFile } from '../../../api/services/files/file-access.ts';

const MOST = 50;

const arranged = () => {
  const written: string[] = [];
  let broken = false;
  const audit = {
    write: async (_: unknown, event: { action: string; detail: Record<string, unknown> }) => {
      if (broken) throw new Error('the database was away');
      written.push(
        `${event.action} ${event.detail.ticket}${event.detail.bytes === undefined ? '' : ` ${event.detail.bytes}`}`,
      );
    },
  };
  const log = downloadLog({} as never, audit as never, () => {}, MOST);
  const file = (ticketId: string): OpenedFile =>
    ({ ticketId, who: { accountId: 'a', grantId: null }, about: { ticket: ticketId } }) as unknown as OpenedFile;
  const breakIt = (now: boolean): void => {
    broken = now;
  };
  return { log, file, written, breakIt };
};

test('a ticket is one entry before its first byte and one with all its bytes, however many ranges are taken', async () => {
  const { log, file, written } = arranged();
  await Promise.all([log.begin(file('t')), log.begin(file('t')), log.begin(file('t'))]);
  await log.begin(file('t'));
  for (const bytes of [10, 20, 5]) log.sent(file('t'), bytes, true);
  await log.flush();
  expect(written).toEqual(['DOWNLOAD t', 'DOWNLOADED t 35']);
});

test('no byte leaves without its entry: one that could not be written is tried again', async () => {
  const { log, file, written, breakIt } = arranged();
  breakIt(true);
  await expect(log.begin(file('t'))).rejects.toThrow('away');
  breakIt(false);
  await log.begin(file('t'));
  expect(written).toEqual(['DOWNLOAD t']);
});

test('tickets are remembered up to a number, the last used ones; bytes of those that are let go are written', async () => {
  const { log, file, written } = arranged();
  await log.begin(file('kept'));
  for (let n = 0; n < 4 * MOST; n += 1) {
    await log.begin(file(`t${n}`));
    log.sent(file(`t${n}`), 1, true);
    await log.begin(file('kept'));
  }
  expect(written.filter((one) => one === 'DOWNLOAD kept')).toHaveLength(1);
  expect(written.filter((one) => one.startsWith('DOWNLOADED')).length).toBeGreaterThanOrEqual(3 * MOST);
  await log.begin(file('t0'));
  expect(written.filter((one) => one === 'DOWNLOAD t0')).toHaveLength(2);
  await log.flush();
  expect(written.filter((one) => one.startsWith('DOWNLOADED'))).toHaveLength(4 * MOST);
});
