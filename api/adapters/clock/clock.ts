import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';

/** The time, handed in wherever a decision depends on it. */
export interface Clock {
  now(): Date;
}

/** New ids and randomness, handed in so that tests can repeat a run. */
export interface Ids {
  /** UUIDv7 (RFC 9562): ordered by time, so that indexes stay compact, and 74 bits that nobody guesses. */
  uuid(): string;
  random(bytes: number): Buffer;
}

export const systemClock: Clock = { now: () => new Date() };

export const systemIds: Ids = { uuid: () => v7(), random: (bytes) => randomBytes(bytes) };
