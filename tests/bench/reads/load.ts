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

/** Clients that ask again as soon as they are answered. What they see adds up over their turns. */
export class Clients {
  private readonly agent: Agent;
  private readonly target: Target;
  private readonly number: number;
  private readonly times: number[] = [];
  private elapsed = 0;
  private bytes = 0;

  constructor(target: Target, number: number) {
    this.target = target;
    this.number = number;
    this.agent = new Agent({ keepAlive: true, maxSockets: number });
  }

  /** One turn of so many seconds; what is seen in it counts unless it is to warm up. */
  async turn(seconds: number, counts = true): Promise<void> {
    const start = performance.now();
    const until = start + seconds * 1_000;
    const client = async (): Promise<void> => {
      while (performance.now() < until) {
        const asked = performance.now();
        this.bytes = Number(await post(this.agent, this.target, false));
        if (counts) this.times.push(performance.now() - asked);
      }
    };
    await Promise.all(Array.from({ length: this.number }, client));
    if (counts) this.elapsed += (performance.now() - start) / 1_000;
  }

  end(): Load {
    this.agent.destroy();
    this.times.sort((one, other) => one - other);
    const at = (share: number): number =>
      this.times[Math.min(this.times.length - 1, Math.floor(this.times.length * share))] ?? 0;
    return { perSecond: this.times.length / this.elapsed, p50: at(0.5), p99: at(0.99), bytes: this.bytes };
  }
}
