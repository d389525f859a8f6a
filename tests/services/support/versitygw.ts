import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { type S3Settings, s3Client } from '../../../api/adapters/objects/s3/s3-client.ts';
import { freePort, pathOf, type RunningService, removeFolder, startService, temporaryFolder } from './service.ts';

export interface S3Server {
  settings: S3Settings;
  process: RunningService;
  /** SIGKILL, then started again on the same port and folder. */
  restart(): Promise<void>;
  /** Stays away until `restart`. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** An S3 server with one bucket, "iss". On a file system with extended attributes: with its sidecar it takes removed versions for there (1.8.0). */
export async function startS3({
  versioned = false,
  root: given,
}: {
  versioned?: boolean;
  /** An empty folder; one of its own unless given. */
  root?: string | undefined;
} = {}): Promise<S3Server> {
  const root = given ?? (await temporaryFolder('s3'));
  for (const folder of ['data/iss', 'versions']) await mkdir(join(root, folder), { recursive: true });
  const port = await freePort();
  const settings: S3Settings = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    bucket: 'iss',
    accessKey: 'tester',
    secretKey: 'tester-secret',
    prefix: '',
    encryption: null,
  };
  const start = (): Promise<RunningService> =>
    startService(
      pathOf('versitygw'),
      [
        ...['--port', `127.0.0.1:${port}`, '--quiet', 'posix'],
        ...(versioned ? ['--versioning-dir', join(root, 'versions')] : []),
        join(root, 'data'),
      ],
      async () => (await fetch(settings.endpoint)).status > 0,
      { environment: { ROOT_ACCESS_KEY: settings.accessKey, ROOT_SECRET_KEY: settings.secretKey } },
    );
  const process = await start();
  if (versioned) {
    const client = s3Client(settings);
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await client.send(new PutBucketVersioningCommand({ Bucket: settings.bucket, VersioningConfiguration }));
    client.destroy();
  }
  const server: S3Server = {
    settings,
    process,
    kill: () => server.process.end('SIGKILL'),
    async restart() {
      await server.process.end('SIGKILL');
      server.process = await start();
    },
    async stop() {
      await server.process.end();
      if (given === undefined) await removeFolder(root);
    },
  };
  return server;
}
