import type { z } from 'zod';
import { type Arriving, arrive } from './arrive.ts';
import { CommandFailed, type RefusalReason, refused, wrongUsage } from './exit.ts';
import { type GraphqlError, readAnswer } from './graphql-answer.ts';
import type { Io } from './io.ts';
import { reasonsOf } from './reasons.ts';
import { serverUrl } from './server-url.ts';
import { noServer, openSession, type Session } from './session.ts';
import { safe } from './terminal.ts';
import { configDirectory, tokenStore } from './token-store.ts';

/** The server, as the signed-in person. */
export interface Client {
  /** Its origin. */
  server: string;
  session: Session;
  /**
   * Sends one operation. An answer with errors, even beside data, is a failure: half an answer would be taken for a whole.
   * @throws CommandFailed
   */
  graphql<Shape extends z.ZodType>(
    text: string,
    variables: Record<string, unknown>,
    shape: Shape,
    options?: RequestOptions,
  ): Promise<z.infer<Shape>>;
  /** A request to another path of the server, with the token. What the network does is thrown as it is. */
  send(path: string, init?: RequestInit & { duplex?: 'half' }): Promise<Response>;
  /** The same for what is large and comes piece by piece. */
  arrive(path: string, init: { headers: Record<string, string>; signal: AbortSignal }): Promise<Arriving>;
}

export interface RequestOptions {
  /** The grant to act for. */
  grant?: string | undefined;
  signal?: AbortSignal;
  /** How often a server that does not answer is asked again, a second apart: 0 at first contact, many while a job runs. */
  patience?: number;
  /** How long one answer may take, in ms; a minute unless given. */
  timeoutMs?: number;
  /** Takes an answer in which the policy left fields out, and is told why; without it that is a failure. */
  onLeftOut?: (reasons: readonly RefusalReason[]) => void;
}

/** A slow statement of the server has its own limit well below, in ms. */
const TIMEOUT_MS = 60_000;
const BUSY_TRIES = 6;

/** @param options.anonymous for what is open: no token is looked for or sent */
export function openClient(io: Io, { anonymous = false }: { anonymous?: boolean } = {}): Client {
  const server = serverUrl(io.environment);
  const session = openSession(server, tokenStore(configDirectory(io.environment), io), io);

  /** The token goes to the server's own origin only, and is renewed once where it is refused. @param drop null for what cannot be sent again */
  async function withToken<Answer extends { status: number }>(
    path: string,
    given: RequestInit['headers'],
    ask: (url: URL, headers: Headers) => Promise<Answer>,
    drop: ((answer: Answer) => unknown) | null,
  ): Promise<Answer> {
    const url = new URL(path, server);
    if (url.origin !== server) throw new CommandFailed(`An address of another server was given: ${safe(url.origin)}.`);
    const headers = new Headers(given);
    if (anonymous) return ask(url, headers);
    const token = await session.token();
    const once = (bearer: string): Promise<Answer> => {
      headers.set('Authorization', `Bearer ${bearer}`);
      return ask(url, headers);
    };
    const answer = await once(token);
    if (answer.status !== 401 || drop === null) return answer;
    const fresh = await session.renew(token);
    if (fresh === null) return answer;
    await drop(answer);
    return once(fresh);
  }

  const send = (path: string, init: RequestInit & { duplex?: 'half' } = {}): Promise<Response> =>
    withToken(
      path,
      init.headers,
      (url, headers) => io.fetch(url, { redirect: 'error', ...init, headers }),
      // A body that is a stream is used up; the caller sends it again.
      init.duplex ? null : (answer) => answer.body?.cancel(),
    );

  async function post(body: string, options: RequestOptions): Promise<Response> {
    const headers: Record<string, string> = {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json, application/json;q=0.9',
      ...(options.grant && { 'ISS-Grant': options.grant }),
    };
    const ends = options.signal ?? io.signal;
    for (let tries = 0, busy = 0; ; ) {
      try {
        const signal = AbortSignal.any([ends, AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)]);
        const response = await send('/graphql', { method: 'POST', headers, body, signal });
        if (response.status !== 429 && response.status !== 503) return response;
        busy += 1;
        if (busy > BUSY_TRIES) return response;
        const seconds = retryAfter(response, io.now()) ?? 1;
        await response.body?.cancel();
        await io.sleep(seconds * 1000, ends);
      } catch (error) {
        ends.throwIfAborted();
        if (error instanceof CommandFailed) throw error;
        if (tries >= (options.patience ?? 0)) throw unreachable(server, error);
        tries += 1;
        await io.sleep(1000, ends);
      }
    }
  }

  function tokenRefused(why = ''): CommandFailed {
    const [what, next] = io.environment.ISS_TOKEN
      ? ['ISS_TOKEN', 'Set another, or unset it and run iss login.']
      : ['the login', 'Run iss login.'];
    return new CommandFailed(`${server} does not accept ${what}. ${why} ${next}`.replace('  ', ' '), {
      code: 'NOT_SIGNED_IN',
    });
  }

  return {
    server,
    session,
    send,
    arrive: (path, { headers, signal }) =>
      withToken(
        path,
        headers,
        (url, all) => arrive(url, { headers: all, signal }),
        (answer) => answer.cancel(),
      ),
    async graphql(text, variables, shape, options = {}) {
      const response = await post(JSON.stringify({ query: text, variables }), options);
      const answer = readAnswer(await response.text().catch(() => ''));
      if (!answer) throw response.status === 401 ? tokenRefused() : strangeAnswer(server, response);
      if (answer.errors.length > 0) {
        const leftOut =
          answer.data !== null && answer.errors.every(({ extensions }) => extensions.code === 'FORBIDDEN');
        if (answer.errors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED'))
          throw tokenRefused(answer.errors[0]?.message);
        if (!leftOut || !options.onLeftOut) throw failureOf(answer.errors);
        options.onLeftOut(answer.errors.flatMap(({ extensions }) => reasonsOf(extensions.reasons ?? [])));
      }
      const data = shape.safeParse(answer.data);
      if (data.success) return data.data;
      const where = data.error.issues[0];
      throw new CommandFailed(
        `${server} answered in a form that this version does not know (${safe(where?.path.join('.') ?? '')}): are both of the same version?`,
        { code: 'ANSWER_UNKNOWN', cause: data.error },
      );
    },
  };
}

/** Seconds that a Retry-After header asks for (RFC 9110, 10.2.3), at most a minute; null without one. */
export function retryAfter(response: Pick<Response, 'headers'>, now: Date): number | null {
  const text = response.headers.get('Retry-After');
  if (text === null) return null;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  return Number.isFinite(seconds) ? Math.min(60, Math.max(0, seconds)) : null;
}

/** The server cannot be reached, and what to do about it. */
export function unreachable(server: string, error: unknown): CommandFailed {
  const cause = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  const why = cause.code ?? (error as Error).name;
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(why))
    return new CommandFailed(noServer(server), { code: 'NO_SERVER', cause: error });
  return new CommandFailed(`The connection to ${server} broke off (${safe(why)}).`, {
    code: 'CONNECTION',
    cause: error,
  });
}

function strangeAnswer(server: string, response: Response): CommandFailed {
  return new CommandFailed(
    `${server} answered ${response.status} and no GraphQL: is it an ISS server? ISS_URL says which is asked.`,
    { code: 'ANSWER_UNKNOWN' },
  );
}

function failureOf(errors: readonly GraphqlError[]): CommandFailed {
  const codes = errors.map(({ extensions }) => extensions.code ?? '');
  const reasons: RefusalReason[] = errors.flatMap(({ extensions }) => reasonsOf(extensions.reasons ?? []));
  const first = errors[0]!;
  if (codes.includes('FORBIDDEN') || reasons.length > 0) return refused(first.message, reasons);
  const word = /("[^"]*") is no value of \w+: (.+)\.$/.exec(first.message);
  if (word) return wrongUsage(`${word[1]} is not taken here; there are: ${word[2]}.`);
  const { id: number } = first.extensions;
  const id = number && !first.message.includes(number) ? ` (error ${number})` : '';
  return new CommandFailed(`${first.message}${id}`, { code: first.extensions.code ?? 'FAILED' });
}
