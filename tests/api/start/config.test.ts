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
});
