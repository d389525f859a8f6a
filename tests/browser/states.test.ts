import { readFile } from 'node:fs/promises';
import {
  buildSchema,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  graphql,
  isEnumType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Shell } from '../../portal/operations/shell.ts';
import { dataArea } from '../../portal/routes/data.ts';
import { researcherArea } from '../../portal/routes/researcher.ts';
import { stewardArea } from '../../portal/routes/steward.ts';
import { visitorArea } from '../../portal/routes/visitor.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, screenshot } from './browser.ts';
import { axe, type Staff, staffOf } from './staff.ts';

let server: ServerFacts;
let browser: Browser;
let staff: Staff;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
  staff = staffOf(server, browser);
});
afterAll(async () => {
  // The tests themselves cut the API off; the browser tells of each answer that did not come.
  await staff.end(/\/graphql|manifest\.json/);
  await browser.close();
});

const ID = '01a205ca-2742-7074-9a4a-452954a6cbec';
interface Row {
  readonly path: string;
  /** An address of it, where that is another. */
  readonly at?: string;
  /** What it says when there is nothing; null where its words are the page's own and ask for no answer. */
  readonly empty: string | null;
}
/** Every page by who opens it: the states of each. */
const PAGES: readonly (readonly [who: string | null, rows: readonly Row[]])[] = [
  [
    null,
    [
      { path: '/', empty: 'No release is published yet.' },
      { path: '/modalities', empty: 'A grant lasts 0 months at most' },
      { path: '/results', empty: 'No results are published' },
      { path: '/limits', empty: 'This study has no datasheet' },
      { path: '/dictionary', empty: null },
      { path: '/samples', empty: 'There is no sample here' },
      { path: '/ask', empty: 'Begin a request' },
      { path: '/register', empty: 'No use is approved yet' },
    ],
  ],
  [
    'researcher-2',
    [
      { path: '/me', empty: 'You have no access request yet' },
      { path: '/requests', empty: 'No request yet' },
      { path: '/requests/:id', at: `/requests/${ID}`, empty: 'There is no such request' },
      { path: '/certificates', empty: 'No certificate yet' },
      { path: '/incidents', empty: 'Report an incident' },
    ],
  ],
  [
    'researcher-3',
    [
      { path: '/data/patients', empty: 'No release is published yet' },
      { path: '/data/patients/:code', at: '/data/patients/9004', empty: 'There is no such patient' },
      {
        path: '/data/patients/:code/:timestamp',
        at: '/data/patients/9004/20200101T000000',
        empty: 'There is no such submission',
      },
      { path: '/data/folds', empty: 'No release is published yet' },
      { path: '/data/log', empty: 'You have no grant' },
      { path: '/runs', empty: 'You have no grant in force' },
      { path: '/runs/:id', at: `/runs/${ID}`, empty: 'There is no such run' },
      { path: '/exports', empty: 'You have no grant in force' },
      { path: '/tokens', empty: 'No token yet' },
    ],
  ],
  [
    'steward',
    [
      { path: '/steward', empty: 'Nothing waits here now' },
      { path: '/steward/requests/:id', at: `/steward/requests/${ID}`, empty: 'There is no such request' },
      { path: '/steward/certificates', empty: 'No certificate waits' },
      { path: '/steward/releases', empty: 'No draft' },
      { path: '/steward/withdrawals', empty: 'No patient has withdrawn' },
      { path: '/steward/agreements', empty: 'No version yet' },
      { path: '/steward/safety', empty: 'Nothing is halted' },
      { path: '/steward/deputies', empty: 'Nobody stands in for stewards' },
      { path: '/steward/figures', empty: 'This study has no goals for cohorts' },
    ],
  ],
  [
    'signing-official',
    [
      { path: '/official', empty: 'Nothing waits here now' },
      { path: '/official/requests/:id', at: `/official/requests/${ID}`, empty: 'There is no such request' },
    ],
  ],
  [
    'auditor',
    [
      { path: '/auditor', empty: 'No entry fits' },
      { path: '/auditor/seen', empty: 'No use of data that fits' },
    ],
  ],
  [
    'admin',
    [
      { path: '/admin', empty: 'Nobody is called so' },
      { path: '/admin/institutions', empty: 'No institution is called so' },
      { path: '/admin/policy', empty: '' },
      { path: '/admin/steps', empty: 'Nothing waits for a second person' },
      { path: '/admin/mail', empty: 'Every message has left' },
    ],
  ],
  [
    'curator',
    [
      // Asks nothing until it is told which drop.
      { path: '/curator', at: '/curator?drop=x', empty: 'There is no such drop' },
      { path: '/curator/jobs', empty: 'Nothing was given up' },
    ],
  ],
];

/** Pages of lists that only some roles have; one request that somebody may not see is not there. */
const OF_ROLES = /^\/(steward|official|auditor|admin|curator)(?!\/requests\/)/;

type State = 'unknown' | 'loading' | 'refused' | 'failed' | 'offline' | 'empty';
const SIGNS: Readonly<Record<Exclude<State, 'unknown' | 'loading' | 'empty'>, string>> = {
  refused: 'This asks for another role.',
  failed: 'This could not be loaded',
  offline: 'The server cannot be reached',
};
const reasons = [{ code: 'ROLE_MISSING', sentence: SIGNS.refused, subject: null, whoActsNext: 'ADMIN' }];
const ERRORS = {
  refused: [{ message: 'No.', extensions: { code: 'FORBIDDEN', reasons } }],
  failed: [{ message: 'Something went wrong.', extensions: { code: 'INTERNAL' } }],
};

let schema: GraphQLSchema | undefined;

/**
 * The emptiest answer that the schema allows to an operation: no item in any list, nothing where nothing may be. Who asks is there.
 * @param refused every field of the operation that may be refused is, as the API does it: with null in its place, and the rest as it is
 */
async function emptiest(documentId: string, variables: Record<string, unknown>, refused = false): Promise<unknown> {
  schema ??= buildSchema(await readFile('schema/schema.graphql', 'utf8'));
  const possible = schema;
  const emptyOf = (type: GraphQLOutputType, field: string): unknown => {
    const needed = isNonNullType(type);
    const of = needed ? type.ofType : type;
    if (isListType(of)) return [];
    if (isEnumType(of)) return needed ? of.getValues()[0]!.value : null;
    if ('name' in of && of.name.endsWith('Connection')) return {};
    if (!needed && field !== 'viewer') return null;
    if ('getFields' in of || 'getTypes' in of) return {};
    return { Int: 0, Float: 0, Boolean: false, String: 'Nothing' }[of.name] ?? '';
  };
  const answer = await graphql({
    schema,
    source: (JSON.parse(await readFile('portal/dist/operations.json', 'utf8')) as Record<string, string>)[documentId]!,
    variableValues: variables,
    fieldResolver: (_source, _args, _context, { returnType, fieldName, path }) => {
      const refusable = path.prev === undefined && !isNonNullType(returnType) && fieldName !== 'viewer';
      if (refused && refusable) throw new GraphQLError('No.', ERRORS.refused[0]);
      return emptyOf(returnType, fieldName);
    },
    typeResolver: (_value, _context, _info, type) => possible.getPossibleTypes(type)[0]!.name,
  });
  if (!refused) expect(answer.errors).toBeUndefined();
  return answer.errors || !refused ? answer : { data: null, errors: ERRORS.refused };
}

/** Answers the pages of a browser as the state says; who is signed in is asked of the real server, but for the first state. */
async function answering(page: Page): Promise<(state: State) => void> {
  let state: State = 'loading';
  await page.route('**/sample/manifest.json', (route) => {
    if (state === 'unknown' || state === 'loading') return;
    if (state === 'offline') return route.abort();
    return route.fulfill(state === 'empty' ? { json: { files: [] } } : { status: 500, json: {} });
  });
  // No live answers: a stream that is answered so is not opened again.
  await page.route('**/live?**', (route) => route.fulfill({ status: 204 }));
  await page.route('**/graphql', async (route) => {
    const { documentId, variables } = route.request().postDataJSON();
    if (state === 'unknown') return;
    if (documentId === Shell.id) return route.continue();
    if (state === 'loading') return;
    if (state === 'offline') return route.abort();
    if (state === 'empty') return route.fulfill({ json: await emptiest(documentId, variables) });
    if (state === 'refused' && OF_ROLES.test(new URL(page.url()).pathname))
      return route.fulfill({ json: await emptiest(documentId, variables, true) });
    return route.fulfill({ json: { data: null, errors: ERRORS[state] } });
  });
  return (next) => {
    state = next;
  };
}

/** All that was asked has been answered: nothing on the page changes any more while it is looked at. */
const settled = async (page: Page): Promise<void> => {
  await page.locator('.portal-identity :is(a, button)').waitFor();
  await page.waitForFunction(() => document.querySelector('main h1') && !document.querySelector('.portal-skeleton'));
};

/** What of a page can go wrong in one of its states, at the width of a phone; both widths have their tests where pages have something to say. */
async function looked(page: Page, name: string): Promise<void> {
  await axe(page);
  await screenshot(page, name);
  expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, 360]);
}

describe('every page', () => {
  it('has a row here', () => {
    const routes = [visitorArea, researcherArea, dataArea, stewardArea].flatMap((area) => area.routes);
    const rows = PAGES.flatMap(([, some]) => some.map(({ path }) => path));
    expect(rows.toSorted()).toEqual(routes.map(({ path }) => path!).toSorted());
  });

  it.each(
    PAGES,
  )('of %s says so while nobody is known, while it loads, where it is refused, fails, is offline or empty', async (who, rows) => {
    const page = await staff.open(who, '/register');
    await page.setViewportSize({ width: 360, height: 780 });
    const answer = await answering(page);
    for (const { path, at = path, empty } of rows) {
      const name = path.replace(/\W+/g, '-');
      const there = async (state: State): Promise<void> => {
        answer(state);
        await page.goto(server.url + at);
        await page.locator('main h1').waitFor();
      };
      if (empty === null) {
        await there('offline');
        await settled(page);
        continue;
      }
      for (const state of ['unknown', 'loading'] as const) {
        await there(state);
        if (state === 'loading') await page.locator('.portal-identity :is(a, button)').waitFor();
        await page.locator('.portal-page .portal-skeleton, main .portal-skeleton').first().waitFor();
        expect([at, state, await page.locator('main h1').count()]).toEqual([at, state, 1]);
        await looked(page, `state-${state}${name}`);
      }
      for (const state of ['refused', 'failed', 'offline'] as const) {
        await there(state);
        await settled(page);
        // The sample is a file for everybody.
        const sign = path === '/samples' && state === 'refused' ? SIGNS.failed : SIGNS[state];
        expect([at, state, await page.locator('main').innerText()]).toEqual([at, state, expect.stringContaining(sign)]);
        await looked(page, `state-${state}${name}`);
      }
      await there('empty');
      await settled(page);
      expect([at, await page.locator('main').innerText()]).toEqual([at, expect.stringContaining(empty)]);
      await looked(page, `state-empty${name}`);
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
});
