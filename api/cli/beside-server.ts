import { existsSync } from 'node:fs';
import { pino } from 'pino';
import { composeBeside, type Foundation } from '../compose.ts';
import { type Config, InvalidConfig, readConfig } from '../config.ts';
import { CommandFailed, wrongUsage } from './exit.ts';
import type { Io } from './io.ts';

/** The settings of the environment. @throws CommandFailed */
export function settingsOf(io: Io): Config {
  try {
    return readConfig(io.environment);
  } catch (error) {
    if (error instanceof InvalidConfig) throw wrongUsage(error.message.replace(/\s*\n\s*/g, ' '));
    throw error;
  }
}

/** Runs work on the database of the server of this machine's data folder. @throws CommandFailed where there is none, or it does not answer */
export async function besideServer<Result>(
  io: Io,
  work: (base: Foundation, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = settingsOf(io);
  if (!config.ISS_DATABASE_URL && !existsSync(config.dataDirectory))
    throw new CommandFailed(
      `There is no data folder ${config.dataDirectory}: name the server's in ISS_DATA_DIR, or start one with npm start.`,
      { code: 'NO_DATA' },
    );
  const base = await composeBeside(config, pino({ level: 'silent' })).catch(withoutDatabase);
  try {
    return await work(base, config).catch(withoutDatabase);
  } finally {
    await base.close();
  }
}

function withoutDatabase(error: unknown): never {
  if (error instanceof InvalidConfig) throw new CommandFailed(error.message, { code: 'NO_DATABASE' });
  const { code } = error as { code?: string };
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    throw new CommandFailed('The database does not answer: start the server with npm start.', { code: 'NO_DATABASE' });
  throw error;
}
