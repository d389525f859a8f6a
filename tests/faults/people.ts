import { randomUUID } from 'node:crypto';
import type { Io } from '../../api/cli/io.ts';
import { runCommand } from '../../api/cli/main.ts';
import { Browser } from '../api/auth/browser.ts';
import { Passing, patiently } from './patience.ts';
import type { World } from './world.ts';

export const NAMES = ['researcher', 'researcher-2', 'signing-official', 'steward', 'steward-2', 'curator'] as const;
export type Name = (typeof NAMES)[number];

/** A command was not carried out, and said so: the outcome that its receipt keeps. */
export class Refused extends Error {
  readonly code: string;
  constructor(what: string, { code, message }: { code: string; message: string }) {
    super(`${what}: ${code}: ${message}`);
    this.code = code;
  }
}

export type Given = Record<string, unknown> & { __typename: string };

/** Somebody of the realm, who repeats what got no answer until there is one. */
export interface Somebody {
  ask<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Gives a command under one id however often it is sent. @throws Refused */
  give(mutation: string, input: Record<string, unknown>, selection?: string): Promise<Given>;
  put(path: string, body: Uint8Array): Promise<Record<string, unknown>>;
  token(): Promise<string>;
  /** A command line, in this process, until it ends with 0. @throws where it ends in a way that does not pass */
  iss(...words: string[]): Promise<string[]>;
}

const MARGIN_MS = 60_000;
/** What a command line ends with when the same words later may do better. */
const LATER =
  /could not be pulled|broke off|does not answer|No server answers|Too many requests|UNAVAILABLE|SERVER_ERROR|Something went wrong|starting/i;

export function somebody(world: World, name: Name): Somebody {
  let known = { token: '', until: 0 };
  const token = async (): Promise<string> => {
    if (Date.now() < known.until - MARGIN_MS) return known.token;
    const answer = await fetch(`${world.services.keycloak.issuer}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'iss-cli', username: name, password: 'demo' }),
    });
    if (!answer.ok) throw new Passing(`${name} is not signed in: ${answer.status}`);
    const { access_token, expires_in } = (await answer.json()) as { access_token: string; expires_in: number };
    known = { token: access_token, until: Date.now() + expires_in * 1000 };
    return access_token;
  };
  let browser: Browser | null = null;
  /** A session of the portal: what stewards decide is taken from no program. */
  const session = async (): Promise<Browser> => {
    if (browser !== null) return browser;
    const fresh = new Browser();
    const page = await fresh.open(`${world.url}/auth/login`);
    if (!page.body.includes('name="password"')) throw new Passing(`no sign-in: ${page.status}`);
    const back = await fresh.submit(page, { username: name, password: 'demo' });
    if (back.status !== 200) throw new Passing(`${name} is not signed in: ${back.status}`);
    browser = fresh;
    return fresh;
  };
  const isSignedIn = async (by: Browser): Promise<boolean> => {
    const page = await by.send(`${world.url}/auth/session`);
    if (page.status !== 200) throw new Passing(`/auth/session answered ${page.status}`);
    return (JSON.parse(page.body) as { signedIn: boolean }).signedIn;
  };
  const send = async (path: string, init: RequestInit): Promise<Record<string, unknown>> => {
    const by = await session();
    const headers = {
      'X-ISS-CSRF': '1',
      origin: new URL(world.url).origin,
      ...(init.headers as Record<string, string>),
    };
    const page = await by.send(new URL(path, world.url).href, { ...init, headers });
    if (page.status >= 500 || page.status === 429) throw new Passing(`${path} answered ${page.status}`);
    const answer = JSON.parse(page.body) as Record<string, unknown>;
    // A renewal that a death cut off ends the session; then one signs in anew.
    if (page.status >= 400 || /UNAUTHENTICATED|NOT_SIGNED_IN|FORBIDDEN/.test(page.body))
      if (!(await isSignedIn(by))) {
        browser = null;
        throw new Passing(`${name} is signed out`);
      }
    return answer;
  };
  const once = async <Data>(query: string, variables: Record<string, unknown>): Promise<Data> => {
    const { data, errors = [] } = (await send('/graphiql/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    })) as { data: Data; errors?: { message: string; extensions?: { code?: string } }[] };
    for (const { message, extensions } of errors) {
      const code = extensions?.code ?? '';
      const passes = ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE', 'SERVICE_UNAVAILABLE'].includes(code);
      throw passes ? new Passing(message) : new Refused(name, { code, message });
    }
    return data;
  };
  return {
    token,
    ask: (query, variables = {}) => patiently(`${name} asks`, () => once(query, variables)),
    async give(mutation, input, selection = '__typename') {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
      const text = `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { __typename ... on ExpectedError { code message } ... on ${type}Success { ${selection} } } }`;
      const named = { input: { ...input, commandId: randomUUID() } };
      const answer = await patiently(`${name} ${mutation}`, () => once<Record<string, Given>>(text, named));
      const given = answer[mutation]!;
      if (given.__typename !== `${type}Success`)
        throw new Refused(`${name} ${mutation}`, given as unknown as { code: string; message: string });
      return given;
    },
    put: (path, body) => patiently(`${name} PUT`, () => send(path, { method: 'PUT', body: body as BodyInit })),
    iss: (...words) =>
      patiently(`${name} iss ${words[0]}`, async () => {
        const lines: string[] = [];
        const notes: string[] = [];
        const code = await runCommand(
          ['node', 'iss', ...words],
          terminal(await environment(world, await token()), lines, notes),
        );
        if (code === 0) return lines;
        const said = [...lines, ...notes].join('\n');
        throw LATER.test(said) ? new Passing(said) : new Error(`iss ${words.join(' ')}: ${code}: ${said}`);
      }),
  };
}

const environment = async (world: World, token: string): Promise<Record<string, string>> => ({
  ISS_URL: world.url,
  ISS_TOKEN: token,
  ISS_CONFIG_DIR: `${world.dataDirectory}.cli`,
});

function terminal(environment: Record<string, string>, lines: string[], notes: string[]): Io {
  return {
    environment,
    signal: new AbortController().signal,
    print: (line) => void lines.push(line),
    note: (line) => void notes.push(line),
    progress: { show: () => {}, clear: () => {} },
    ask: async () => null,
    now: () => new Date(),
    sleep: (milliseconds) => new Promise((wake) => setTimeout(wake, Math.min(milliseconds, 500))),
    fetch,
  };
}
