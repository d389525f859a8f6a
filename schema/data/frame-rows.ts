import { FRAMES_PER_SECOND } from '../../governance/modality.ts';
import type { Args, Page, Source } from '../planner/data-type.ts';
import { artifactOf, recordingOf, spansOf } from '../planner/recording.ts';
import type { Row } from '../planner/row.ts';

const ARRAYS = ['box_x', 'box_y', 'box_width', 'box_height', 'score', 'landmarks_found'] as const;
const PACKS = { frame_low: 'FRAMES', frame_high: 'FRAMES', face_low: 'FACES', face_high: 'FACES' } as const;

/** Beyond any recording (three years of video), and far from where integers end. */
const MOST_FRAMES = 1_000_000_000;

/**
 * Frames of a submission. They have no row each: a slice of the arrays is unfolded, and only those arrays that a field
 * asks for. Without a filter and a quarantined range of time a page is exactly a slice, found without looking at the
 * frames before it.
 */
export const frameRows = (submission: Row, args: Args, page: Page | null): Source => {
  const { sql, rows } = submission.scope;
  const recording = recordingOf(submission);
  const spans = spansOf(submission);
  const detected = args.faceDetected as boolean | null | undefined;
  const single = args.number as number | undefined;
  const impossible = single !== undefined && (single < 1 || single > MOST_FRAMES);
  const count = `${recording}.frame_count`;
  const after = single === undefined ? (page?.after?.[0] ?? '0') : String(impossible ? 0 : single - 1);
  const low = sql.param(Number(after) + 1, 'integer');
  const limit = single === undefined ? (page?.limit ?? null) : 1;
  const slice = limit === null ? count : `least(${count}, ${low} + ${Math.trunc(limit)} - 1)`;
  // A quarantined range hides some of the slice's frames, and a filter any number: then the rest has to be looked at.
  const filtered = typeof detected === 'boolean';
  const high =
    limit === null || filtered
      ? count
      : single === undefined
        ? `CASE WHEN ${spans}.lows IS NULL THEN ${slice} ELSE ${count} END`
        : slice;
  const alias = sql.alias();
  const arrays = submission.join(
    'frame_record',
    (name) => `LEFT JOIN frame_record ${name} ON ${name}.recording_id = ${recording}.id`,
  );
  const time = `(${alias}.number - 1) / ${FRAMES_PER_SECOND}.0`;
  const visible = rows.spanCondition(spans, { from: time, to: `${alias}.number / ${FRAMES_PER_SECOND}.0` });
  return {
    columns: Object.fromEntries(['number', ...ARRAYS, ...Object.keys(PACKS)].map((name) => [name, `${alias}.${name}`])),
    order: [`${alias}.number`],
    sliced: true,
    where: [
      impossible ? 'false' : visible,
      ...(filtered ? [`${alias}.score IS ${detected ? 'NOT NULL' : 'NULL'}`] : []),
    ],
    ...(filtered ? {} : { total: totalSql(count, submission, spans) }),
    from: (needed) => {
      const asked: string[] = ARRAYS.filter((name) => needed.has(name) || (filtered && name === 'score'));
      const slices = asked.map((name) => `${arrays}.${name}[${low}:${high}]`);
      for (const [name, kind] of Object.entries(PACKS)) {
        if (!needed.has(name)) continue;
        const shift = name.endsWith('high') ? ' + 1' : '';
        asked.push(name);
        slices.push(`${artifactOf(submission, kind)}.offsets[${low}${shift}:(${high})${shift}]`);
      }
      if (asked.length === 0) return `generate_series(${low}, ${high}) AS ${alias}(number)`;
      return `(SELECT (u.place + ${low} - 1)::integer AS number, ${asked.map((name) => `u.${name}`).join(', ')} FROM unnest(${slices.join(', ')}) WITH ORDINALITY AS u(${asked.join(', ')}, place) WHERE u.place + ${low} - 1 <= ${count}) ${alias}`;
    },
  };
};

/** All visible frames: the recording's count, unless a range of time is in quarantine. */
const totalSql = (count: string, submission: Row, spans: string): string => {
  const visible = submission.scope.rows.spanCondition(spans, {
    from: `(f.number - 1) / ${FRAMES_PER_SECOND}.0`,
    to: `f.number / ${FRAMES_PER_SECOND}.0`,
  });
  return `CASE WHEN ${spans}.lows IS NULL THEN ${count} ELSE (SELECT count(*) FROM generate_series(1, ${count}) AS f(number) WHERE ${visible})::integer END`;
};
