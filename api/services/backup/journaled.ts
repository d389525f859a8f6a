import type { CommandLog } from '../../../schema/services/command-log.ts';
import type { EndingsJournal } from './endings-journal.ts';

/** A command is answered once what it has ended stands in the journal, too. */
export const journaled = (log: CommandLog, endings: EndingsJournal): CommandLog => ({
  async around(command, work) {
    const result = await log.around(command, work);
    await endings.flush();
    return result;
  },
});
