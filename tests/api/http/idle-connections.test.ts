import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startWholeServer } from '../../support/whole-server.ts';

/** Each takes two file descriptors here, where both ends are one process; a machine allows 10,000 to 20,000. */
const MANY = 4_000;
const AT_ONCE = 200;

it('serves everybody else while thousands of connections are open that say nothing, and holds little for them', async () => {
  const whole = await startWholeServer();
  const sockets: Socket[] = [];
  try {
    const before = process.memoryUsage().rss;
    while (sockets.length < MANY) {
      const some = Array.from({ length: AT_ONCE }, () => connect(whole.server.port, '127.0.0.1'));
      sockets.push(...some);
      for (const socket of some) socket.on('error', () => {});
      await Promise.all(some.map((socket) => once(socket, 'connect')));
    }
    const answers = await Promise.all(
      ['/healthz', '/readyz', '/sample/manifest.json'].map(
        async (path) => (await fetch(`${whole.server.url}${path}`)).status,
      ),
    );
    expect(answers).toEqual([200, 200, 200]);
    expect((await whole.ask({}, '{ viewer { roles } }')).status).toBe(200);
    // Both ends of each, in bytes.
    expect((process.memoryUsage().rss - before) / MANY).toBeLessThan(64 * 1024);
  } finally {
    for (const socket of sockets) socket.destroy();
    await whole.stop();
  }
});
