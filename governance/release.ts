import type { RoleAction } from './actions.ts';
import type { Actor } from './actor.ts';
import { decide } from './decide.ts';
import type { Facts, ReleaseState } from './facts.ts';
import type { Reason } from './reasons.ts';
import {
  baseOf,
  changesTooLarge,
  compareVersions,
  isVersion,
  nextVersion,
  type ReleaseChange,
} from './release-version.ts';
import { isSeen } from './seen-signs.ts';

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
    | { readonly type: 'ErratumAdded'; readonly erratum: Erratum }
  );

/** A known mistake of a release, and what to make of it. Added, never removed or changed. */
export interface Erratum {
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What it is about: a patient's code is nothing for here, since everybody reads it. */
  readonly concerns: string;
  readonly text: string;
  /** The version in which it is put right; null while there is none. */
  readonly correctedIn: string | null;
}

export type ReleaseCommand =
  | { readonly type: 'draft'; readonly version: string }
  | { readonly type: 'askPublication'; readonly contentHash: string }
  | { readonly type: 'publish'; readonly contentHash: string }
  | { readonly type: 'deprecate'; readonly reason: string }
  | { readonly type: 'retract'; readonly reason: string }
  | {
      readonly type: 'addErratum';
      readonly concerns: string;
      readonly text: string;
      readonly correctedIn: string | null;
    };

export interface Release {
  readonly id: string;
  readonly version: string;
  readonly state: ReleaseState;
  /** Who asked for publication, and of what; null until somebody has. */
  readonly asked: { readonly by: string; readonly contentHash: string } | null;
  readonly publishedAt: string | null;
  readonly lastReason: string | null;
  readonly errata: readonly Erratum[];
}

/** The last check of a release that came to an end, of whatever content it then had. */
export interface ReleaseCheckFacts {
  readonly contentHash: string;
  readonly endedAt: Date;
  /** Whether every byte was read and compared with its checksum. */
  readonly checksums: boolean;
  readonly problems: readonly string[];
}

/** How old a check may be that a publication rests on: files are not watched in between. */
export const CHECK_HOURS = 24;

export interface ReleaseContext {
  readonly actor: Actor;
  readonly facts: Facts;
  readonly now: Date;
  /** Versions of the study that there are already, this release's own not among them; `published` are those that were ever. */
  readonly versions: readonly string[];
  readonly published: readonly string[];
  /** How the release differs from the published one that its version follows; none where it is the first. */
  readonly changes: readonly ReleaseChange[];
  /** The newest check of this release's content as it now is; null where there is none. */
  readonly check: ReleaseCheckFacts | null;
  /** What is wrong at this moment, whatever the check found then: patients who have withdrawn since. */
  readonly problems: readonly string[];
  readonly newId: string;
}

export const RELEASE_REFUSALS = {
  FORBIDDEN: 'You may not do this.',
  WRONG_STATE: 'The release is not in a state in which this can be done.',
  VERSION_INVALID: 'A version is three numbers, such as 1.2.0, and later than every one before.',
  NOT_ASKED: 'A curator has to ask for the publication first.',
  CONTENT_CHANGED: 'The release is not what the curator asked to publish; it has to be asked for again.',
  VERSION_TOO_SMALL: 'The version promises more than is true of what has changed.',
  CHECK_NEEDED: `The release has to be checked first, every byte of it, within ${CHECK_HOURS} hours of its publication.`,
  CHECK_FAILED: 'The release does not keep what a release promises.',
  REASON_MISSING: 'Say why.',
  TEXT_TOO_LONG: 'The text is too long.',
} as const;

export type ReleaseOutcome =
  | { readonly ok: true; readonly event: ReleaseEvent }
  | {
      readonly ok: false;
      readonly refusal: {
        readonly code: keyof typeof RELEASE_REFUSALS;
        readonly reasons: readonly Reason[];
        readonly problems: readonly string[];
        /** VERSION_TOO_SMALL: what the number does not allow, and the first that does. */
        readonly changes: readonly ReleaseChange[];
        readonly nextVersion: string | null;
      };
    };

/** Characters of a reason or an erratum at most. */
export const MOST_WORDS = 4000;

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
    // A draft has none yet: what is wrong with it is put right.
    addErratum: { action: 'ADD_ERRATUM', from: ['PUBLISHED', 'DEPRECATED', 'RETRACTED'] },
  };

const refused = (
  code: keyof typeof RELEASE_REFUSALS,
  reasons: readonly Reason[] = [],
  problems: readonly string[] = [],
): ReleaseOutcome => ({ ok: false, refusal: { code, reasons, problems, changes: [], nextVersion: null } });

/** Null where the version says no more than is true of what has changed since the published one before it. */
const versionRefusal = (version: string, context: ReleaseContext): ReleaseOutcome | null => {
  const base = baseOf(
    version,
    context.published.map((one) => ({ version: one })),
  );
  if (base === null) return null;
  const changes = changesTooLarge(base.version, version, context.changes);
  if (changes.length === 0) return null;
  const next = nextVersion(base.version, context.changes);
  return {
    ok: false,
    refusal: { code: 'VERSION_TOO_SMALL', reasons: [], problems: [], changes, nextVersion: next },
  };
};

const wordsRefusal = (...words: readonly string[]): ReleaseOutcome | null => {
  if (words.some((word) => !isSeen(word))) return refused('REASON_MISSING');
  return words.some((word) => word.length > MOST_WORDS) ? refused('TEXT_TOO_LONG') : null;
};

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
      if (!isVersion(version) || !later) return refused('VERSION_INVALID');
      return (
        versionRefusal(version, context) ?? {
          ok: true,
          event: { type: 'ReleaseDrafted', releaseId: context.newId, version, ...done },
        }
      );
    }
    case 'askPublication':
      return { ok: true, event: { type: 'PublicationAsked', contentHash: command.contentHash, ...done } };
    case 'publish':
      return (
        publication(state, command.contentHash, context) ?? {
          ok: true,
          event: { type: 'ReleasePublished', contentHash: command.contentHash, ...done },
        }
      );
    case 'deprecate':
      return (
        wordsRefusal(command.reason) ?? {
          ok: true,
          event: { type: 'ReleaseDeprecated', reason: command.reason.trim(), ...done },
        }
      );
    case 'retract':
      return (
        wordsRefusal(command.reason) ?? {
          ok: true,
          event: { type: 'ReleaseRetracted', reason: command.reason.trim(), ...done },
        }
      );
    case 'addErratum': {
      const { concerns, text, correctedIn } = command;
      if (correctedIn !== null && !isVersion(correctedIn)) return refused('VERSION_INVALID');
      const number = Math.max(0, ...(state?.errata ?? []).map((one) => one.number)) + 1;
      const erratum: Erratum = { number, at: done.at, concerns: concerns.trim(), text: text.trim(), correctedIn };
      return wordsRefusal(concerns, text) ?? { ok: true, event: { type: 'ErratumAdded', erratum, ...done } };
    }
  }
};

/** Why a draft that was asked for is not published; null where it is. */
const publication = (state: Release | null, contentHash: string, context: ReleaseContext): ReleaseOutcome | null => {
  if (state?.asked?.contentHash !== contentHash) return refused('CONTENT_CHANGED');
  // A later one was published while this was a draft.
  if (context.published.some((other) => compareVersions(state.version, other) <= 0)) return refused('VERSION_INVALID');
  const { check, now } = context;
  const fresh =
    check?.checksums &&
    check.contentHash === contentHash &&
    now.getTime() - check.endedAt.getTime() < CHECK_HOURS * 3_600_000;
  const problems = [...(check?.problems ?? []), ...context.problems];
  // What is known to be wrong is said before a further check is asked for.
  if (problems.length > 0) return refused('CHECK_FAILED', [], problems);
  return fresh ? versionRefusal(state.version, context) : refused('CHECK_NEEDED');
};

/** The release after one more event. Throws Error for a history that no command of ours can have made. */
export const applyReleaseEvent = (state: Release | null, event: ReleaseEvent): Release => {
  if (event.type === 'ReleaseDrafted') {
    if (state !== null) throw new Error(`the release ${state.id} is drafted twice`);
    const { releaseId: id, version } = event;
    return { id, version, state: 'DRAFT', asked: null, publishedAt: null, lastReason: null, errata: [] };
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
    case 'ErratumAdded':
      return { ...state, errata: [...state.errata, event.erratum] };
  }
};
