import { inject } from 'vitest';
import type { ServerFacts } from './global-server.ts';

/** The server of this run, ready; the first who asks waits until the study is made. */
export async function wholeServer(): Promise<ServerFacts> {
  return factsFrom(await asked('/server', 'GET'));
}

/** Stops the server and starts it again on the same folder and port. */
export async function restartServer(): Promise<ServerFacts> {
  return factsFrom(await asked('/restart', 'POST'));
}

/** The desk says 202 while the server is not ready; then it is asked again, without a second restart. */
async function asked(path: string, method: string): Promise<Response> {
  const response = await fetch(`${inject('wholeServer')}${path}`, { method });
  return response.status === 202 ? asked('/server', 'GET') : response;
}

async function factsFrom(response: Response): Promise<ServerFacts> {
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as ServerFacts;
}

export interface Problem {
  message: string;
  path?: (string | number)[];
  extensions: {
    code: string;
    reasons?: { code: string; subject: string | null; sentence: string; whoActsNext: string }[];
    [key: string]: unknown;
  };
}

/** An answer of GraphQL; its data has the shape that the query asks for. */
export interface Answer<Data> {
  status: number;
  data: Data;
  errors: Problem[];
}

/** Somebody who speaks to the server over HTTP: a demo account by its token, or a stranger. */
export interface Person {
  token: string | null;
  ask<Data = Record<string, unknown>>(query: string, variables?: Record<string, unknown>): Promise<Answer<Data>>;
  /** A request to any address of the server, as this person. */
  fetch(url: string, init?: RequestInit & { headers?: Record<string, string> }): Promise<Response>;
}

/** Signs in as a demo account with the password grant, as a script would; null is a stranger. */
export async function person(server: ServerFacts, username: string | null): Promise<Person> {
  return personWith(server, username === null ? null : await tokenOf(server, username));
}

export function personWith(server: ServerFacts, token: string | null): Person {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const send = (url: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(new URL(url, server.url), { ...init, headers: { ...headers, ...init.headers } });
  return {
    token,
    fetch: send,
    async ask<Data>(query: string, variables?: Record<string, unknown>) {
      const response = await send('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const body = (await response.json()) as { data?: Data; errors?: Problem[] };
      return { status: response.status, data: body.data as Data, errors: body.errors ?? [] };
    },
  };
}

async function tokenOf(server: ServerFacts, username: string): Promise<string> {
  const config = (await (await fetch(`${server.url}/auth/config`)).json()) as { issuer: string; clientId: string };
  const response = await fetch(`${config.issuer}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: config.clientId,
      username,
      password: 'demo',
      scope: 'openid',
    }),
  });
  if (!response.ok) throw new Error(`${username} could not sign in: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
