import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { composeBeside } from '../../compose.ts';
import { InvalidConfig, readConfig } from '../../config.ts';
import { problemText, readAuditChain } from '../audit-chain.ts';
import { CommandFailed, wrongUsage } from '../exit.ts';
import { type Io, printJson } from '../io.ts';
import { counted } from '../terminal.ts';

/** Proves the audit log of the server on this machine's data folder. @throws CommandFailed where it is not whole, or cannot be read */
export async function auditVerify(io: Io, options: { json?: true }): Promise<void> {
  const config = configOf(io);
  if (!config.ISS_DATABASE_URL && !existsSync(config.dataDirectory))
    throw new CommandFailed(
      `There is no data folder ${config.dataDirectory}: name the server's in ISS_DATA_DIR, or start one with npm start.`,
      { code: 'NO_DATA' },
    );
  const base = await composeBeside(config, pino({ level: 'silent' }));
  try {
    const report = await readAuditChain(base.database, {
      signal: io.signal,
      onPage: (position, total) =>
        io.progress.show(
          'entries',
          position / total,
          `entries ${position.toLocaleString('en')} of ${total.toLocaleString('en')}`,
        ),
    }).catch((error: unknown) => {
      throw databaseFailure(error) ?? error;
    });
    io.progress.clear();
    const { whole, entries, head, unsealed, columns, problems } = report;
    const sentences = [
      ...problems.map(problemText),
      ...columns.map((position) => `Entry ${position} was altered: its columns do not say what its sealed text says.`),
    ];
    if (options.json) printJson(io, { whole, entries, unsealed, head, problems, columns });
    else for (const sentence of sentences) io.print(sentence);
    if (!whole)
      throw new CommandFailed(`The log is not whole (${counted(entries, 'entry', 'entries')}).`, {
        code: 'LOG_BROKEN',
        told: true,
      });
    if (options.json) return;
    const waiting = unsealed > 0 ? `; ${unsealed} more wait to be sealed` : '';
    io.print(`The log is whole: ${counted(entries, 'entry', 'entries')}, head ${head || 'none'}${waiting}.`);
  } finally {
    await base.close();
  }
}

function configOf(io: Io) {
  try {
    return readConfig(io.environment);
  } catch (error) {
    if (error instanceof InvalidConfig) throw wrongUsage(error.message.replace(/\s*\n\s*/g, ' '));
    throw error;
  }
}

function databaseFailure(error: unknown): CommandFailed | undefined {
  const code = (error as { code?: string }).code;
  return code === 'ECONNREFUSED' || code === 'ENOENT'
    ? new CommandFailed('The database does not answer: start the server with npm start.', { code: 'NO_DATABASE' })
    : undefined;
}
