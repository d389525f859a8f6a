import type { PageAsked, PageOf, Result, Seen } from './result.ts';

/** A message that has not left, or of which that is not known. */
export interface UnsentMailFacts {
  readonly id: string;
  readonly template: string;
  readonly address: string;
  readonly state: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly queuedAt: Date;
  readonly triedAt: Date | null;
}

export interface MailCommands {
  /** Oldest first. */
  unsent(page: PageAsked): Promise<Seen<PageOf<UnsentMailFacts>>>;
  sendAgain(id: string): Promise<Result<{ readonly id: string }, 'MAIL_UNKNOWN'>>;
}
