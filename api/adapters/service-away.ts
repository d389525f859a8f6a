/** Codes of connections that did not come about or were lost (Node), of a PostgreSQL that ends, starts, or has no connection left (its appendix A). */
const CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|57P0[123]|53300|08\w{3})$/;
/** node-postgres gives some of them without a code. */
const TEXTS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;
const DEEPEST = 5;

/** Whether an error says that a service (database, object store) does not answer, rather than that it refuses: the same may do later. */
export function saysAway(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > DEEPEST) return false;
  const { code } = error as NodeJS.ErrnoException;
  if ((typeof code === 'string' && CODES.test(code)) || TEXTS.test(error.message)) return true;
  // What the AWS SDK says of a server that is silent.
  return error.name === 'TimeoutError' || saysAway(error.cause, depth + 1);
}

/** What is said to whoever asked meanwhile. */
export const AWAY = {
  code: 'SERVICE_UNAVAILABLE',
  title: 'A service that this needs does not answer at the moment. Try again in a few seconds.',
  retryAfterSeconds: 5,
} as const;
