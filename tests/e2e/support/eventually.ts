/** Asks until `found` says yes, at most so many seconds. @throws with the last answer when it never did */
export async function eventually<T>(ask: () => Promise<T>, found: (answer: T) => boolean, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (found(answer)) return answer;
    if (performance.now() > end)
      throw new Error(`not within ${seconds} s; last: ${JSON.stringify(answer)?.slice(0, 2000)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
