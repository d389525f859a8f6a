import type { Logger } from 'pino';
import type { Database } from '../../adapters/database/database.ts';
import { openRestore } from './replay-journal.ts';

const LOOK_MS = 500;

/** Looks until a restore has been replayed, then opens; tries again where that fails. */
export function whenReplayed(
  database: Database,
  open: () => Promise<void>,
  log: Logger,
): { opened: Promise<void>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const opened = new Promise<void>((done) => {
    const look = async (): Promise<void> => {
      try {
        if ((await openRestore(database)) === null) {
          await open();
          return done();
        }
      } catch (error) {
        log.error({ err: error }, 'whether the journal has been replayed could not be seen');
      }
      if (!stopped) timer = setTimeout(() => void look(), LOOK_MS);
    };
    timer = setTimeout(() => void look(), LOOK_MS);
  });
  return {
    opened,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
