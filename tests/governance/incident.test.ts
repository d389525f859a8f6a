import { describe, expect, it } from 'vitest';
import {
  INCIDENT_COMMANDS,
  INCIDENT_STATES,
  type IncidentCommand,
  type IncidentState,
  nextIncidentState,
  reportDue,
} from '../../governance/incident.ts';

/** Every cell of state x command, by hand; null is a refusal. */
const CELLS: Readonly<Record<IncidentState, Readonly<Record<IncidentCommand, IncidentState | null>>>> = {
  REPORTED: { contain: 'CONTAINED', gather: 'REPORTED', notify: null, close: null },
  CONTAINED: { contain: null, gather: 'CONTAINED', notify: 'NOTIFIED', close: null },
  NOTIFIED: { contain: null, gather: 'NOTIFIED', notify: 'NOTIFIED', close: 'CLOSED' },
  CLOSED: { contain: null, gather: null, notify: null, close: null },
};

describe('an incident', () => {
  it.each(
    INCIDENT_STATES.flatMap((state) => INCIDENT_COMMANDS.map((command) => [state, command] as const)),
  )('that is %s goes by %s where the table says', (state, command) => {
    expect(nextIncidentState(state, command)).toBe(CELLS[state][command]);
  });

  it('is closed after three steps and no fewer', () => {
    const walk = (commands: readonly IncidentCommand[]): IncidentState | null =>
      commands.reduce<IncidentState | null>((state, command) => state && nextIncidentState(state, command), 'REPORTED');
    const all = INCIDENT_COMMANDS.flatMap((a) => INCIDENT_COMMANDS.map((b) => [a, b] as const));
    expect(all.map((two) => walk(two)).filter((state) => state === 'CLOSED')).toEqual([]);
    expect(walk(['contain', 'notify', 'close'])).toBe('CLOSED');
  });

  it('under a grant is to be reported within 24 hours, whatever the clocks of people do that night', () => {
    expect(reportDue(new Date('2025-03-08T12:00:00Z'))).toEqual(new Date('2025-03-09T12:00:00Z'));
    expect(reportDue(new Date('2024-02-28T23:59:59Z'))).toEqual(new Date('2024-02-29T23:59:59Z'));
  });
});
