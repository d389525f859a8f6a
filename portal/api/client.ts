import { forgetTexts } from './kept-text.ts';
import type { Operation } from './operation.ts';

/** Says that a request comes from our own page; the session's cookie alone changes nothing. */
export const OUR_PAGE = { 'X-ISS-CSRF': '1' } as const;

/** One unmet requirement, in the API's own words. */
export interface ToldReason {
  readonly code: string;
  readonly sentence: string;
  readonly subject: string | null;
  readonly whoActsNext: string;
}

/** What the API says is wrong: with a whole answer, or with one field of it. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
  readonly reasons: readonly ToldReason[];
}

export interface Answer<Data> {
  readonly data: Data | null;
  readonly problems: readonly Problem[];
}

/** The server cannot be reached: no network, or it is starting again. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

interface WireError {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string; reasons?: ToldReason[] };
}

/** Sends a named operation. @throws Unreachable */
export async function send<Data, Variables>(
  operation: Operation<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Answer<Data>> {
  let response: Response;
  let body: { data?: Data | null; errors?: WireError[]; error?: { code: string; message: string } };
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...OUR_PAGE },
      body: JSON.stringify({ documentId: operation.id, variables }),
      ...(signal && { signal }),
    });
    body = await response.json();
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new Unreachable('The server cannot be reached.');
  }
  if (response.status === 502 || response.status === 503)
    throw new Unreachable('The server is not there for a moment.');
  const problems = (body.errors ?? []).map(problemOf);
  if (body.error) problems.push({ code: body.error.code, message: body.error.message, path: [], reasons: [] });
  return { data: body.data ?? null, problems };
}

const problemOf = ({ message, path, extensions }: WireError): Problem => ({
  code: extensions?.code ?? 'INTERNAL',
  message,
  path: path ?? [],
  reasons: extensions?.reasons ?? [],
});

/** A random UUID; `crypto.randomUUID` is absent where the portal is not served by https. */
export function newCommandId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Address that signs in and comes back to this page. */
export const signInAddress = (): string =>
  `/auth/login?return=${encodeURIComponent(location.pathname + location.search + location.hash)}`;

/**
 * Ends the session here and at the sign-in service, tells the other tabs, and leaves the page.
 * @returns false where the server did not end it: one is still signed in
 */
export async function signOut(): Promise<boolean> {
  const ended = await fetch('/auth/logout', { method: 'POST', headers: OUR_PAGE }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!ended) return false;
  forgetTexts();
  new BroadcastChannel('iss-session').postMessage('ended');
  location.assign('/');
  return true;
}

/** What a file became on the server, or why it was not taken. */
export type Upload =
  | { readonly ok: true; readonly sha256: string; readonly contentType: string; readonly bytes: number }
  | { readonly ok: false; readonly message: string };

/** Sends a file to /uploads. @throws Unreachable */
export async function upload(file: File): Promise<Upload> {
  try {
    const response = await fetch('/uploads', {
      method: 'PUT',
      headers: { 'Content-Type': file.type || 'application/octet-stream', ...OUR_PAGE },
      body: file,
    });
    const body = (await response.json()) as { sha256: string; contentType: string; bytes: number; title?: string };
    if (response.ok) return { ok: true, sha256: body.sha256, contentType: body.contentType, bytes: body.bytes };
    return { ok: false, message: body.title ?? 'The file was not taken.' };
  } catch {
    throw new Unreachable('The server cannot be reached.');
  }
}
