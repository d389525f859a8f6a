/** Whoever asks whether we are ready asks again in some seconds: one that does not answer by then is not. */
const WAIT_MS = 2000;

/** Names of the services that do not answer, or refuse; all are asked at once. */
export async function notReady(checks: Readonly<Record<string, () => Promise<unknown>>>): Promise<string[]> {
  const asked = Object.entries(checks).map(async ([name, check]) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, refuse) => {
      timer = setTimeout(() => refuse(new Error('late')), WAIT_MS);
    });
    return Promise.race([check(), late])
      .then(
        () => [],
        () => [name],
      )
      .finally(() => clearTimeout(timer));
  });
  return (await Promise.all(asked)).flat();
}
