/**
 * Where to go after signing in: a page of this server, as an absolute URL so that no reader can take a path for a host (`//evil`).
 * Anything else, and the sign-in pages themselves, lead to the start page.
 */
export function returnUrl(wish: unknown, publicUrl: string): string {
  const home = `${publicUrl}/`;
  if (typeof wish !== 'string' || wish.length > 2000 || !/^\/(?![/\\])/.test(wish)) return home;
  const url = URL.parse(wish, home);
  if (!url || url.origin !== new URL(home).origin || url.pathname.startsWith('/auth/')) return home;
  return url.origin + url.pathname + url.search + url.hash;
}
