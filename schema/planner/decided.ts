import type { Actor } from '../../governance/actor.ts';
import { decide, decideModalities } from '../../governance/decide.ts';
import type { DataDecisions } from '../../governance/decision.ts';
import type { ReleaseRecord, Situation } from '../context.ts';

/** What one actor may know of and read in a situation; worked out once, since a situation does not change. */
export class Decided {
  /** Releases that the actor may know of, the highest version first. */
  readonly releases: readonly ReleaseRecord[];
  /** The same as text, to compare by. */
  readonly releasesText: string;
  private readonly situation: Situation;
  private readonly actor: Actor;
  private readonly byRelease = new Map<string, { readonly decisions: DataDecisions; readonly text: string }>();

  constructor(situation: Situation, actor: Actor) {
    this.situation = situation;
    this.actor = actor;
    const { facts, at } = situation;
    this.releases = situation.releases.filter(
      (release) => decide(actor, 'VIEW_RELEASE', { kind: 'release', release }, facts, at).allow,
    );
    this.releasesText = JSON.stringify([
      facts.policy.timeZone,
      ...this.releases.map(({ id, state, version }) => [id, state, version]),
    ]);
  }

  /** What is decided about a release of `releases`, for all modalities, and the same as text. */
  of(release: ReleaseRecord): { readonly decisions: DataDecisions; readonly text: string } {
    const known = this.byRelease.get(release.id);
    if (known !== undefined) return known;
    const decisions = decideModalities(this.actor, 'READ', release, this.situation.facts, this.situation.at);
    const made = { decisions, text: JSON.stringify(decisions) };
    this.byRelease.set(release.id, made);
    return made;
  }
}

const remembered = new WeakMap<Situation, Map<string, Decided>>();

/** The decisions of an actor in a situation. */
export const decidedIn = (situation: Situation, actor: Actor): Decided => {
  const key = JSON.stringify(actor);
  let byActor = remembered.get(situation);
  if (byActor === undefined) {
    byActor = new Map();
    remembered.set(situation, byActor);
  }
  let decided = byActor.get(key);
  if (decided === undefined) {
    decided = new Decided(situation, actor);
    byActor.set(key, decided);
  }
  return decided;
};
