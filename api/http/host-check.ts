import type { RequestHandler } from 'express';

/**
 * Answers only under its own names, so that a page of another site cannot reach a server on loopback by a name of its own (DNS rebinding).
 * @param allowed host[:port], lower case
 */
export function hostCheck(allowed: ReadonlySet<string>): RequestHandler {
  return (request, response, next) => {
    // Of two names a proxy may have gone by the other one (RFC 9112, section 3.2).
    const names = request.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
    if (names.length > 1) response.status(400).type('text/plain').send('A request has one Host.\n');
    else if (allowed.has(request.headers.host?.toLowerCase() ?? '')) next();
    else
      response
        .status(421)
        .type('text/plain')
        .send('This server does not answer under that name. See ISS_PUBLIC_URL and ISS_ALLOWED_HOSTS.\n');
  };
}

/** The names a server answers under: its public URL's, loopback ones with its port where it listens there, and those of the settings. */
export function allowedHosts(options: {
  publicUrl: string;
  port: number;
  extra: string | undefined;
  loopback: boolean;
}): Set<string> {
  const url = new URL(options.publicUrl);
  const own = options.loopback ? ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${options.port}`) : [];
  const extra = (options.extra ?? '').split(',').map((name) => name.trim().toLowerCase());
  return new Set([url.host.toLowerCase(), ...own, ...extra].filter(Boolean));
}
