import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../api/adapters/database/database.ts';
import { describeSettings, readConfig } from '../../../api/config.ts';
import { createMetrics } from '../../../api/http/metrics.ts';

const text = (name: string) => readFileSync(resolve(import.meta.dirname, '../../..', name), 'utf8');

describe('what is deployed', () => {
  it('sets in docker-compose.yml only what the server knows', () => {
    const known = new Set(describeSettings().map(({ key }) => key));
    const set = [...text('docker-compose.yml').matchAll(/^\s+(ISS_[A-Z0-9_]+):/gm)].map(([, key]) => key!);
    expect(set.length).toBeGreaterThan(10);
    for (const key of set) expect(known, key).toContain(key.replace(/_FILE$/, ''));
  });

  it('refuses the demo beside every real service', () => {
    const real = {
      ISS_REDIS_URL: 'redis://queue:6379',
      ISS_SMTP_URL: 'smtps://mail.example.org',
      ISS_MAIL_FROM: 'portal@example.org',
      ISS_OIDC_ISSUER: 'https://login.example.org/realms/iss',
    };
    expect(() => readConfig(real)).toThrow(/real Redis.*\n.*real realm|real realm.*\n.*real Redis/s);
    expect(() => readConfig({ ...real, ISS_DEMO: '0' })).not.toThrow();
    expect(() => readConfig({ ...real, ISS_DEMO: '0', ISS_MAIL_FROM: '' })).toThrow('ISS_MAIL_FROM: needed');
    expect(() => readConfig({ ISS_DEMO: '0', ISS_OIDC_ISSUER: 'https://login.example.org/' })).toThrow(
      'Keycloak realm',
    );
  });

  it('shows in docs/grafana.json only what /metrics tells', async () => {
    const database = { query: async () => ({ rows: [], rowCount: 0 }), connections: () => ({ open: 1 }) };
    const { registry } = createMetrics(database as unknown as Database, tmpdir());
    const told = new Set((await Registry.merge([registry]).getMetricsAsJSON()).map(({ name }) => name));
    const shown = [...text('docs/grafana.json').matchAll(/\biss_[a-z0-9_]+/g)].map(([name]) =>
      name.replace(/_(bucket|count|sum)$/, ''),
    );
    expect(shown.length).toBeGreaterThan(5);
    for (const name of shown) expect(told, name).toContain(name);
  });
});
