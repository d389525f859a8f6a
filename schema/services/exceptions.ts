import type { PersonFacts } from './people.ts';
import type { PageAsked, PageOf, Result, Seen } from './result.ts';

export interface ExceptionDetails {
  readonly id: string;
  readonly curator: PersonFacts | null;
  readonly study: string;
  /** Version of the release. */
  readonly release: string;
  readonly reason: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Who ended it before its time; null where nobody did. */
  readonly endedBy: PersonFacts | null;
}

type Done = { readonly exception: ExceptionDetails };

export interface ExceptionCommands {
  open(input: {
    readonly study: string | null;
    readonly release: string | null;
    readonly hours: number;
    readonly reason: string;
  }): Promise<
    Result<Done, 'RELEASE_UNKNOWN' | 'REASON_MISSING' | 'HOURS_INVALID' | 'EXCEPTION_OPEN' | 'EXCEPTION_LIMIT'>
  >;
  /** By who opened it, or a steward. One that has ended stays as it is. */
  end(id: string): Promise<Result<Done, 'EXCEPTION_UNKNOWN'>>;
  /** All of them for who reads the log, a curator's own for them; newest first. */
  list(asked: PageAsked): Promise<Seen<PageOf<ExceptionDetails>>>;
}

export interface SettingDetails {
  readonly key: string;
  readonly value: unknown;
  readonly default: unknown;
  readonly does: string;
  /** Null until somebody sets it. */
  readonly changedAt: Date | null;
  readonly changedBy: PersonFacts | null;
}

export interface SettingCommands {
  list(): Promise<Seen<readonly SettingDetails[]>>;
  change(input: {
    readonly key: string;
    readonly value: unknown;
    readonly reason: string;
  }): Promise<Result<{ readonly setting: SettingDetails }, 'SETTING_UNKNOWN' | 'SETTING_INVALID' | 'REASON_MISSING'>>;
}
