import { once } from 'node:events';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { text } from 'node:stream/consumers';

/** An answer whose bytes are taken as they come. */
export interface Arriving {
  status: number;
  headers: Headers;
  body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
  /** Takes no more of it. */
  cancel(): void;
}

/** Asks for what is large. By Node's own client: `fetch` passes every piece through a web stream, which costs as much again as all else of a pull. No redirect is followed. */
export async function arrive(
  url: URL,
  { headers, signal }: { headers: Headers; signal: AbortSignal },
): Promise<Arriving> {
  const request = (url.protocol === 'https:' ? getHttps : getHttp)(url, {
    headers: Object.fromEntries(headers),
    signal,
  });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const pairs = Object.entries(answer.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
  return {
    status: answer.statusCode ?? 0,
    headers: new Headers(pairs),
    body: answer,
    text: () => text(answer),
    cancel: () => void answer.destroy(),
  };
}
