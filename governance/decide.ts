import { isRoleAction } from './actions.ts';
import type { Actor } from './actor.ts';
import { decideData, decideForPerson } from './decide-data.ts';
import { decideRelease, decideRole } from './decide-role.ts';
import { type Action, type DataDecisions, type Decision, type Resource, reason, refuse } from './decision.ts';
import type { Facts, ReleaseFacts } from './facts.ts';
import { chooseGrant } from './grant-choice.ts';
import { MODALITIES, type Modality } from './modality.ts';
import { personOf } from './person.ts';
import { grantFilter, type RowFilter, rowReasons, staffFilter } from './rows.ts';
import type { Use } from './use.ts';

/** The row filter that goes with an allowed decision: that of its grant's purpose, or of staff. Null for a refusal. */
export const rowFilterOf = (decision: Decision, now: Date): RowFilter | null => {
  if (!decision.allow) return null;
  return decision.basis.kind === 'grant' ? grantFilter(decision.basis.purpose, now) : staffFilter(now);
};

const decideRow = (actor: Actor, use: Use, resource: Resource & { kind: 'row' }, facts: Facts, now: Date): Decision => {
  const { modality, release, row, span } = resource;
  const decision = decideData(actor, use, modality, release, facts, now);
  // Refused already, the log still learns what else stood in the way; without a grant there is no purpose to compare.
  const purpose = actor.kind === 'account' ? chooseGrant(actor, facts, now).grant?.purpose : undefined;
  const filter = rowFilterOf(decision, now) ?? (purpose === undefined ? staffFilter(now) : grantFilter(purpose, now));
  const unmet = rowReasons(row, filter, { modality, span });
  return unmet.length === 0 ? decision : refuse([...(decision.allow ? [] : decision.reasons), ...unmet]);
};

/**
 * The one decision. May this actor do this, to this, given these facts, at this moment? Refused, it says every unmet
 * requirement, not the first. Pure: everything that it reads is passed in. Never throws for facts of the right shape.
 *
 * A use of data (READ, RUN, EXPORT) is decided for a `modality` or a `row`; VIEW_RELEASE for a `release`; everything
 * else for a `subject` or `none`.
 */
export const decide = (actor: Actor, action: Action, resource: Resource, facts: Facts, now: Date): Decision => {
  if (action === 'VIEW_RELEASE') return decideRelease(actor, resource, facts, now);
  if (isRoleAction(action)) return decideRole(actor, action, resource, facts, now);
  switch (resource.kind) {
    case 'modality':
      return decideData(actor, action, resource.modality, resource.release, facts, now);
    case 'row':
      return decideRow(actor, action, resource, facts, now);
    default:
      // A use of nothing in particular has no rule, and no rule means no.
      return refuse([reason('MODALITY_NOT_GRANTED')]);
  }
};

/** decide() for every modality of a release at once, what they share being worked out once. */
export const decideModalities = (
  actor: Actor,
  use: Use,
  release: ReleaseFacts | null,
  facts: Facts,
  now: Date,
): DataDecisions => {
  const person = actor.kind === 'account' ? personOf(actor, facts, now) : null;
  const decideOne = (modality: Modality): Decision =>
    actor.kind === 'account' && person !== null
      ? decideForPerson(actor, person, use, modality, release, facts, now)
      : decideData(actor, use, modality, release, facts, now);
  return Object.fromEntries(MODALITIES.map((modality) => [modality, decideOne(modality)])) as Record<
    Modality,
    Decision
  >;
};
