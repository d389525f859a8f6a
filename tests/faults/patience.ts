/** What goes by: a server that is away, or is just coming back. */
export class Passing extends Error {}

/** How long anything may take that has to come about by itself; only a failure waits for so long. */
const LONGEST_MS = 240_000;
/** Well below the requests that one person may send in a minute, several of their things being waited for at once. */
const LOOK_MS = 500;

const isPassing = (error: unknown): boolean =>
  error instanceof Passing || (error instanceof TypeError && /fetch failed|terminated/.test(error.message));

/** Does it again until it comes to an end that does not pass. @throws what does not pass, or in the end what did */
export async function patiently<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
  for (const until = Date.now() + LONGEST_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (Date.now() > until)
        throw new Error(`${what}: not within ${LONGEST_MS / 1000} s: ${(error as Error).message}`, { cause: error });
      await new Promise((wake) => setTimeout(wake, LOOK_MS));
    }
  }
}
