import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, loaded, watchedPage } from './browser.ts';
import { bothWidths, type Staff, staffOf } from './staff.ts';

const CODE = '9004';
const POINTS = 468;

let server: ServerFacts;
let browser: Browser;
let staff: Staff;
let known: Known;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
  staff = staffOf(server, browser);
  known = await whatIsKnown();
});
afterAll(async () => {
  // A filter of the address that there is not is a bad request, which the console tells too.
  await staff.end(/status of 400 .*\/graphql/);
  await browser.close();
});

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface Known {
  painTarget: number;
  submissions: { nodes: { timestamp: string; painScores: { painNow: number } | null }[] };
  submission: {
    timestamp: string;
    durationSeconds: number;
    landmarks: { url: string };
    audioFeatures: { chroma: number; spectralCentroid: number; mfcc: number[] };
    chunks: { number: number; firstFrame: number; lastFrame: number }[];
    frames: { nodes: { number: number; face: { box: Box } | null }[] };
  };
}

/** What the API says of a patient's first recording: what the pages are held against. */
async function whatIsKnown(): Promise<Known> {
  const reader = await staff.api('researcher-3');
  const first = await reader.ask<{ release: { patient: Known } }>(
    'query ($code: String!) { release { patient(code: $code) { submissions(first: 1) { nodes { timestamp } } } } }',
    { code: CODE },
  );
  const { timestamp } = first.data.release.patient.submissions.nodes[0]!;
  const { data } = await reader.ask<{ release: { patient: Known } }>(
    `query ($code: String!, $timestamp: String!) { release { patient(code: $code) {
      painTarget submissions(first: 200) { nodes { timestamp painScores { painNow } } }
      submission(timestamp: $timestamp) { timestamp durationSeconds landmarks { url }
        audioFeatures { chroma spectralCentroid mfcc } chunks { number firstFrame lastFrame }
        frames(first: 100) { nodes { number face { box { x y width height } } } } } } } }`,
    { code: CODE, timestamp },
  );
  return data.release.patient;
}

/** Stops the film at a moment and waits until the page has drawn it. */
const seek = (page: Page, seconds: number): Promise<void> =>
  page.locator('video').evaluate(async (film: HTMLVideoElement, at) => {
    film.pause();
    const there = new Promise((done) => film.addEventListener('seeked', done, { once: true }));
    film.currentTime = at;
    await there;
    for (let frames = 0; frames < 4; frames++) await new Promise((done) => requestAnimationFrame(done));
  }, seconds);

/** Where the drawn points lie, in pixels of the film: their middle, and how many pixels are drawn. */
const drawn = (page: Page): Promise<{ x: number; y: number; pixels: number }> =>
  page.evaluate(() => {
    const { videoWidth, videoHeight } = document.querySelector('video')!;
    const sheet = document.querySelector('canvas')!;
    const { data } = sheet.getContext('2d')!.getImageData(0, 0, sheet.width, sheet.height);
    let [x, y, pixels] = [0, 0, 0];
    for (let at = 0; at < sheet.width * sheet.height; at++)
      if (data[at * 4 + 3]! > 0) {
        x += at % sheet.width;
        y += Math.floor(at / sheet.width);
        pixels += 1;
      }
    return { x: ((x / pixels) * videoWidth) / sheet.width, y: ((y / pixels) * videoHeight) / sheet.height, pixels };
  });

/** Where they should lie: record n - 1 of the landmarks, in the box of frame n. */
function expectedMiddle(points: Float32Array, number: number): { x: number; y: number } {
  const box = known.submission.frames.nodes.find((frame) => frame.number === number)!.face!.box;
  let [x, y] = [0, 0];
  for (let point = 0; point < POINTS; point++) {
    const at = ((number - 1) * POINTS + point) * 3;
    x += box.x + points[at]! * box.width;
    y += box.y + points[at + 1]! * box.height;
  }
  return { x: x / POINTS, y: y / POINTS };
}

describe('a submission', () => {
  it('shows landmarks, spectrogram and frames at the moment at which the recording stands', async () => {
    const { submission } = known;
    const file = await (await staff.api('researcher-3')).fetch(submission.landmarks.url);
    const points = new Float32Array(await file.arrayBuffer());
    const page = await staff.open('researcher-3', `/data/patients/${CODE}/${submission.timestamp}`);
    await page.getByText('468 landmarks are drawn').waitFor();
    await page.locator('.portal-strip img').first().waitFor();
    const withFace = submission.frames.nodes.filter(({ face }) => face !== null).map(({ number }) => number);
    for (const number of [withFace[0]!, withFace[Math.floor(withFace.length / 3)]!, withFace[20]!]) {
      await seek(page, (number - 1) / 10 + 0.03);
      const [seen, expected] = [await drawn(page), expectedMiddle(points, number)];
      expect(seen.pixels).toBeGreaterThan(200);
      // Points lie over one another, so the middle of pixels is not quite the middle of points.
      expect([number, Math.hypot(seen.x - expected.x, seen.y - expected.y) < 6]).toEqual([number, true]);
      const cursor = await page.locator('.portal-cursor').evaluate((line: HTMLElement) => line.style.left);
      expect(Number.parseFloat(cursor)).toBeCloseTo((((number - 1) / 10 + 0.03) / submission.durationSeconds) * 100, 0);
      const shown = page.locator('.portal-strip figure.shown');
      expect(await shown.count()).toBe(number <= 24 ? 1 : 0);
      expect(await shown.locator('figcaption').innerText()).toBe(`${((number - 1) / 10).toFixed(1)} s`);
    }
    await bothWidths(page, 'submission-in-step');
    await page.getByRole('button', { name: 'Hide them' }).click();
    await seek(page, 0.2);
    expect((await drawn(page)).pixels).toBe(0);
  });

  it('shows the numbers of its sound, its chunks and its answers as the API has them', async () => {
    const { submission } = known;
    const page = await staff.open('researcher-3', `/data/patients/${CODE}/${submission.timestamp}`);
    const rows = (caption: string) => page.getByRole('table', { name: caption }).locator('tbody tr');
    const features = rows('The 25 numbers of the whole recording');
    await features.first().waitFor();
    expect(await features.count()).toBe(5 + submission.audioFeatures.mfcc.length);
    const text = async (row: number) => (await features.nth(row).innerText()).replace(/\s+/g, ' ').trim();
    expect(await text(0)).toContain(submission.audioFeatures.chroma.toFixed(4));
    expect(await text(1)).toContain(submission.audioFeatures.spectralCentroid.toFixed(1));
    expect(await text(24)).toContain(submission.audioFeatures.mfcc.at(-1)!.toFixed(2));
    const chunks = rows('Chunks of four seconds');
    expect(await chunks.count()).toBe(submission.chunks.length);
    expect(await chunks.last().innerText()).toContain(
      `${submission.chunks.at(-1)!.firstFrame}–${submission.chunks.at(-1)!.lastFrame}`,
    );
  });

  it('stands beside the others of its patient, whose pain is drawn against the target', async () => {
    const page = await staff.open('researcher-3', `/data/patients/${CODE}`);
    const plot = page.locator('.portal-figure svg');
    await plot.waitFor();
    const answered = known.submissions.nodes.filter(({ painScores }) => painScores !== null);
    expect(await plot.locator('circle').count()).toBe(answered.length);
    expect(await page.locator('.portal-figure figcaption').innerText()).toContain(`pain target, ${known.painTarget}`);
    expect(await plot.locator('[stroke-dasharray="4 3"]').count()).toBeGreaterThan(0);
    await bothWidths(page, 'patient');
    // The same numbers stand in the table, for who does not see the plot.
    const cells = await page.locator('tbody tr td:last-child').allInnerTexts();
    expect(cells.map((cell) => cell.replace(/\D+/g, ''))).toEqual(
      known.submissions.nodes.map(({ painScores }) => String(painScores?.painNow ?? '')),
    );
  });
});

describe('folds', () => {
  it('are a matrix in which each patient is tested exactly once, and a proof that nobody is on both sides', async () => {
    const { data } = await (await staff.api('researcher-3')).ask<{
      release: { splits: { number: number; testPatients: { code: string }[]; trainPatients: { code: string }[] }[] };
    }>('{ release { splits { number testPatients { code } trainPatients { code } } } }');
    const { splits } = data.release;
    const page = await staff.open('researcher-3', '/data/folds');
    const matrix = page.locator('.portal-matrix tbody tr');
    await matrix.first().waitFor();
    const patients = new Set(splits.flatMap(({ testPatients }) => testPatients.map(({ code }) => code)));
    expect(await matrix.count()).toBe(patients.size);
    for (const row of await matrix.all()) {
      const code = await row.locator('th').innerText();
      const at = (await row.locator('td').allInnerTexts()).flatMap((text, column) =>
        text.trim() === 'test' ? [splits[column]!.number] : [],
      );
      expect([code, at]).toEqual([
        code,
        splits.filter(({ testPatients }) => testPatients.some((one) => one.code === code)).map(({ number }) => number),
      ]);
      expect([code, at.length]).toEqual([code, 1]);
    }
    await page
      .getByText(
        `of ${patients.size} patients, none is in the train and the test part of one fold, and ${patients.size}`,
      )
      .waitFor();
  });
});

describe('who may run on faces and see none', () => {
  it('runs to a result, and no picture, film or sound ever comes to the browser', async () => {
    const page = await staff.open('researcher-4', '/runs');
    const media: string[] = [];
    page.context().on('response', (response) => {
      const type = response.headers()['content-type'] ?? '';
      if (/^(image|video|audio)\//.test(type) || response.url().includes('/files/'))
        media.push(`${type} ${response.url()}`);
    });
    await page.reload();
    await page.getByLabel('Experiment').selectOption('resnet50-2-static');
    await page.getByText(/It reads .*faces.*and see none of it/).waitFor();
    await page.getByLabel('Preset').selectOption('smoke');
    await page.getByRole('button', { name: 'Run it' }).click();
    await page.waitForURL(/runs\/.+/);
    await page.getByRole('heading', { name: /Result:/ }).waitFor({ timeout: 200_000 });
    await bothWidths(page, 'run-on-faces');
    for (const path of [
      '/data/patients',
      `/data/patients/${CODE}`,
      `/data/patients/${CODE}/${known.submission.timestamp}`,
    ]) {
      await page.goto(server.url + path);
      await page.locator('.portal-page h1').waitFor();
      await loaded(page);
      expect([path, await page.locator('main video, main canvas, main img').count()]).toEqual([path, 0]);
    }
    await bothWidths(page, 'submission-of-who-only-runs');
    expect(media).toEqual([]);
  });
});

describe('a link to what is not there, or not open', () => {
  it.each([
    ['/data/patients/0000', 'There is no such patient'],
    [`/data/patients/${CODE}/19990101T000000`, 'There is no such submission'],
    ['/data/patients?sex=F&painLevel=NOSUCH', ''],
    ['/data/patients?split=abc', ''],
    ['/data/patients?sex=%3Cscript%3Ealert(1)%3C/script%3E', ''],
    ['/steward?view=constructor', ''],
    ['/runs/01a205ca-2742-7074-9a4a-452954a6cbec', ''],
    ['/requests/01a205ca-2742-7074-9a4a-452954a6cbec', ''],
  ])('%s says so in words', async (path, said) => {
    const page = await staff.open('researcher-3', path);
    await loaded(page);
    if (said) await page.getByText(said).waitFor();
    await page.locator('main .usa-alert, main .portal-empty').first().waitFor();
    await bothWidths(page, `no-such${path.replace(/\W+/g, '-')}`);
  });

  it('leads a stranger to sign in, and back to the same filters', async () => {
    const { page, context } = await watchedPage(browser);
    await page.goto(`${server.url}/data/patients?sex=F&split=2`);
    await page.locator('main').getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel(/user ?name/i).fill('researcher-3');
    await page.getByLabel(/password/i).fill('demo');
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.waitForURL(`${server.url}/data/patients?sex=F&split=2`);
    await page.getByText('patients of release').waitFor();
    expect(await page.getByLabel('Sex').inputValue()).toBe('F');
    await context.close();
  });
});
