import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';

export interface S3Settings {
  endpoint: string;
  region: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  /** Put before every key, ending in "/"; empty for a bucket of one's own. */
  prefix: string;
  /** Asked of the server for each object; the bucket's own rule without it. */
  encryption: { kind: 'AES256' } | { kind: 'aws:kms'; key: string | null } | null;
  /** A request that is silent for so long is given up and tried again, in milliseconds. */
  silentMs?: number;
  attempts?: number;
  /** A stream from which nobody takes anything for so long gives its connection back, in milliseconds. */
  letGoMs?: number;
}

const CONNECT_MS = 5000;
const SILENT_MS = 30_000;
const CONNECTIONS = 64;

/**
 * The client: path-style addresses (any S3 server has them), a checksum with each request, bounded waits, `attempts` tries with growing pauses for what
 * may pass (throttling, 5xx, lost connections). It signs requests of our own alone: addresses that others could use are never made.
 */
export function s3Client(settings: S3Settings): S3Client {
  return new S3Client({
    endpoint: settings.endpoint,
    region: settings.region,
    forcePathStyle: true,
    credentials: { accessKeyId: settings.accessKey, secretAccessKey: settings.secretKey },
    maxAttempts: settings.attempts ?? 5,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: settings.silentMs ?? SILENT_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets: CONNECTIONS }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: CONNECTIONS }),
    },
  });
}

/** HTTP status of a server's refusal; 0 where it did not answer. */
export const statusOf = (error: unknown): number =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode ?? 0;

const NAMES_OF_FULL = ['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded'];

/** The server has no room for more. */
export const saysFull = (error: unknown): boolean =>
  statusOf(error) === 507 || NAMES_OF_FULL.includes((error as { name?: string } | null)?.name ?? '');
