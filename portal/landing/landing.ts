interface Answer {
  data?: {
    study: { title: string; synthetic: boolean } | null;
    release: { version: string } | null;
    viewer: { account: { username: string } } | null;
  };
}

/** Says that a request comes from our own page; the session's cookie alone changes nothing. */
const OUR_PAGE = { 'X-ISS-CSRF': '1' };

const element = (id: string): HTMLElement => document.getElementById(id)!;

async function show(): Promise<void> {
  const [response, config] = await Promise.all([
    fetch('/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...OUR_PAGE },
      body: JSON.stringify({
        query: '{ study { title synthetic } release { version } viewer { account { username } } }',
      }),
    }),
    fetch('/auth/config'),
  ]);
  const { data } = (await response.json()) as Answer;
  // Only the demo's realm takes passwords of scripts; only there are the accounts everybody's.
  const { passwordGrant } = (await config.json()) as { passwordGrant: boolean };
  if (!data) throw new Error('no data');
  const signedIn = data.viewer !== null;
  element('synthetic').hidden = data.study?.synthetic !== true;
  element('status').textContent = data.release
    ? `${data.study?.title}: release ${data.release.version} is published.`
    : `${data.study?.title ?? 'The study'}: no release is published yet.`;
  element('who').textContent = data.viewer ? `Signed in as ${data.viewer.account.username}.` : 'You are not signed in.';
  element('sign-in').hidden = signedIn;
  element('sign-out').hidden = !signedIn;
  element('demo').hidden = signedIn || !passwordGrant;
}

function sayThatItFailed(): void {
  element('status').textContent = 'The server did not answer as it should. Reload the page in a moment.';
}

element('sign-out').addEventListener('click', () => {
  fetch('/auth/logout', { method: 'POST', headers: OUR_PAGE }).then(show).catch(sayThatItFailed);
});
show().catch(sayThatItFailed);
