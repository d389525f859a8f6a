import type { Logger } from 'pino';
import type { Clock, Ids } from '../../../api/adapters/clock/clock.ts';
import { systemIds } from '../../../api/adapters/clock/clock.ts';

/** A clock that stands until it is moved. */
export function standingClock(start = '2026-03-01T12:00:00Z'): Clock & { forward(milliseconds: number): void } {
  let now = new Date(start).getTime();
  return {
    now: () => new Date(now),
    forward: (milliseconds) => {
      now += milliseconds;
    },
  };
}

export const ids: Ids = systemIds;

/** A log that keeps what it is told. */
export function keptLog() {
  const lines: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  const at = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void lines.push({ level, fields, message });
  const log = { info: at('info'), warn: at('warn'), error: at('error') } as unknown as Logger;
  return { log, lines };
}
