import { availableParallelism, loadavg } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ServerFacts } from './support/global-server.ts';
import { person, restartServer, wholeServer } from './support/person.ts';

let first: ServerFacts;
beforeAll(async () => {
  first = await wholeServer();
});

/** Times are promised for a machine that does nothing else. */
const patience = (): number => Math.max(1, loadavg()[0]! / availableParallelism());

describe('starting', () => {
  it('answers within 15 s of the first start', () => {
    expect(first.answeredAfter).toBeLessThan(15 * patience());
  });

  it('tells on the terminal where it answers, who may sign in and that the study is ready', () => {
    expect(first.output).toContain(`The server answers at ${first.url}`);
    expect(first.output).toMatch(/researcher-2/);
    expect(first.output).toContain('release 1.0.0');
  });

  it('a second time takes at most 5 s until everything is ready, and a token of before still counts', async () => {
    const before = await person(first, 'researcher');
    const second = await restartServer();
    expect(second.pid).not.toBe(first.pid);
    expect(second.url).toBe(first.url);
    expect(second.readyAfter).toBeLessThan(5 * patience());
    const { data } = await before.ask('{ viewer { account { username } } release(version: "1.0.0") { version } }');
    expect(data).toEqual({ viewer: { account: { username: 'researcher' } }, release: { version: '1.0.0' } });
  });
});
