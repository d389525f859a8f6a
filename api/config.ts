import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

// Digits alone: " ", "1e3" and "0x10" are numbers to JavaScript, and slips to everybody else.
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);
const flag = z
  .enum(['0', '1', 'true', 'false'], 'must be 1 (or true) or 0 (or false)')
  .transform((text) => text === '1' || text === 'true');
const address = (...schemes: string[]) =>
  z.string().refine(
    (text) => {
      const url = URL.canParse(text) ? new URL(text) : null;
      return url !== null && schemes.includes(url.protocol.slice(0, -1)) && url.hostname !== '';
    },
    `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  );

const SETTINGS = z.object({
  PORT: whole(0, 65535).default(4000).describe('port of the server; 0 takes a free one'),
  HOST: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  ISS_PUBLIC_URL: address('http', 'https')
    .optional()
    .describe('how browsers and scripts reach the server; default http://localhost:PORT'),
  ISS_ALLOWED_HOSTS: z
    .string()
    .optional()
    .describe('Host headers accepted beside that of ISS_PUBLIC_URL, comma-separated'),
  ISS_DATA_DIR: z.string().min(1).default('.data').describe('everything the embedded parts keep'),
  ISS_STUDY: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .default('demo')
    .describe('the study meant when none is named'),
  ISS_DEMO: flag.default(true).describe('make the synthetic study and the demo accounts'),
  ISS_DATABASE_URL: address('postgresql', 'postgres')
    .optional()
    .describe('PostgreSQL as owner; default is the embedded one'),
  ISS_DATABASE_POOL: whole(2, 500)
    .default(24)
    .describe('connections that the server may have open; a worker has up to 4'),
  ISS_STATEMENT_SECONDS: whole(1, 3600).default(30).describe('longest statement of the database'),
  ISS_S3_ENDPOINT: address('https', 'http')
    .optional()
    .describe('S3 server for objects; default is files under ISS_DATA_DIR'),
  ISS_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket')
    .optional()
    .describe('its bucket, which has to be there'),
  ISS_S3_REGION: z.string().min(1).default('us-east-1').describe('region that its requests are signed for'),
  ISS_S3_ACCESS_KEY: z.string().min(1).optional().describe('access key of the bucket'),
  ISS_S3_SECRET_KEY: z.string().min(1).optional().describe('its secret'),
  ISS_S3_PREFIX: z
    .string()
    .regex(/^([A-Za-z0-9][A-Za-z0-9._-]*\/)*$/, 'must be empty or end with /')
    .default('')
    .describe('put before every key, where the bucket holds other things too'),
  ISS_S3_ENCRYPTION: z
    .string()
    .regex(/^(AES256|aws:kms(:[\w:/.-]+)?)$/, 'must be AES256, aws:kms or aws:kms:KEY')
    .optional()
    .describe('encryption asked of the server for each object; default is the bucket’s own'),
  ISS_OIDC_ISSUER: address('https', 'http')
    .refine((text) => /^[^?#]+\/realms\/[^/?#]+$/.test(text), 'must be the address of a Keycloak realm (…/realms/NAME)')
    .optional()
    .describe('Keycloak realm, made from realm.json, where people sign in; default is the embedded one'),
  ISS_SECOND_FACTOR: z
    .string()
    .regex(/^[\w:./-]{1,100}$/, 'must be a level as the realm writes it in acr')
    .optional()
    .describe(
      'level (acr) of a sign-in with a second factor, 2 in realm.json: decisions of stewards and administrators then ask for a recent one; default is that the realm has none',
    ),
  ISS_SECOND_FACTOR_MINUTES: whole(1, 720).default(15).describe('how long a second factor counts as recent'),
  ISS_REDIS_URL: address('redis', 'rediss')
    .optional()
    .describe('Redis that carries word of jobs; default is LISTEN and NOTIFY of the database'),
  ISS_SMTP_URL: address('smtp', 'smtps')
    .optional()
    .describe(
      'mail server: smtps://, or smtp:// with STARTTLS (?tls=none to do without); default is files under ISS_DATA_DIR',
    ),
  ISS_MAIL_FROM: z.email('must be an e-mail address').optional().describe('sender of mail'),
  ISS_WORKERS: whole(0, 64)
    .default(Math.min(2, availableParallelism()))
    .describe('worker processes started by the server'),
  ISS_PAPER_ON_CPU: flag
    .default(false)
    .describe('let the preset paper of the networks run without a GPU: more than a thousand hours on the whole study'),
  ISS_CHUNK_SECONDS: whole(1, 60).default(4).describe('length of a chunk in seconds'),
  ISS_MAX_VIDEO_SECONDS: whole(1, 36_000).default(1800).describe('longest video taken'),
  ISS_MAX_VIDEO_BYTES: whole(1, 16 * 2 ** 30)
    .default(2 * 2 ** 30)
    .describe('largest video taken'),
  ISS_TICKET_SECONDS: whole(10, 3600).default(300).describe('how long a download ticket lives'),
  ISS_REQUESTS_PER_MINUTE: whole(1, 1_000_000)
    .default(1200)
    .describe('GraphQL requests of one person; a quarter of it for an address of strangers'),
  ISS_UPLOADS_PER_MINUTE: whole(1, 10_000)
    .default(30)
    .describe('files that one person may send to /uploads in a minute'),
  ISS_DOWNLOADS_PER_MINUTE: whole(1, 1_000_000)
    .default(24_000)
    .describe('files and ranges that one person may ask of /files in a minute; beyond it 429, which pulls wait for'),
  ISS_UPLOAD_QUOTA_BYTES: whole(1, 2 ** 40)
    .default(64 * 2 ** 20)
    .describe('files of one person that nothing names yet; they are removed after a day'),
  ISS_CHECKPOINT_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'where signed checkpoints of the log go, to be carried to the auditor; default checkpoints in ISS_DATA_DIR',
    ),
  ISS_KEY_DIR: z
    .string()
    .min(1)
    .optional()
    .describe(
      'where the keys of patients and exports lie, apart from what backups with a history take; default keys in ISS_DATA_DIR',
    ),
  ISS_CHECKPOINT_MINUTES: whole(0, 44_640)
    .default(60)
    .describe('how often the log is signed where it has grown; 0 for never'),
  ISS_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('least level logged'),
});

/** Every setting, parsed once at the start. */
export interface Config extends z.infer<typeof SETTINGS> {
  dataDirectory: string;
}

/** The environment is not a valid configuration; the message has a line for each bad key. */
export class InvalidConfig extends Error {
  override name = 'InvalidConfig';
}

/** @throws InvalidConfig naming every bad key at once, and every ISS_ key that means nothing */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const unreadable: string[] = [];
  const given = withSecretFiles(
    Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== '')),
    unreadable,
  );
  const parsed = SETTINGS.safeParse(given);
  const bad = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  bad.push(...unreadable, ...(parsed.success ? [...incomplete(parsed.data), ...badPasswords(parsed.data)] : []));
  const known = new Set([...Object.keys(SETTINGS.shape), ...CLIENT_KEYS]);
  for (const key of Object.keys(given))
    if (key.startsWith('ISS_') && !known.has(key)) bad.push(`${key}: no such setting`);
  if (parsed.success && parsed.data.ISS_DEMO) bad.push(...demoRefusals(parsed.data));
  if (!parsed.success || bad.length > 0)
    throw new InvalidConfig(`the configuration is not valid:\n${bad.map((line) => `  ${line}`).join('\n')}`);
  return { ...parsed.data, dataDirectory: resolve(parsed.data.ISS_DATA_DIR) };
}

/** Settings that hold a secret: each may be given as a file instead (KEY_FILE), as container engines and service managers hand secrets over. */
const SECRET_KEYS = [
  'ISS_DATABASE_URL',
  'ISS_S3_ACCESS_KEY',
  'ISS_S3_SECRET_KEY',
  'ISS_REDIS_URL',
  'ISS_SMTP_URL',
] as const;

/** The environment with the contents of files in the place of their names. @param bad takes a line for each that cannot be used */
function withSecretFiles(given: Record<string, string | undefined>, bad: string[]): Record<string, string | undefined> {
  const whole = { ...given };
  for (const key of SECRET_KEYS) {
    const file = given[`${key}_FILE`];
    if (file === undefined) continue;
    delete whole[`${key}_FILE`];
    if (given[key] !== undefined) bad.push(`${key}: given twice, also as ${key}_FILE`);
    try {
      const secret = readFileSync(file, 'utf8').trim();
      if (secret === '') bad.push(`${key}_FILE: the file is empty`);
      else whole[key] = secret;
    } catch (error) {
      bad.push(`${key}_FILE: the file cannot be read: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
  return whole;
}

/** Passwords of examples, of first starts and of our own demo. */
const KNOWN_TO_ALL = new Set([
  'demo',
  'password',
  'secret',
  'changeme',
  'minioadmin',
  'postgres',
  'redis',
  'admin',
  'root',
  'guest',
  'test',
]);

/** Passwords that no service can be reached with, or anybody can: named without telling them. */
function badPasswords(config: z.infer<typeof SETTINGS>): string[] {
  return SECRET_KEYS.flatMap((key) => {
    const password = passwordIn(config[key] ?? '');
    if (password === null)
      return [`${key}: a percent sign in the user or password that encodes nothing; write it as %25`];
    return KNOWN_TO_ALL.has(password.toLowerCase())
      ? [`${key}: a password that is in every book; give that service one of its own`]
      : [];
  });
}

/** The password of an address, or what is none as it stands; null where its percent signs say nothing: clients of the services fail on them one by one. */
function passwordIn(secret: string): string | null {
  if (!URL.canParse(secret)) return secret;
  const { username, password } = new URL(secret);
  try {
    decodeURIComponent(username);
    return decodeURIComponent(password);
  } catch {
    return null;
  }
}

/** Settings that need each other. */
function incomplete(config: z.infer<typeof SETTINGS>): string[] {
  const bad: string[] = [];
  const bucket = ['ISS_S3_BUCKET', 'ISS_S3_ACCESS_KEY', 'ISS_S3_SECRET_KEY'] as const;
  for (const key of bucket) {
    if (config.ISS_S3_ENDPOINT && !config[key]) bad.push(`${key}: needed with ISS_S3_ENDPOINT`);
    if (!config.ISS_S3_ENDPOINT && config[key]) bad.push(`${key}: means nothing without ISS_S3_ENDPOINT`);
  }
  if (!config.ISS_S3_ENDPOINT && config.ISS_S3_PREFIX) bad.push('ISS_S3_PREFIX: means nothing without ISS_S3_ENDPOINT');
  if (!config.ISS_OIDC_ISSUER && config.ISS_SECOND_FACTOR)
    bad.push('ISS_SECOND_FACTOR: the embedded realm has no second factor; needs ISS_OIDC_ISSUER');
  if (!config.ISS_SMTP_URL && config.ISS_MAIL_FROM) bad.push('ISS_MAIL_FROM: means nothing without ISS_SMTP_URL');
  if (config.ISS_SMTP_URL && !config.ISS_MAIL_FROM) bad.push('ISS_MAIL_FROM: needed with ISS_SMTP_URL');
  return bad;
}

const NAMES = {
  ISS_DATABASE_URL: 'database',
  ISS_S3_ENDPOINT: 'object store',
  ISS_REDIS_URL: 'Redis',
  ISS_OIDC_ISSUER: 'realm',
  ISS_SMTP_URL: 'mail server',
} as const;
const REAL_SERVICES = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** DEMO_BESIDE_REAL: everybody knows the demo's passwords, so its accounts exist only where nobody else can reach them and nothing real lies. */
function demoRefusals(config: z.infer<typeof SETTINGS>): string[] {
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(config.HOST);
  return [
    ...(loopback
      ? []
      : [
          'ISS_DEMO: the demo accounts, whose passwords are known, are refused on a server that listens beyond loopback (HOST); set ISS_DEMO=0',
        ]),
    ...REAL_SERVICES.filter((key) => config[key]).map(
      (key) =>
        `ISS_DEMO: the demo accounts, whose passwords are known, are refused beside a real ${NAMES[key]} (${key}); set ISS_DEMO=0`,
    ),
  ];
}

/** Read by the command line, not by the server. */
const CLIENT_KEYS = ['ISS_URL', 'ISS_TOKEN', 'ISS_CONFIG_DIR', 'ISS_WORKER_SECRETS', 'ISS_SLOW_TESTS'];

/** A line for each setting: name, default, meaning. */
export function describeSettings(): { key: string; fallback: string; meaning: string }[] {
  const defaults = SETTINGS.parse({}) as Record<string, unknown>;
  return Object.entries(SETTINGS.shape).map(([key, shape]) => ({
    key,
    fallback: String(defaults[key] ?? ''),
    meaning: shape.description ?? '',
  }));
}
