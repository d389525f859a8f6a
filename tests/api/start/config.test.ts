import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeSettings, InvalidConfig, readConfig } from '../../../api/config.ts';

const refusal = (environment: Record<string, string>): string[] => {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidConfig);
    return (error as Error).message.split('\n');
  }
  throw new Error('it was accepted');
};

describe('the configuration', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toMatchObject({ PORT: 4000, HOST: '127.0.0.1', ISS_STUDY: 'demo', ISS_DEMO: true });
  });

  it('takes what is set, and an empty setting for none', () => {
    const config = readConfig({ PORT: '0', ISS_DEMO: 'false', ISS_WORKERS: '', HOST: '0.0.0.0', ISS_DATA_DIR: 'x/y' });
    expect(config).toMatchObject({ PORT: 0, ISS_DEMO: false, HOST: '0.0.0.0' });
    expect(config.ISS_WORKERS).toBeGreaterThan(0);
    expect(config.dataDirectory).toMatch(/^\/.*x\/y$/);
  });

  it('lists every bad setting at once, without saying their values', () => {
    const secret = 'mysql://owner:hunter2@db/iss';
    const lines = refusal({
      PORT: '70000',
      ISS_STUDY: 'Not A Study',
      ISS_DEMO: 'maybe',
      ISS_WORKERS: '-1',
      ISS_CHUNK_SECONDS: '4.5',
      ISS_PUBLIC_URL: 'portal.example.org',
      ISS_DATABASE_URL: secret,
      ISS_LOG_LEVEL: 'loud',
      ISS_TYPO: '1',
    });
    expect(lines).toEqual([
      'the configuration is not valid:',
      '  PORT: must be a whole number from 0 to 65535',
      '  ISS_PUBLIC_URL: must be an address that begins with http:// or https://',
      '  ISS_STUDY: Invalid string: must match pattern /^[a-z][a-z0-9-]{0,30}$/',
      '  ISS_DEMO: must be 1 (or true) or 0 (or false)',
      '  ISS_DATABASE_URL: must be an address that begins with postgresql:// or postgres://',
      '  ISS_WORKERS: must be a whole number from 0 to 64',
      '  ISS_CHUNK_SECONDS: must be a whole number from 1 to 60',
      '  ISS_LOG_LEVEL: Invalid option: expected one of "fatal"|"error"|"warn"|"info"|"debug"|"silent"',
      '  ISS_TYPO: no such setting',
    ]);
    expect(lines.join()).not.toContain('hunter2');
  });

  it.each([' ', '1e3', '0x10', '4000 ', '+5', '٤'])('does not take %j for a number', (text) => {
    expect(refusal({ PORT: text })).toHaveLength(2);
  });

  it('refuses the demo, whose passwords are known, beside anything real', () => {
    expect(refusal({ ISS_DATABASE_URL: 'postgresql://db.example/iss', HOST: '0.0.0.0' })).toHaveLength(3);
    expect(readConfig({ ISS_DATABASE_URL: 'postgresql://db.example/iss', ISS_DEMO: '0' }).ISS_DEMO).toBe(false);
  });

  it('describes each setting with its default', () => {
    const settings = describeSettings();
    expect(settings.every(({ meaning }) => meaning.length > 5)).toBe(true);
    expect(settings.find(({ key }) => key === 'PORT')).toEqual({
      key: 'PORT',
      fallback: '4000',
      meaning: 'port of the server; 0 takes a free one',
    });
  });

  it('wants all of a bucket, or nothing, and no demo beside it', () => {
    expect(refusal({ ISS_S3_ENDPOINT: 'http://s3.example:9000', ISS_DEMO: '0' }).slice(1)).toEqual([
      '  ISS_S3_BUCKET: needed with ISS_S3_ENDPOINT',
      '  ISS_S3_ACCESS_KEY: needed with ISS_S3_ENDPOINT',
      '  ISS_S3_SECRET_KEY: needed with ISS_S3_ENDPOINT',
    ]);
    expect(refusal({ ISS_S3_BUCKET: 'iss' }).slice(1)).toEqual([
      '  ISS_S3_BUCKET: means nothing without ISS_S3_ENDPOINT',
    ]);
    const bucket = { ISS_S3_ENDPOINT: 'http://s3.example:9000', ISS_S3_BUCKET: 'iss', ISS_S3_ACCESS_KEY: 'a' };
    expect(refusal({ ...bucket, ISS_S3_SECRET_KEY: 'b' }).slice(1)).toEqual([
      '  ISS_DEMO: the demo accounts, whose passwords are known, are refused beside a real object store (ISS_S3_ENDPOINT); set ISS_DEMO=0',
    ]);
    expect(refusal({ ...bucket, ISS_S3_SECRET_KEY: 'b', ISS_DEMO: '0', ISS_S3_PREFIX: '../x' })).toHaveLength(2);
  });

  it('refuses a password that everybody knows, in an address or by itself, and does not repeat it', () => {
    const given = { ISS_DEMO: '0', ISS_DATABASE_URL: 'postgresql://owner:Postgres@db.example/iss' };
    expect(refusal(given)[1]).toBe(
      '  ISS_DATABASE_URL: a password that is in every book; give that service one of its own',
    );
    const bucket = { ISS_S3_ENDPOINT: 'http://s3.example:9000', ISS_S3_BUCKET: 'iss', ISS_S3_ACCESS_KEY: 'key' };
    expect(refusal({ ISS_DEMO: '0', ...bucket, ISS_S3_SECRET_KEY: 'minioadmin' })[1]).toMatch(
      /^ {2}ISS_S3_SECRET_KEY: /,
    );
    expect(refusal({ ISS_DEMO: '0', ISS_REDIS_URL: 'redis://:demo@queue' })[1]).toMatch(/^ {2}ISS_REDIS_URL: /);
    expect(readConfig({ ISS_DEMO: '0', ISS_REDIS_URL: 'redis://:4kq-demo-9x@queue' }).ISS_DEMO).toBe(false);
    expect(readConfig({ ISS_DEMO: '0', ISS_REDIS_URL: 'redis://:50%25off@queue' }).ISS_DEMO).toBe(false);
    // One that encodes nothing ends the clients of these services, which name no setting.
    expect(refusal({ ISS_DEMO: '0', ISS_REDIS_URL: 'redis://:50%off@queue' }).slice(1)).toEqual([
      '  ISS_REDIS_URL: a percent sign in the user or password that encodes nothing; write it as %25',
    ]);
  });

  it('reads each of five secrets from a file, and takes what the file holds at the next start: so it is changed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'iss-config-'));
    const secrets: Record<string, [string, string]> = {
      ISS_DATABASE_URL: ['postgresql://owner:one@db.example/iss', 'postgresql://owner:two@db.example/iss'],
      ISS_REDIS_URL: ['redis://:one@queue:6379', 'redis://:two@queue:6379'],
      ISS_SMTP_URL: ['smtps://user:one@mail.example', 'smtps://user:two@mail.example'],
      ISS_S3_ACCESS_KEY: ['key one', 'key two'],
      ISS_S3_SECRET_KEY: ['word one', 'word two'],
    };
    const given: Record<string, string> = {
      ...{ ISS_DEMO: '0', ISS_MAIL_FROM: 'portal@example.org' },
      ...{ ISS_S3_ENDPOINT: 'http://s3.example:9000', ISS_S3_BUCKET: 'iss' },
    };
    for (const key of Object.keys(secrets)) given[`${key}_FILE`] = join(folder, key);
    for (const turn of [0, 1]) {
      for (const [key, values] of Object.entries(secrets)) writeFileSync(join(folder, key), `${values[turn]}\n`);
      const config = readConfig(given) as unknown as Record<string, string>;
      for (const [key, values] of Object.entries(secrets)) expect(config[key]).toBe(values[turn]);
    }
    rmSync(folder, { recursive: true });
  });

  it('reads a secret from the file that is named, and says what is wrong with that', () => {
    const folder = mkdtempSync(join(tmpdir(), 'iss-config-'));
    const file = join(folder, 'url');
    writeFileSync(file, 'postgresql://owner:hunter2@db.example/iss\n');
    const given = { ISS_DEMO: '0', ISS_DATABASE_URL_FILE: file };
    expect(readConfig(given).ISS_DATABASE_URL).toBe('postgresql://owner:hunter2@db.example/iss');
    expect(refusal({ ...given, ISS_DATABASE_URL: 'postgresql://x/y' })[1]).toContain('given twice');
    expect(refusal({ ...given, ISS_DATABASE_URL_FILE: join(folder, 'none') })[1]).toBe(
      '  ISS_DATABASE_URL_FILE: the file cannot be read: ENOENT',
    );
    writeFileSync(file, '\n');
    expect(refusal(given)[1]).toBe('  ISS_DATABASE_URL_FILE: the file is empty');
    rmSync(folder, { recursive: true });
  });
});
