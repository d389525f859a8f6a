import { Agent, request } from 'node:http';

export interface Target {
  readonly url: string;
  readonly body: string;
}

export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly bytes: number;
}

const post = (agent: Agent, { url, body }: Target, keep: boolean): Promise<string | number> =>
  new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (keep || response.statusCode !== 200) chunks.push(chunk);
        });
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode !== 200) reject(new Error(`${response.statusCode}: ${text.slice(0, 500)}`));
          else resolve(keep ? text : bytes);
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

/** One answer as text. */
export const ask = async (target: Target): Promise<string> => {
  const agent = new Agent();
  try {
    return String(await post(agent, target, true));
  } finally {
    agent.destroy();
  }
};

/** So many clients, each asking again as soon as it is answered, for so many seconds after a warm-up. */
export const load = async (target: Target, clients: number, seconds: number): Promise<Load> => {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  let bytes = 0;
  const round = async (until: number, note: boolean): Promise<void> => {
    while (performance.now() < until) {
      const start = performance.now();
      bytes = Number(await post(agent, target, false));
      if (note) times.push(performance.now() - start);
    }
  };
  const run = async (milliseconds: number, note: boolean): Promise<void> => {
    const until = performance.now() + milliseconds;
    await Promise.all(Array.from({ length: clients }, () => round(until, note)));
  };
  await run(Math.min(1_500, seconds * 500), false);
  const start = performance.now();
  await run(seconds * 1_000, true);
  const elapsed = (performance.now() - start) / 1_000;
  agent.destroy();
  times.sort((one, other) => one - other);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: times.length / elapsed, p50: at(0.5), p99: at(0.99), bytes };
};
