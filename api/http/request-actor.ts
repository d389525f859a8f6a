import type { AccountActor, AnonymousActor } from '../../governance/actor.ts';

/** Who a request comes from. */
export type RequestActor = AccountActor | AnonymousActor;
