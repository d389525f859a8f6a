interface Answer {
  data?: {
    study: { title: string; synthetic: boolean } | null;
    release: { version: string } | null;
    viewer: { account: { username: string } } | null;
  };
}

const element = (id: string): HTMLElement => document.getElementById(id)!;

async function show(): Promise<void> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-ISS-CSRF': '1' },
    body: JSON.stringify({
      query: '{ study { title synthetic } release { version } viewer { account { username } } }',
    }),
  });
  const { data } = (await response.json()) as Answer;
  if (!data) throw new Error('no data');
  element('synthetic').hidden = data.study?.synthetic !== true;
  element('status').textContent = data.release
    ? `${data.study?.title}: release ${data.release.version} is published.`
    : `${data.study?.title ?? 'The study'}: no release is published yet.`;
  element('who').textContent = data.viewer ? `Signed in as ${data.viewer.account.username}.` : 'You are not signed in.';
}

show().catch(() => {
  element('status').textContent = 'The server did not answer as it should. Reload the page in a moment.';
});
