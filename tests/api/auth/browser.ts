interface StoredCookie {
  name: string;
  value: string;
  path: string;
  attributes: string;
}

export interface Page {
  url: string;
  status: number;
  headers: Headers;
  body: string;
}

/** As much of a browser as a sign-in needs: cookies with paths, redirects, forms. Real HTTP, no script. */
export class Browser {
  readonly cookies: StoredCookie[] = [];
  /** What was typed into forms, oldest first. */
  readonly sent: Readonly<Record<string, string>>[] = [];

  cookieHeader(url: string): string {
    const { pathname } = new URL(url);
    const fits = (path: string) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
    return this.cookies
      .filter(({ path }) => fits(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  cookie(name: string): StoredCookie | undefined {
    return this.cookies.find((one) => one.name === name);
  }

  /** One request, redirects not followed. */
  async send(url: string, init: RequestInit = {}): Promise<Page> {
    const headers = new Headers(init.headers);
    const cookies = this.cookieHeader(url);
    if (cookies !== '' && !headers.has('cookie')) headers.set('cookie', cookies);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#store(line, url);
    return { url, status: response.status, headers: response.headers, body: await response.text() };
  }

  /** Follows redirects to a page. */
  async open(url: string, init: RequestInit = {}): Promise<Page> {
    let page = await this.send(url, init);
    for (let hops = 0; hops < 10 && page.status >= 300 && page.status < 400; hops += 1)
      page = await this.send(new URL(page.headers.get('location')!, page.url).href);
    return page;
  }

  /** Fills in and sends the page's form; with `button` as if that one was pressed. */
  submit(page: Page, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Page> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.body)?.[1];
    if (action === undefined) throw new Error(`no form on ${page.url}: ${page.body.slice(0, 400)}`);
    this.sent.push(fields);
    const hidden = [...page.body.matchAll(/<input type="hidden"(?: id="[^"]*")? name="([^"]+)" value="([^"]*)"/g)];
    const body = new URLSearchParams([...hidden.map(([, name, value]) => [name!, value!]), ...Object.entries(fields)]);
    const url = new URL(action.replaceAll('&amp;', '&'), page.url).href;
    const origin = new URL(page.url).origin;
    return this.open(url, { method: 'POST', body, headers: { origin, 'sec-fetch-site': 'same-origin', ...headers } });
  }

  #store(line: string, url: string): void {
    const [pair = '', ...attributes] = line.split(/; */);
    const cut = pair.indexOf('=');
    const name = pair.slice(0, cut);
    const value = pair.slice(cut + 1);
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? new URL(url).pathname;
    const gone = attributes.some((one) => /^max-age=0$/i.test(one) || /^expires=Thu, 01 Jan 1970/i.test(one));
    const old = this.cookies.findIndex((one) => one.name === name && one.path === path);
    if (old >= 0) this.cookies.splice(old, 1);
    if (!gone && value !== '') this.cookies.push({ name, value, path, attributes: attributes.join('; ') });
  }
}
