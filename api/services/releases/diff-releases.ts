import type { Actor } from '../../../governance/actor.ts';
import { decide, decideModalities, rowFilterOf } from '../../../governance/decide.ts';
import { publicReasons, type Reason } from '../../../governance/reasons.ts';
import { CHANGES, RELEASE_CHANGES, stepOf } from '../../../governance/release-version.ts';
import type { ReleaseDiffFacts } from '../../../schema/services/releases.ts';
import type { Seen } from '../../../schema/services/result.ts';
import type { CommandDeps } from '../command-deps.ts';
import { selectRows } from '../exports/selection.ts';
import { refusedFor } from '../permit.ts';
import { loadSituation } from '../read/facts.ts';
import { type FoundRelease, findRelease } from './find-release.ts';
import { type ReleaseDifference, releaseDifferences } from './release-changes.ts';

/** What of a difference is PAIN_SCORES, and seen by nobody who may not see those. */
const SCORES: ReadonlySet<string> = new Set(['painTarget', 'answers', 'ANSWERS']);

/**
 * In what two releases of a study differ. Where one is a draft, who makes releases sees all of it, and who publishes them how often, and no row. Published
 * ones are compared for whoever may read LABELS of both, over the rows that they may see: who has withdrawn is in neither. Nobody else is told numbers
 * either: the difference of two counts that are safe is not (governance.md, disclosure control); each release has its own fixed tables.
 * Null where one of them does not exist for the actor.
 */
export async function diffReleases(
  deps: CommandDeps,
  actor: Actor,
  asked: { study: string | null; from: string; to: string },
): Promise<Seen<ReleaseDiffFacts | null>> {
  const { database, clock } = deps;
  const key = asked.study ?? deps.defaultStudy;
  const [from, to] = [await findRelease(database, key, asked.from), await findRelease(database, key, asked.to)];
  const now = clock.now();
  const accountId = actor.kind === 'account' ? actor.accountId : null;
  const situation = from && to && (await loadSituation(database, { accountId, study: { key }, now }));
  if (!from || !to || !situation) return { ok: true, value: null };
  const { facts } = situation;
  const write = (detail: Record<string, string[] | number | string>) =>
    deps.audit.write(database, {
      accountId,
      grantId: null,
      action: 'READ',
      detail: { query: 'releaseDiff', ...detail },
    });
  if (from.state === 'DRAFT' || to.state === 'DRAFT') {
    const staff = decide(actor, 'VIEW_DRAFT', { kind: 'none' }, facts, now);
    if (!staff.allow) return { ok: true, value: null };
    const found = await releaseDifferences(database, from.id, to.id);
    await write({ releases: [from.id, to.id], differences: found.length });
    const rows = decide(actor, 'DRAFT_RELEASE', { kind: 'none' }, facts, now).allow;
    return { ok: true, value: { ...diffOf(from, to, found), ...(rows ? {} : { differences: [] }) } };
  }
  const decisions = [from, to].map((release) => decideModalities(actor, 'READ', release, facts, now));
  const reasons = decisions.flatMap(({ LABELS }): readonly Reason[] => (LABELS.allow ? [] : LABELS.reasons));
  if (reasons.length > 0) {
    const told = publicReasons(reasons);
    if (accountId !== null)
      await deps.audit.write(database, {
        accountId,
        grantId: actor.kind === 'account' ? (actor.grantId ?? null) : null,
        action: 'REFUSED',
        detail: { query: 'releaseDiff', releases: [from.id, to.id], reasons: reasons.map(({ code }) => code) },
      });
    return told.length === 0 ? { ok: true, value: null } : refusedFor(told.filter(firstOfItsKind));
  }
  const seen = new Map<string, { scores: boolean }>();
  const submissions = new Set<string>();
  for (const [i, release] of [from, to].entries()) {
    const filter = rowFilterOf(decisions[i]!.LABELS, now);
    if (filter === null) throw new Error('a decision that allows has no filter of rows');
    const scope = { releaseId: release.id, fold: null, part: 'ALL', modalities: ['LABELS', 'PAIN_SCORES'] } as const;
    const rows = await selectRows(database, scope, filter, facts.policy.timeZone);
    const allowed = decisions.every(({ PAIN_SCORES }) => PAIN_SCORES.allow);
    for (const { id, modalities } of rows.patients) seen.set(id, { scores: allowed && modalities.has('PAIN_SCORES') });
    for (const { id } of rows.submissions) submissions.add(id);
  }
  const found = (await releaseDifferences(database, from.id, to.id)).flatMap((one): ReleaseDifference[] => {
    const patient = seen.get(one.patientId);
    if (patient === undefined || (one.submissionId !== null && !submissions.has(one.submissionId))) return [];
    if (patient.scores) return [one];
    const detail = one.detail.filter((word) => !SCORES.has(word));
    return detail.length === 0 && one.detail.length > 0 ? [] : [{ ...one, detail }];
  });
  await deps.audit.write(database, {
    accountId,
    grantId:
      decisions[1]!.LABELS.allow && decisions[1]!.LABELS.basis.kind === 'grant'
        ? decisions[1]!.LABELS.basis.grantId
        : null,
    action: 'READ',
    detail: {
      query: 'releaseDiff',
      use: 'READ',
      releases: [from.id, to.id],
      modalities: ['LABELS'],
      patients: new Set(found.map(({ patientId }) => patientId)).size,
      differences: found.length,
    },
  });
  return { ok: true, value: diffOf(from, to, found) };
}

const firstOfItsKind = ({ code, subject }: Reason, at: number, all: readonly Reason[]): boolean =>
  all.findIndex((other) => other.code === code && other.subject === subject) === at;

function diffOf(from: FoundRelease, to: FoundRelease, found: readonly ReleaseDifference[]): ReleaseDiffFacts {
  const counts = RELEASE_CHANGES.map((change) => ({
    change,
    does: CHANGES[change].does,
    count: found.filter((one) => one.change === change).length,
  })).filter(({ count }) => count > 0);
  return {
    from: from.version,
    to: to.version,
    step: stepOf(counts.map(({ change }) => change)),
    counts,
    differences: found.map(({ change, code, timestamp, detail }) => ({ change, patient: code, timestamp, detail })),
  };
}
