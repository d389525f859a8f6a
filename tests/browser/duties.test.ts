import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../../portal/operations/duties.ts';
import { give } from '../e2e/support/give.ts';
import type { ServerFacts } from '../e2e/support/global-server.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser, loaded, screenshot } from './browser.ts';
import { pdfWith } from './pdf-with.ts';
import { act, axe, bothWidths, confirmStep, type Staff, staffOf } from './staff.ts';

let server: ServerFacts;
let browser: Browser;
let staff: Staff;
beforeAll(async () => {
  [server, browser] = await Promise.all([wholeServer(), launchBrowser()]);
  staff = staffOf(server, browser);
});
afterAll(async () => {
  // The tests themselves have the frame of a document ask for the API, and cut the API off.
  await staff.end(/graphql/);
  await browser.close();
});

describe('certificates', () => {
  const handIn = async (type: string, file: Buffer): Promise<void> => {
    const owner = await staff.api('researcher-2');
    const { data } = await owner.ask<{ trainings: { type: string; courses: { key: string }[] }[] }>(
      '{ trainings { type courses { key } } }',
    );
    const course = data.trainings.find((one) => one.type === type)!.courses[0]!.key;
    const sent = await owner.fetch('/uploads', { method: 'PUT', body: new Uint8Array(file) });
    const { sha256: fileSha256 } = (await sent.json()) as { sha256: string };
    const completedOn = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
    await give(owner, 'uploadCertificate', { type, course, completedOn, credentialId: `C-${type}`, fileSha256 });
  };
  const card = (page: Page, training: string) =>
    page.locator('.portal-card', { hasText: `${training}, Second Researcher Demo` });

  it('are verified and rejected with the document beside the buttons, which can reach nothing', async () => {
    await handIn('HIPAA', pdfWith('Certificate of completion'));
    await handIn('INFORMATION_SECURITY', await readFile('portal/sample/audio/9001/20140311T124102.png'));
    const page = await staff.open('steward', '/steward/certificates');
    const pdf = card(page, 'HIPAA');
    const picture = card(page, 'Information security');
    await pdf.getByText('One page.').waitFor();
    const frame = pdf.locator('iframe').contentFrame();
    expect(await frame.getByRole('img').getAttribute('aria-label')).toBe('Page 1: Certificate of completion');
    const drawn = await frame.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let red = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at]! > 200 && data[at + 1]! < 50) red++;
      return { red, origin, tried: canvas.width > 0 };
    });
    expect(drawn.red).toBeGreaterThan(1_000);
    // An origin of its own: no cookie to read, nothing to ask for, nobody to reach.
    expect(drawn.origin).toBe('null');
    const reached = await frame.locator('main').evaluate(async (_, url) => {
      const tried = async (work: () => unknown): Promise<string> => {
        try {
          return String(await work());
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        await tried(() => document.cookie),
        await tried(() => parent.document.title),
        await tried(() => localStorage.length),
        await tried(() => fetch(`${url}/graphql`).then(({ status }) => status)),
      ];
    }, server.url);
    expect(reached).toEqual(['SecurityError', 'SecurityError', 'SecurityError', 'TypeError']);
    // Nor where it is opened without the frame around it.
    const { headers } = await fetch(`${server.url}/document`);
    expect(headers.get('content-security-policy')).toMatch(/^sandbox allow-scripts; default-src 'none'/);
    expect(await picture.locator('img').evaluate((one: HTMLImageElement) => one.naturalWidth)).toBeGreaterThan(0);
    await bothWidths(page, 'certificates');

    await pdf.getByRole('button', { name: /^Verify/ }).click();
    const dialog = page.locator('dialog[open]');
    await axe(page);
    await screenshot(page, 'certificates-verify');
    await dialog.getByRole('button', { name: 'Verify' }).click();
    await pdf.waitFor({ state: 'detached' });
    await picture.getByRole('button', { name: /^Reject/ }).click();
    await dialog.getByLabel('Reason').fill('This is a spectrogram.');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await picture.waitFor({ state: 'detached' });
    const owner = await staff.open('researcher-2', '/certificates');
    await owner.getByText('This is a spectrogram.').first().waitFor();
  });
});

describe('an auditor', () => {
  it('finds who was refused what by filters that a link keeps, and opens an entry', async () => {
    await (await staff.api('researcher-2')).ask('{ release { patients(first: 1) { totalCount } } }');
    const page = await staff.open('auditor', '/auditor');
    await page.getByLabel('Account').fill('researcher-2');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.waitForURL(/[?&]account=researcher-2\b/);
    // The list from before may have them, too: nobody else is in the one that was asked for.
    const entries = page.locator('.portal-log > li');
    await entries.filter({ hasNotText: 'Second Researcher Demo' }).first().waitFor({ state: 'detached' });
    await entries.first().waitFor();
    await page.locator('.portal-log summary').first().click();
    await page
      .getByText(/^hash [0-9a-f]{64}/)
      .first()
      .waitFor();
    await bothWidths(page, 'auditor-found');
    await page.reload();
    expect(await page.getByLabel('Account').inputValue()).toBe('researcher-2');
    await page.getByLabel('Account').fill('nobody-at-all');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('No entry fits').waitFor();
    await axe(page);
    await page.goBack();
    await page.locator('.portal-log summary').first().waitFor();
    // A day has its last second, too.
    const asked = page.waitForRequest((request) => request.postDataJSON()?.documentId === AuditLog.id);
    await page.goto(`${server.url}/auditor?to=2026-01-05`);
    expect((await asked).postDataJSON().variables.filter.to).toBe('2026-01-06T00:00:00.000Z');
  });
});

describe('who saw what', () => {
  it('has one row for a strip of faces, which opens into its entries, for an auditor and for the people of the grant', async () => {
    const holder = await staff.api('researcher-3');
    const { data } = await holder.ask<{
      release: {
        patients: {
          nodes: { submissions: { nodes: { frames: { nodes: { face: { image: { url: string } } | null }[] } }[] } }[];
        };
      };
    }>(
      '{ release { patients(first: 1) { nodes { submissions(first: 1) { nodes { frames(first: 12) { nodes { face { image { url } } } } } } } } } }',
    );
    const frames = data.release.patients.nodes.flatMap(({ submissions }) =>
      submissions.nodes.flatMap(({ frames: some }) => some.nodes),
    );
    const urls = frames.flatMap(({ face }) => (face ? [face.image.url] : []));
    expect(urls.length).toBeGreaterThan(2);
    for (const url of urls) expect((await holder.fetch(new URL(url).pathname, {})).status).toBe(200);
    const page = await staff.open('auditor', '/auditor/seen');
    await page.getByLabel('Account').fill('researcher-3');
    await page.getByRole('button', { name: 'Find' }).click();
    const strip = page.getByRole('row').filter({ hasText: /faces of one check-in/i });
    await strip.first().waitFor();
    expect(new URL(page.url()).searchParams.get('account')).toBe('researcher-3');
    // One row, however many pictures it is.
    expect(Number.parseInt(await strip.first().locator('td[data-name="How often"]').innerText(), 10)).toBeGreaterThan(
      2,
    );
    await bothWidths(page, 'seen');
    await strip.first().locator('summary').first().focus();
    await page.keyboard.press('Enter');
    await strip.first().getByText('Download begun', { exact: true }).first().waitFor();
    await bothWidths(page, 'seen-opened');
    const own = await staff.open('researcher-3', '/data/log');
    const ownStrip = own.getByRole('row').filter({ hasText: /faces of one check-in/i });
    await ownStrip.first().locator('summary').first().click();
    await ownStrip.first().getByRole('listitem').first().waitFor();
    await bothWidths(own, 'seen-own');
  });
});

describe('an administrator', () => {
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
  /** A cell of it: the dialogs of its buttons hold the same words as choices. */
  const plain = (page: Page, name: string, column: string) => row(page, name).locator(`td[data-name="${column}"]`);

  it('asks for a role that another confirms, takes it, suspends and lets in again', async () => {
    const page = await staff.open('admin', '/admin');
    const name = 'Fourth Researcher Demo';
    await row(page, name).waitFor();
    await bothWidths(page, 'accounts');
    // Nobody suspends their own account or gives it a role: the API says so, and there is no button.
    expect(
      await row(page, '(admin)')
        .getByRole('button', { name: /^(Give|Suspend)/ })
        .count(),
    ).toBe(0);
    await act(page, `Give a role to ${name}`, { Role: 'auditor', Reason: 'They look after the log.' }, 'Give a role');
    await page.goto(`${server.url}/admin/steps`);
    await page.getByText('Somebody else has to confirm it.').waitFor();
    const other = await staff.open('admin-2', '/admin/steps');
    await bothWidths(other, 'steps');
    // Who asked may think better of it, and ask again.
    await act(page, 'Take it back Give a role', {}, 'Take it back', 'steps-take-back');
    await page.getByText('They look after the log.').waitFor({ state: 'detached' });
    await page.goto(`${server.url}/admin`);
    await act(page, `Give a role to ${name}`, { Role: 'auditor', Reason: 'They look after the log.' }, 'Give a role');
    await other.reload();
    await confirmStep(other, 'They look after the log.');
    await page.goto(`${server.url}/admin`);
    await plain(page, name, 'Roles').getByText('auditor').waitFor();
    await act(page, `Take a role from ${name}`, { Role: 'auditor', Reason: 'It was a trial.' }, 'Take a role');
    await plain(page, name, 'Roles').getByText('auditor').waitFor({ state: 'detached' });
    await act(page, `Suspend ${name}`, { Reason: 'A lost device.' }, 'Suspend', 'accounts-suspend');
    await plain(page, name, 'Suspended').getByText('A lost device.').waitFor();
    await act(page, `Lift suspension of ${name}`, { Reason: 'It was found.' }, 'Lift suspension');
    await plain(page, name, 'Suspended').getByText('no', { exact: true }).waitFor();
  });

  it('adds an institution, verifies it, bars it, and says who signs for another', async () => {
    const page = await staff.open('admin', '/admin/institutions');
    const name = `Institute of Trials ${Date.now()}`;
    await act(page, 'Add an institution', { Name: name, Country: 'us' }, 'Add an institution', 'institution-add');
    await page.getByLabel('Part of a name').fill(name);
    await row(page, name).getByText('unverified').waitFor();
    await act(page, `Verify ${name}`, { 'How it was verified': 'Their registry was read.' }, 'Verify');
    await row(page, name).getByText('Their registry was read.').waitFor();
    const standing = { Standing: 'Barred', Reason: 'It does not exist.' };
    await act(page, `Change standing of ${name}`, standing, 'Change standing');
    await row(page, name).getByText('It does not exist.').waitFor();
    await bothWidths(page, 'institutions');
    const university = 'Example University (demo)';
    await page.getByLabel('Part of a name').fill(university);
    await act(
      page,
      `Unbind an official of ${university}`,
      { Who: 'Signing Official Demo', Reason: 'A trial.' },
      'Unbind an official',
    );
    await plain(page, university, 'Signing officials').getByText('none').waitFor();
    await act(
      page,
      `Bind an official to ${university}`,
      {
        Who: 'Signing Official Demo (signing-official)',
        'How did you make sure that they may?': 'A letter of their dean.',
      },
      'Bind an official',
    );
    await plain(page, university, 'Signing officials').getByText('Signing Official Demo').waitFor();
  });

  it('sees what a policy would do before it is in force; loosening it takes another', async () => {
    const page = await staff.open('admin', '/admin/policy');
    const field = page.getByLabel('The policy, as JSON');
    const change = async (stewards: number): Promise<void> => {
      const policy = JSON.parse(await field.inputValue());
      policy.classes.biometric.stewards = stewards;
      await field.fill(JSON.stringify(policy, null, 2));
      await page.getByRole('button', { name: 'Show what it would do' }).click();
      await page.getByText('Who gains and who loses').waitFor();
    };
    await field.waitFor();
    await field.fill('{');
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    await page.getByText('This is not JSON').waitFor();
    await axe(page);
    // What was typed is still there after a reload, and goes when one says so.
    await page.reload();
    await field.waitFor();
    expect(await field.inputValue()).toBe('{');
    await page.getByRole('button', { name: 'Begin again from the policy in force' }).click();
    await change(2);
    await bothWidths(page, 'policy-preview');
    const landmarks = page
      .getByRole('table', { name: 'What each kind of data asks for now' })
      .getByRole('row', { name: /^Landmarks/ });
    expect(await landmarks.getByRole('cell').nth(3).innerText()).toBe('1');
    await act(page, 'Tighten', { Reason: 'Two look at faces.' }, 'Tighten');
    await page.getByText('Two look at faces.').first().waitFor();
    expect(await landmarks.getByRole('cell').nth(3).innerText()).toBe('2');
    await change(1);
    await act(page, 'Ask to loosen', { Reason: 'One looked well.' }, 'Ask to loosen');
    const other = await staff.open('admin-2', '/admin/steps');
    await confirmStep(other, 'One looked well.');
    await page.reload();
    await page.getByText('One looked well.').first().waitFor();
  });
});

describe('a curator', () => {
  it('sees how far a drop is, and why a recording could not be used', async () => {
    const api = await staff.api('curator');
    const patient = String(970_000 + (Date.now() % 10_000));
    const item = { patient, timestamp: '20201201T003232' };
    const [video, survey] = [Buffer.from('no video'), Buffer.from('no survey')];
    const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    const lines = [
      'patient,sex,skin_type,worst_pain,source_device,enrolled_on',
      `${patient},F,I-III,2,iPhone 11,2020-12-01`,
    ];
    const files = { videoSha256: sha(video), videoBytes: video.length, surveySha256: sha(survey) };
    const enrolment = Buffer.from(lines.join('\n')).toString('base64');
    const opened = await give(api, 'openDrop', { enrolment, items: [{ ...item, ...files }] }, 'drop { id }');
    const { id } = opened.drop as { id: string };
    const page = await staff.open('curator', '/curator');
    await page.getByLabel('Id of the drop').fill(id);
    await page.getByRole('button', { name: 'Show it' }).click();
    await page.getByText('1 wait.').waitFor();
    await bothWidths(page, 'drop-waiting');
    for (const [name, body] of [
      ['narrative.mp4', video],
      ['survey.csv', survey],
    ] as const)
      await api.fetch(`/ingest/${id}/${item.patient}/${item.timestamp}/${name}`, {
        method: 'PUT',
        body: new Uint8Array(body),
      });
    await give(api, 'processSubmission', { dropId: id, ...item });
    // Told by /live, without loading the page again.
    await page.getByText('What could not be used, and why').waitFor();
    await page.getByRole('row').filter({ hasText: patient }).waitFor();
    await bothWidths(page, 'drop-failed');
  });
});

const PAGES = [
  [
    'steward',
    ['/steward', '/steward/certificates', '/steward/releases', '/steward/withdrawals', '/steward/agreements'],
  ],
  ['steward-2', ['/steward/safety', '/steward/figures']],
  ['signing-official', ['/official']],
  ['auditor', ['/auditor', '/auditor/seen']],
  ['admin', ['/admin', '/admin/institutions', '/admin/policy', '/admin/steps', '/admin/mail']],
  ['curator', ['/curator', '/curator/jobs', '/steward/releases', '/steward/safety', '/steward/figures']],
] as const;

describe('every page of a duty', () => {
  it.each(PAGES)('of %s can be used by everybody as it comes, and fits a phone', async (username, paths) => {
    const page = await staff.open(username, paths[0]);
    for (const path of paths) {
      await page.goto(server.url + path);
      await page.locator('.portal-page h1').waitFor();
      await loaded(page);
      await bothWidths(page, `page${path.replaceAll('/', '-')}-of-${username}`);
    }
  });
});
