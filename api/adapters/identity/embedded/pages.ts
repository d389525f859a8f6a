import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light; font: 100%/1.5 system-ui, sans-serif; color: #1b1b1b; background: #f0f0f0 }
body { margin: 0; padding: 1rem }
main { box-sizing: border-box; max-width: 26rem; margin: 1rem auto; padding: 1.5rem; background: #fff; border: 1px solid #a9aeb1; border-radius: .25rem }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.2; overflow-wrap: anywhere }
label { display: block; margin-top: 1rem; font-weight: 600 }
input { box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .6rem; font: inherit; border: 1px solid #565c65; border-radius: 0 }
button { box-sizing: border-box; width: 100%; margin-top: 1.25rem; padding: .75rem; font: inherit; font-weight: 600; color: #fff; background: #005ea2; border: 2px solid #005ea2; border-radius: .25rem; cursor: pointer }
button.second { color: #005ea2; background: #fff }
:focus-visible { outline: .25rem solid #2491ff; outline-offset: .1rem }
[role=alert] { margin: 1rem 0; padding: .75rem; border-left: .5rem solid #b50909; background: #f4e3db }
code { display: block; font-size: 1.5rem; letter-spacing: .1em; margin: .5rem 0 }
a { color: #005ea2 }
`;

/** No script, nothing from elsewhere, no frame; forms go to this server only. */
export const PAGE_HEADERS: Record<string, string> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'cache-control': 'no-store',
  // Not no-referrer: browsers would then send the form with Origin: null.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML, in an element or a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign]!);

const alert = (message: string | undefined): string =>
  message === undefined ? '' : `<p role="alert" id="problem">${escapeHtml(message)}</p>`;

const described = (message: string | undefined): string =>
  message === undefined ? '' : ' aria-describedby="problem" aria-invalid="true"';

/** @param content HTML */
export const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)} - ISS data access</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${content}</main></body>
</html>`;

export const loginPage = (form: { action: string; username: string; problem?: string | undefined }): string =>
  page(
    'Sign in',
    `${alert(form.problem)}<form method="post" action="${escapeHtml(form.action)}">
<label for="username">User name</label>
<input id="username" name="username" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="100" required value="${escapeHtml(form.username)}"${form.username === '' ? ' autofocus' : ''}${described(form.problem)}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1000" required${form.username === '' ? '' : ' autofocus'}${described(form.problem)}>
<button type="submit">Sign in</button>
</form>`,
  );

export const deviceCodePage = (form: { action: string; xsrf: string; code: string; problem?: string | undefined }) =>
  page(
    'Connect a device',
    `<p>Enter the code that the program shows.</p>${alert(form.problem)}<form method="post" action="${escapeHtml(form.action)}">
<input type="hidden" name="xsrf" value="${escapeHtml(form.xsrf)}">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus value="${escapeHtml(form.code)}"${described(form.problem)}>
<button type="submit">Continue</button>
</form>`,
  );

export const deviceConfirmPage = (form: { action: string; xsrf: string; code: string; client: string }): string =>
  page(
    'Connect this device?',
    `<p><strong>${escapeHtml(form.client)}</strong> asks to act for you. Continue only if you started it and it shows this code:</p>
<code>${escapeHtml(form.code)}</code>
<form method="post" action="${escapeHtml(form.action)}">
<input type="hidden" name="xsrf" value="${escapeHtml(form.xsrf)}">
<input type="hidden" name="user_code" value="${escapeHtml(form.code)}">
<input type="hidden" name="confirm" value="yes">
<button type="submit">Continue</button>
<button type="submit" name="abort" value="yes" class="second">Refuse</button>
</form>`,
  );

export const logoutPage = (form: { action: string; xsrf: string }): string =>
  page(
    'Sign out?',
    `<form method="post" action="${escapeHtml(form.action)}">
<input type="hidden" name="xsrf" value="${escapeHtml(form.xsrf)}">
<button type="submit" name="logout" value="yes">Sign out</button>
</form><p><a href="/">Stay signed in</a></p>`,
  );

export const messagePage = (title: string, sentence: string): string =>
  page(title, `<p>${escapeHtml(sentence)}</p><p><a href="/">To the portal</a></p>`);
