import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HaltChoices } from '../../portal/operations/governance.ts';
import { give } from '../e2e/support/give.ts';
import { wholeServer } from '../e2e/support/person.ts';
import { launchBrowser } from './browser.ts';
import { act, axe, bothWidths, confirmStep, type Staff, staffOf } from './staff.ts';

let browser: Browser;
let staff: Staff;
beforeAll(async () => {
  const [server, launched] = await Promise.all([wholeServer(), launchBrowser()]);
  browser = launched;
  staff = staffOf(server, browser);
});
afterAll(async () => {
  await staff.end();
  await browser.close();
});

interface Recording {
  patient: string;
  timestamp: string;
}
/** The first recordings of a patient that a researcher with access sees. */
async function recordings(of?: string): Promise<Recording[]> {
  const { data } = await (await staff.api('researcher-3')).ask<{
    release: { patients: { nodes: { code: string; submissions: { nodes: { timestamp: string }[] } }[] } };
  }>('{ release { patients(first: 100) { nodes { code submissions(first: 1) { nodes { timestamp } } } } } }');
  return data.release.patients.nodes
    .filter(({ code }) => of === undefined || code === of)
    .flatMap(({ code, submissions }) => submissions.nodes.map(({ timestamp }) => ({ patient: code, timestamp })));
}

describe('access', () => {
  it('is halted by one steward, who cannot lift it alone, and lifted by another', async () => {
    const page = await staff.open('steward', '/steward/safety');
    await page.getByRole('heading', { name: 'Halts', exact: true }).waitFor();
    await act(
      page,
      'Halt access',
      {
        What: 'A kind of data',
        'Which kind of data': 'Spectrograms',
        'What it is about': 'Technical',
        Reason: 'A trial.',
      },
      'Halt it',
      'safety-halt',
    );
    const halted = page.locator('.portal-card', { hasText: 'spectrograms' }).first();
    await halted.getByText('A trial.').waitFor();
    await act(page, /Ask to lift it/, { Reason: 'The trial is over.' }, 'Ask to lift it');
    const step = page.locator('.portal-card', { hasText: 'The trial is over.' });
    await step.getByText('Somebody else has to confirm it.').waitFor();
    await bothWidths(page, 'safety-halted');
    const other = await staff.open('steward-2', '/steward/safety');
    await confirmStep(other, 'The trial is over.');
    await other.getByText('Nothing is halted').waitFor();
    await page.reload();
    await page.getByText('Nothing is halted').waitFor();
  });
});

describe('a recording', () => {
  it('is hidden at once, reviewed by another steward, and shown again', async () => {
    const [first] = await recordings();
    const seen = async () => (await recordings(first!.patient)).some(({ timestamp }) => timestamp === first!.timestamp);
    const page = await staff.open('steward', '/steward/safety');
    const fields = {
      'Code of the patient': first!.patient,
      'Moment of the recording': first!.timestamp,
      Reason: 'A name is spoken.',
    };
    await page.getByRole('button', { name: 'Quarantine a recording' }).click();
    // The recorded moment, by which a drop names it, is for curators.
    const dialog = page.locator('dialog[open]');
    await dialog.getByText('As a release names it, such as').waitFor();
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await act(page, 'Quarantine a recording', fields, 'Hide it', 'safety-quarantine');
    const card = page.locator('.portal-card', { hasText: 'A name is spoken.' });
    await card.waitFor();
    expect(await seen()).toBe(false);
    await card.getByRole('button', { name: /Review/ }).click();
    await page.locator('dialog[open]').getByLabel('Reason').fill('I look at my own.');
    await page.locator('dialog[open]').getByRole('button', { name: 'Review' }).click();
    // Who placed it does not review it, in the API's words.
    await page.locator('dialog[open]').getByRole('alert').waitFor();
    await axe(page);
    await page.locator('dialog[open]').getByRole('button', { name: 'Go back' }).click();
    const other = await staff.open('steward-2', '/steward/safety');
    await act(other, /^Review/, { Outcome: 'It is shown again', Reason: 'It is a first name of many.' }, 'Review');
    await other.getByText('Nothing is in quarantine').waitFor();
    expect(await seen()).toBe(true);
  });
});

describe('an incident', () => {
  it('is reported, contained with evidence from the log, told to who has to know, and closed', async () => {
    const summary = `A laptop was left on a train ${Date.now()}`;
    const page = await staff.open('steward', '/steward/safety');
    await act(
      page,
      'Report an incident',
      { Kind: 'A device with data is lost or stolen', 'What happened': summary },
      'Report an incident',
    );
    const card = page.locator('.portal-card', { hasText: summary });
    await card.getByRole('button', { name: /Gather evidence/ }).click();
    const dialog = page.locator('dialog[open]');
    await axe(page);
    await dialog.getByRole('button', { name: 'Gather evidence' }).click();
    await card.getByText('Evidence from the log').waitFor();
    const step = async (button: RegExp, fields: Record<string, string>, name: string): Promise<void> => {
      await card.getByRole('button', { name: button }).click();
      for (const [label, text] of Object.entries(fields)) await dialog.getByLabel(label).fill(text);
      await dialog.getByRole('button', { name, exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    await step(/^Contain/, { 'What was done': 'It was wiped from afar.' }, 'Contain');
    await card.getByText('It was wiped from afar.').waitFor();
    await step(/^Notify/, { Whom: 'the ethics board', 'What they were told': 'What happened.' }, 'Notify');
    await bothWidths(page, 'safety-incident');
    await step(/^Close/, { 'What came of it': 'Nothing had left.' }, 'Close');
    await card.getByText('Nothing had left.').waitFor();
    expect(await card.getByRole('button').count()).toBe(0);
  });
});

describe('two incidents of a kind', () => {
  it('do not share what was typed for one of them', async () => {
    const page = await staff.open('steward', '/steward/safety');
    const [one, other] = [`The first leak ${Date.now()}`, `The second leak ${Date.now()}`];
    const kind = 'A password, token or key got out';
    for (const summary of [one, other])
      await act(page, 'Report an incident', { Kind: kind, 'What happened': summary }, 'Report an incident');
    const contain = (summary: string) =>
      page.locator('.portal-card', { hasText: summary }).getByRole('button', { name: /^Contain/ });
    const dialog = page.locator('dialog[open]');
    await contain(one).click();
    await dialog.getByLabel('What was done').fill('The first token was ended.');
    await page.reload();
    expect(await dialog.getByLabel('What was done').inputValue()).toBe('The first token was ended.');
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await contain(other).click();
    expect(await dialog.getByLabel('What was done').inputValue()).toBe('');
    await dialog.getByRole('button', { name: 'Go back' }).click();
  });
});

describe('a sanction', () => {
  it('is imposed on somebody by their name also where no grant lives', async () => {
    const page = await staff.open('steward', '/steward/safety');
    // Nobody has a grant: nobody is there to be chosen.
    await page.route('**/graphql', (route) =>
      route.request().postDataJSON().documentId === HaltChoices.id
        ? route.fulfill({ json: { data: { releases: [], institutions: null, accessRequests: { nodes: [] } } } })
        : route.fallback(),
    );
    await page.reload();
    const reason = `Without a grant ${Date.now()}`;
    const fields = {
      What: 'Warn: it is recorded, and shuts nobody out',
      'On whom': 'A person',
      'Part of the name': 'Fourth Res',
      'Whom of those found': 'Fourth Researcher Demo, Example University (demo)',
      Reason: reason,
    };
    await act(page, 'Impose a sanction', fields, 'Impose it');
    await page.locator('.portal-card', { hasText: reason }).waitFor();
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('suspends a person until it is lifted, and a bar is lifted by two', async () => {
    const page = await staff.open('steward', '/steward/safety');
    const on = { 'On whom': 'A person', 'Which person': 'Fourth Researcher Demo, Example University (demo)' };
    const until = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
    const suspend = { What: 'Suspend: no access until a day', 'Until the end of': until };
    await act(page, 'Impose a sanction', { ...suspend, ...on, Reason: 'A trial.' }, 'Impose it', 'safety-sanction');
    const mayRun = async () =>
      (await (await staff.api('researcher-4')).ask('{ release { patients(first: 1) { totalCount } } }')).errors
        .length === 0;
    expect(await mayRun()).toBe(false);
    await act(page, /^Lift suspend/, { Reason: 'The trial is over.' }, 'Lift');
    await page
      .getByText(/^Lifted/)
      .first()
      .waitFor();
    await act(
      page,
      'Impose a sanction',
      { What: 'Bar: no access until two stewards lift it', ...on, Reason: 'Another trial.' },
      'Impose it',
    );
    await act(page, /Ask to lift the bar/, { Reason: 'It was a trial.' }, 'Ask to lift the bar');
    const other = await staff.open('steward-2', '/steward/safety');
    await bothWidths(other, 'safety-bar');
    await confirmStep(other, 'It was a trial.');
    expect(await mayRun()).toBe(true);
  });
});

describe('a withdrawal', () => {
  it('ends sharing at once, says what remains to be done, and is taken back by two', async () => {
    const patient = (await recordings()).at(-1)!.patient;
    const page = await staff.open('steward', '/steward/withdrawals');
    const fields = { 'Code of the patient': patient, 'What ends': 'Sharing: nobody sees the patient any more' };
    await act(page, 'Record a withdrawal', fields, 'Record it', 'withdrawal-record');
    const card = page.locator('.portal-card', { hasText: `Patient ${patient}` }).first();
    await card.getByText('Tell the holders of copies to destroy them').first().waitFor();
    expect(await recordings(patient)).toEqual([]);
    await act(
      page,
      /Ask for the next step/,
      { Step: 'Take the withdrawal back: it was recorded by mistake', Reason: `A trial of ${patient}.` },
      'Ask for the next step',
    );
    await page.getByText('Somebody else has to confirm it.').first().waitFor();
    await bothWidths(page, 'withdrawals-recorded');
    const other = await staff.open('steward-2', '/steward/withdrawals');
    await confirmStep(other, `A trial of ${patient}.`);
    await other.getByText('taken back').first().waitFor();
    // What was taken back leaves nothing to ask for.
    expect(
      await other
        .locator('.portal-card', { hasText: `Patient ${patient}` })
        .getByRole('button')
        .count(),
    ).toBe(0);
    expect((await recordings(patient)).length).toBe(1);
  });

  it('of a patient who is not there is refused in the dialog', async () => {
    const page = await staff.open('steward', '/steward/withdrawals');
    await page.getByRole('button', { name: 'Record a withdrawal' }).click();
    await page.locator('dialog[open]').getByLabel('Code of the patient').fill('0000');
    await page.locator('dialog[open]').getByRole('button', { name: 'Record it' }).click();
    await page.locator('dialog[open]').getByRole('alert').waitFor();
    await bothWidths(page, 'withdrawal-refused');
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
  });
});

describe('a release', () => {
  it('is drafted, checked, compared, asked for by a curator and published by a steward', async () => {
    const api = await staff.api('curator');
    const { data } = await api.ask<{ draftReleases: { version: string }[] }>(
      '{ draftReleases(published: true) { version } }',
    );
    const version = `${Math.max(...data.draftReleases.map((one) => Number.parseInt(one.version, 10))) + 1}.0.0`;
    const curator = await staff.open('curator', '/steward/releases');
    await act(curator, 'Draft a release', { Version: version, Notes: 'Drafted in the portal.' }, 'Draft a release');
    const card = curator.locator('.portal-card', { hasText: 'Drafted in the portal.' }).filter({ hasText: version });
    await card.getByText('Not checked yet.').waitFor();
    expect(await card.getByRole('button', { name: /^Publish/ }).count()).toBe(0);
    // A check that waits is ended, and begun anew.
    await give(api, 'pauseJobs', { kind: 'check-release' });
    try {
      await act(curator, `Check ${version}`, {}, 'Check');
      await act(curator, `End the check of ${version}`, {}, 'End the check');
      await card.getByText('The last check was ended before it had a result.').waitFor();
      expect(await card.getByRole('button', { name: /^End the check/ }).count()).toBe(0);
    } finally {
      await give(api, 'resumeJobs', { kind: 'check-release' });
    }
    await act(curator, `Check ${version}`, {}, 'Check');
    // It is told by /live when the check has ended.
    await card.getByText('The last check found nothing wrong').waitFor({ timeout: 100_000 });
    await card.getByRole('button', { name: /^Compare with/ }).click();
    await card.getByText(/hold the same|step at least/).waitFor();
    await bothWidths(curator, 'release-draft');
    await act(curator, `Ask for publication of ${version}`, {}, 'Ask for publication');
    await card.getByText('asked for publication,').waitFor();
    const steward = await staff.open('steward', '/steward/releases');
    await act(steward, `Publish ${version}`, {}, 'Publish', 'release-publish');
    const published = steward.locator('.portal-card', { hasText: version }).filter({ hasText: '; published' });
    await published.waitFor();
    await act(
      steward,
      `Add an erratum to ${version}`,
      { 'What it concerns': 'A made-up mistake', 'What is wrong, and what is right': 'Nothing is.' },
      'Add an erratum',
    );
    await published.getByText('One erratum.').waitFor();
    await act(steward, `Deprecate ${version}`, { Reason: 'It was a trial.' }, 'Deprecate');
    await published.getByText('It was a trial.').waitFor();
    await bothWidths(steward, 'releases');
    // What others test on this server is the release before it.
    await act(steward, `Retract ${version}`, { Reason: 'It was a trial that nobody needs.' }, 'Retract');
    await published.getByText('It was a trial that nobody needs.').waitFor();
    expect(await published.getByRole('button', { name: /^(Deprecate|Retract)/ }).count()).toBe(0);
  });
});
