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
