import type { Server } from 'node:http';

/** The address is taken, or may not be listened on. */
export class CannotListen extends Error {
  override name = 'CannotListen';
}

/** @returns the port, a free one where 0 was asked for @throws CannotListen */
export function listen(http: Server, port: number, host: string): Promise<number> {
  return new Promise((done, failedToListen) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${port} is in use by another program: end it, or set PORT to another (0 takes a free one)`
          : `${host}:${port} cannot be listened on: ${error.code}`;
      failedToListen(new CannotListen(why));
    });
    http.listen(port, host, () => {
      const address = http.address();
      done(typeof address === 'object' && address ? address.port : port);
    });
  });
}
