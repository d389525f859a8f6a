/** Codes of connections that did not come about or were lost (Node), of a PostgreSQL that ends, starts, or has no connection left (its appendix A). */
const AWAY_CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|57P0[123]|53300|08\w{3})$/;
/** node-postgres gives some of them without a code. */
const AWAY_TEXTS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;
/** disk_full of PostgreSQL's appendix A. */
const FULL = '53100';
const DEEPEST = 5;

/** What keeps a request from being answered and will pass, as it is said to whoever asked. */
export interface Trouble {
  readonly status: 503 | 507;
  readonly code: string;
  readonly title: string;
  readonly retryAfterSeconds: number;
}

/** A service (database, object store) that does not answer, rather than one that refuses: the same may do in a moment. */
const AWAY: Trouble = {
  status: 503,
  code: 'SERVICE_UNAVAILABLE',
  title: 'A service that this needs does not answer at the moment. Try again in a few seconds.',
  retryAfterSeconds: 5,
};
/** A database that can write nothing: its transaction is undone, and no program of ours makes room. */
const NO_ROOM: Trouble = {
  status: 507,
  code: 'STORE_FULL',
  title: 'The server has no space left, so nothing of this was done. Try again once its operator has made room.',
  retryAfterSeconds: 10,
};

/** The passing trouble behind an error; null for every other error. */
export function troubleOf(error: unknown, depth = 0): Trouble | null {
  if (!(error instanceof Error) || depth > DEEPEST) return null;
  const { code } = error as NodeJS.ErrnoException;
  if (code === FULL) return NO_ROOM;
  if ((typeof code === 'string' && AWAY_CODES.test(code)) || AWAY_TEXTS.test(error.message)) return AWAY;
  // What the AWS SDK says of a server that is silent.
  return error.name === 'TimeoutError' ? AWAY : troubleOf(error.cause, depth + 1);
}
