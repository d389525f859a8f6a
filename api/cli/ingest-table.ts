import type { DropCorrection, DropItemState } from './drop-operations.ts';
import { table } from './table.ts';
import { counted, safe } from './terminal.ts';

export interface IngestTotal {
  submissions: number;
  processed: number;
  unchanged: number;
  unreadable: number;
  refused: number;
  failed: number;
  frames: number;
  faces: number;
  chunks: number;
  /** Seconds that the command took. */
  seconds: number;
}

/** A submission as `--json` tells it. */
export function ingestLine(item: DropItemState) {
  const { patient, timestamp, outcome, reasonCode, reason, frames, faces, chunks, seconds } = item;
  const why = reason ?? reasonCode;
  return {
    patient,
    timestamp,
    outcome,
    ...(why && { reason: why }),
    ...(reasonCode && { reasonCode }),
    frames,
    faces,
    chunks,
    seconds,
  };
}

export function totalOf(items: readonly DropItemState[], seconds: number): IngestTotal {
  const count = (outcome: string): number => items.filter((item) => item.outcome === outcome).length;
  const sum = (of: 'frames' | 'faces' | 'chunks'): number => items.reduce((total, item) => total + (item[of] ?? 0), 0);
  return {
    submissions: items.length,
    processed: count('PROCESSED'),
    unchanged: count('UNCHANGED'),
    unreadable: count('UNREADABLE'),
    refused: count('REFUSED'),
    failed: count('FAILED'),
    frames: sum('frames'),
    faces: sum('faces'),
    chunks: sum('chunks'),
    seconds: Math.round(seconds * 10) / 10,
  };
}

/** What was found unreadable before is unchanged too, and still not usable. */
function unreadableAmong(items: readonly DropItemState[]): string {
  const count = items.filter(({ outcome, reasonCode }) => outcome === 'UNCHANGED' && reasonCode !== null).length;
  return count === 0 ? '' : ` (${count} of them unreadable)`;
}

/** Every submission and the totals, for a person. */
export function ingestTable(items: readonly DropItemState[], total: IngestTotal): string {
  const number = (value: number | null): string => value?.toLocaleString('en') ?? '';
  const rows = items.map((item) => [
    item.patient,
    item.timestamp,
    item.outcome,
    number(item.frames),
    number(item.faces),
    number(item.chunks),
    item.seconds?.toFixed(1) ?? '',
    [item.reasonCode, item.reason].filter(Boolean).join(': '),
  ]);
  const right = { align: 'right' } as const;
  const columns = [
    { title: 'patient' },
    { title: 'timestamp' },
    { title: 'outcome' },
    { title: 'frames', ...right },
    { title: 'faces', ...right },
    { title: 'chunks', ...right },
    { title: 'seconds', ...right },
    { title: 'reason' },
  ];
  const last = [
    'total',
    '',
    counted(items.length, 'submission'),
    number(total.frames),
    number(total.faces),
    number(total.chunks),
    total.seconds.toFixed(1),
    '',
  ];
  const outcomes = (['processed', 'unchanged', 'unreadable', 'refused', 'failed'] as const)
    .filter((outcome) => total[outcome] > 0)
    .map((outcome) => `${total[outcome]} ${outcome}${outcome === 'unchanged' ? unreadableAmong(items) : ''}`);
  return `${table(columns, [...rows, last])}\n${outcomes.join(', ') || 'nothing to do'}`;
}

/** What the enrolment file changed of patients who were enrolled before: a line for each. */
export function correctionLines(corrections: readonly DropCorrection[]): string[] {
  if (corrections.length === 0) return [];
  const patients = new Set(corrections.map(({ patient }) => patient)).size;
  return [
    `enrolment.csv corrects ${counted(patients, 'patient')} who were enrolled before; published releases keep what they said:`,
    ...corrections.map(
      ({ patient, field, from, to }) =>
        `  ${safe(patient)} ${safe(field)}: ${safe(from ?? 'none')} → ${safe(to ?? 'none')}`,
    ),
  ];
}
