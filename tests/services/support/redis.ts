import { createConnection } from 'node:net';
import { freePort, pathOf, type RunningService, removeFolder, startService, temporaryFolder } from './service.ts';

export interface RedisServer {
  url: string;
  /** Says one command and gives the answer's first bytes. */
  say(...command: string[]): Promise<string>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis with a password, and nothing of it on disk. */
export async function startRedis(): Promise<RedisServer> {
  const folder = await temporaryFolder('redis');
  const port = await freePort();
  const password = 'tester-secret';
  const say = (...command: string[]): Promise<string> =>
    new Promise((done, failed) => {
      const socket = createConnection(port, '127.0.0.1');
      socket.setTimeout(5000, () => socket.destroy(new Error('Redis says nothing')));
      let said = '';
      socket.on('error', failed);
      socket.on('data', (data) => {
        said += data.toString();
        if (said.split('\r\n').length < 3) return;
        socket.end();
        done(said.slice(said.indexOf('\r\n') + 2).trim());
      });
      socket.write(`AUTH ${password}\r\n${command.join(' ')}\r\n`);
    });
  const start = (): Promise<RunningService> =>
    startService(
      pathOf('redis'),
      [
        ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--requirepass', password],
        ...['--save', '', '--appendonly', 'no'],
      ],
      async () => (await say('PING')) === '+PONG',
    );
  let running = await start();
  return {
    url: `redis://:${password}@127.0.0.1:${port}/0`,
    say,
    kill: () => running.end('SIGKILL'),
    async restart() {
      await running.end('SIGKILL');
      running = await start();
    },
    async stop() {
      await running.end();
      await removeFolder(folder);
    },
  };
}
