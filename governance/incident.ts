/** An incident: what went wrong with data that people trusted the study with. */
export const INCIDENT_STATES = ['REPORTED', 'CONTAINED', 'NOTIFIED', 'CLOSED'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

export const INCIDENT_COMMANDS = ['contain', 'gather', 'notify', 'close'] as const;
export type IncidentCommand = (typeof INCIDENT_COMMANDS)[number];

export const INCIDENT_KINDS = [
  'UNAUTHORISED_ACCESS',
  'DATA_LEFT',
  'RE_IDENTIFICATION',
  'FORBIDDEN_USE',
  'LOST_DEVICE',
  'LEAKED_CREDENTIAL',
  'OTHER',
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/**
 * Where a command leads from a state; what is absent is refused. No step is left out: whoever finds nothing to contain, or nobody to notify, says so.
 * More people may be notified later, and evidence is gathered until the incident is closed.
 */
const NEXT: Readonly<Record<IncidentState, Readonly<Partial<Record<IncidentCommand, IncidentState>>>>> = {
  REPORTED: { contain: 'CONTAINED', gather: 'REPORTED' },
  CONTAINED: { notify: 'NOTIFIED', gather: 'CONTAINED' },
  NOTIFIED: { notify: 'NOTIFIED', close: 'CLOSED', gather: 'NOTIFIED' },
  CLOSED: {},
};

/** The state after a command; null where the command is not for that state. */
export const nextIncidentState = (state: IncidentState, command: IncidentCommand): IncidentState | null =>
  NEXT[state][command] ?? null;

/** Hours within which the people of a grant report what they have discovered. */
export const REPORT_HOURS = 24;

/** Until when an incident under a grant has to be reported. */
export const reportDue = (discoveredAt: Date): Date => new Date(discoveredAt.getTime() + REPORT_HOURS * 3_600_000);
