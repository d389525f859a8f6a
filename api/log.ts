import type { Logger } from 'pino';
import { pino, stdTimeFunctions } from 'pino';

/** Structured log on standard error. Tokens, cookies and tickets never reach it: only what is named in a call is written, and headers never are. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      base: { pid: process.pid },
      redact: ['*.token', '*.cookie', '*.password', 'headers'],
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
