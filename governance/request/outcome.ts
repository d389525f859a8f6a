import type { Outcome, RequestFacts } from './commands.ts';
import type { RequestEvent } from './events.ts';
import type { RefusalCode } from './refusals.ts';

type Bare<Event> = Event extends unknown ? Omit<Event, 'by' | 'at'> : never;

/** An event without who and when, which `happened` adds. */
export type BareEvent = Bare<RequestEvent>;

/** The account that acts, or `system:clock`. */
export const actorId = (facts: Pick<RequestFacts, 'actor'>): string =>
  facts.actor.kind === 'account' ? facts.actor.accountId : facts.actor.kind;

/** Events of now, by who acts. */
export const done = (facts: RequestFacts, events: readonly BareEvent[]): readonly RequestEvent[] => {
  const signed = { by: actorId(facts), at: facts.now.toISOString() };
  return events.map((event) => ({ ...event, ...signed }));
};

/** The outcome of a command that is done. */
export const happened = (facts: RequestFacts, ...events: readonly BareEvent[]): Outcome => ({
  ok: true,
  events: done(facts, events),
});

/** The outcome of a command that is not. */
export const refused = (code: RefusalCode, subject: string | null = null): Outcome => ({
  ok: false,
  refusal: { code, subject },
});
