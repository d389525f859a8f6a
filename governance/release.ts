import type { RoleAction } from './actions.ts';
import type { Actor } from './actor.ts';
import { decide } from './decide.ts';
import type { Facts, ReleaseState } from './facts.ts';
import type { Reason } from './reasons.ts';

interface Done {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** `contentHash`: SHA-256 over the frozen list of patients, submissions and artifact checksums. */
export type ReleaseEvent = Done &
  (
    | { readonly type: 'ReleaseDrafted'; readonly releaseId: string; readonly version: string }
    | { readonly type: 'PublicationAsked'; readonly contentHash: string }
    | { readonly type: 'ReleasePublished'; readonly contentHash: string }
    | { readonly type: 'ReleaseDeprecated'; readonly reason: string }
    | { readonly type: 'ReleaseRetracted'; readonly reason: string }
  );

export type ReleaseCommand =
  | { readonly type: 'draft'; readonly version: string }
  | { readonly type: 'askPublication'; readonly contentHash: string }
  | { readonly type: 'publish'; readonly contentHash: string }
  | { readonly type: 'deprecate'; readonly reason: string }
  | { readonly type: 'retract'; readonly reason: string };

export interface Release {
  readonly id: string;
  readonly version: string;
  readonly state: ReleaseState;
  /** Who asked for publication, and of what; null until somebody has. */
  readonly asked: { readonly by: string; readonly contentHash: string } | null;
  readonly publishedAt: string | null;
  readonly lastReason: string | null;
}

export interface ReleaseContext {
  readonly actor: Actor;
  readonly facts: Facts;
  readonly now: Date;
  /** Versions of the study that there are already. */
  readonly versions: readonly string[];
  /** What the check of the release found: folds that share a patient, artifacts without a checksum, withdrawn patients. */
  readonly problems: readonly string[];
  readonly newId: string;
}

export const RELEASE_REFUSALS = {
  FORBIDDEN: 'You may not do this.',
  WRONG_STATE: 'The release is not in a state in which this can be done.',
  VERSION_INVALID: 'A version is three numbers, such as 1.2.0, and later than every one before.',
  NOT_ASKED: 'A curator has to ask for the publication first.',
  CONTENT_CHANGED: 'The release is not what the curator asked to publish; it has to be asked for again.',
  CHECK_FAILED: 'The release does not keep what a release promises.',
  REASON_MISSING: 'Say why.',
} as const;

export type ReleaseOutcome =
  | { readonly ok: true; readonly event: ReleaseEvent }
  | {
      readonly ok: false;
      readonly refusal: {
        readonly code: keyof typeof RELEASE_REFUSALS;
        readonly reasons: readonly Reason[];
        readonly problems: readonly string[];
      };
    };

const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** Negative where `one` comes before `other`; versions are `major.minor.patch`. */
export const compareVersions = (one: string, other: string): number => {
  const [left, right] = [one.split('.').map(Number), other.split('.').map(Number)];
  const at = [0, 1, 2].find((index) => left[index] !== right[index]);
  return at === undefined ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
};

/** How a release is cited: `1.0.0`, and `1.0.0+w2` when two withdrawals have taken something from what is visible. */
export const citedVersion = (version: string, withdrawals: number): string =>
  withdrawals === 0 ? version : `${version}+w${withdrawals}`;

/** Which action of the role table a command is, and from which states; null: before there is a release. */
const RULES: Readonly<Record<ReleaseCommand['type'], { action: RoleAction; from: readonly (ReleaseState | null)[] }>> =
  {
    draft: { action: 'DRAFT_RELEASE', from: [null] },
    askPublication: { action: 'DRAFT_RELEASE', from: ['DRAFT'] },
    publish: { action: 'PUBLISH_RELEASE', from: ['DRAFT'] },
    deprecate: { action: 'DEPRECATE_RELEASE', from: ['PUBLISHED'] },
    retract: { action: 'RETRACT_RELEASE', from: ['PUBLISHED', 'DEPRECATED'] },
  };

const refused = (
  code: keyof typeof RELEASE_REFUSALS,
  reasons: readonly Reason[] = [],
  problems: readonly string[] = [],
): ReleaseOutcome => ({ ok: false, refusal: { code, reasons, problems } });

/** What a command does to a release: an event, or a refusal. A curator asks, a steward publishes exactly what was asked. */
export const decideReleaseCommand = (
  state: Release | null,
  command: ReleaseCommand,
  context: ReleaseContext,
): ReleaseOutcome => {
  const { actor, facts, now } = context;
  const { action, from } = RULES[command.type];
  const subject = { accountId: null, institutionId: null, coAuthors: [], askedBy: state?.asked?.by ?? null };
  const decision = decide(actor, action, { kind: 'subject', subject }, facts, now);
  if (!decision.allow) {
    const onlyUnasked = state?.asked === null && decision.reasons.every(({ code }) => code === 'SECOND_PERSON_NEEDED');
    return onlyUnasked && state.state === 'DRAFT' ? refused('NOT_ASKED') : refused('FORBIDDEN', decision.reasons);
  }
  if (!from.includes(state?.state ?? null)) return refused('WRONG_STATE');
  const done = { by: actor.kind === 'account' ? actor.accountId : actor.kind, at: now.toISOString() };
  switch (command.type) {
    case 'draft': {
      const { version } = command;
      const later = context.versions.every((other) => compareVersions(version, other) > 0);
      if (!SEMVER.test(version) || !later) return refused('VERSION_INVALID');
      return { ok: true, event: { type: 'ReleaseDrafted', releaseId: context.newId, version, ...done } };
    }
    case 'askPublication':
      return { ok: true, event: { type: 'PublicationAsked', contentHash: command.contentHash, ...done } };
    case 'publish':
      if (state?.asked?.contentHash !== command.contentHash) return refused('CONTENT_CHANGED');
      if (context.problems.length > 0) return refused('CHECK_FAILED', [], context.problems);
      return { ok: true, event: { type: 'ReleasePublished', contentHash: command.contentHash, ...done } };
    case 'deprecate':
      if (command.reason.trim() === '') return refused('REASON_MISSING');
      return { ok: true, event: { type: 'ReleaseDeprecated', reason: command.reason, ...done } };
    case 'retract':
      if (command.reason.trim() === '') return refused('REASON_MISSING');
      return { ok: true, event: { type: 'ReleaseRetracted', reason: command.reason, ...done } };
  }
};

/** The release after one more event. Throws Error for a history that no command of ours can have made. */
export const applyReleaseEvent = (state: Release | null, event: ReleaseEvent): Release => {
  if (event.type === 'ReleaseDrafted') {
    if (state !== null) throw new Error(`the release ${state.id} is drafted twice`);
    const { releaseId: id, version } = event;
    return { id, version, state: 'DRAFT', asked: null, publishedAt: null, lastReason: null };
  }
  if (state === null) throw new Error(`the history of a release begins with ${event.type}`);
  switch (event.type) {
    case 'PublicationAsked':
      return { ...state, asked: { by: event.by, contentHash: event.contentHash } };
    case 'ReleasePublished':
      return { ...state, state: 'PUBLISHED', publishedAt: event.at };
    case 'ReleaseDeprecated':
      return { ...state, state: 'DEPRECATED', lastReason: event.reason };
    case 'ReleaseRetracted':
      return { ...state, state: 'RETRACTED', lastReason: event.reason };
  }
};
