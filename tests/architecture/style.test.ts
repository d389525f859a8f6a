import { describe, expect, it } from 'vitest';
import { productFiles, trackedFiles } from './source-files.ts';

const code = trackedFiles.filter(({ path }) => /\.(ts|tsx|mts|mjs)$/.test(path));
const LONGEST = 300;
/** Names that tools or conventions give. */
const GIVEN_NAMES =
  /^(NOTICE|LICENSE|README\.md|CONTRIBUTING\.md|SECURITY\.md|CHANGELOG\.md|Dockerfile|prisma\/migrations\/\d{14}_[a-z0-9_]+\/.*|portal\/sample\/.*|docs\/examples\/iss_(pull|torch)\.py|tests\/python\/read_sample\.py|prisma\/migrations\/migration_lock\.toml)$/;

/** `path:line: the line` of each line that matches. */
function linesWith(files: typeof trackedFiles, pattern: RegExp, of: 'text' | 'code'): string[] {
  return files.flatMap((file) =>
    file[of].split('\n').flatMap((line, i) => (pattern.test(line) ? [`${file.path}:${i + 1}: ${line.trim()}`] : [])),
  );
}

describe('style that a machine can check', () => {
  it('nothing is of type any', () => {
    expect(linesWith(productFiles, /(?::|\bas|[<|&])\s*any\b(?!\s*[(:])/, 'code')).toEqual([]);
    expect(linesWith(productFiles, /biome-ignore.*noExplicitAny/, 'text')).toEqual([]);
  });

  it('no file passes on what another exports, but schema/index.ts', () => {
    const barrels = code.filter(({ path }) => path !== 'schema/index.ts');
    expect(linesWith(barrels, /^export\s+(type\s+)?(\*|\{[^}]*\}\s*from\b)/, 'code')).toEqual([]);
  });

  it('exports have names, no default, but where a tool asks for one', () => {
    const free = code.filter(({ path }) => !/\.config\.ts$|^tests\/.*global-[\w-]+\.ts$|^tests\/bench\//.test(path));
    expect(linesWith(free, /^export default\b/, 'code')).toEqual([]);
  });

  it('files and folders are named in kebab-case', () => {
    const wrong = trackedFiles
      .map(({ path }) => path)
      .filter((path) => !GIVEN_NAMES.test(path))
      .filter(
        (path) => !path.split('/').every((part) => /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(part)),
      );
    expect(wrong).toEqual([]);
  });

  it(`no file of the product is longer than ${LONGEST} lines`, () => {
    const long = productFiles
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > LONGEST)
      .map(({ path, lines }) => `${path}: ${lines}`);
    expect(long).toEqual([]);
  });

  it('no work is left as a note, no test is skipped or run alone', () => {
    const notes = new RegExp(`\\b(${['TO', 'DO'].join('')}|${['FIX', 'ME'].join('')})\\b`);
    expect(
      linesWith(
        trackedFiles.filter(({ path }) => path !== 'package-lock.json'),
        notes,
        'text',
      ),
    ).toEqual([]);
    expect(linesWith(code, /\b(it|test|describe)\.(skip|only|todo|fails)\b(?!If)/, 'code')).toEqual([]);
  });

  it('no tracked file names a path of one machine', () => {
    expect(linesWith(trackedFiles, /(^|[\s'"`(=:])\/(work|root|home|Users)\/\w/, 'text')).toEqual([]);
  });

  it('no tracked file names a host but those that the product is about: no registry, no other server', () => {
    const NAMED =
      /^(127\.0\.0\.1|localhost|host|x|[\w.-]*\bexample(\.\w+)?|www\.w3\.org|biomejs\.dev|([\w-]+\.)*(hhs|nih)\.gov|about\.citiprogram\.org|schemas\.openid\.net|objects|mlcommons\.org|schema\.org|ror\.org|purl\.org|purl\.obolibrary\.org)$/;
    const wrong = trackedFiles
      .filter(({ path }) => path !== 'package-lock.json')
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\bhttps?:\/\/([\w.-]*\w)/g)]
          .filter(([, host]) => !NAMED.test(host!))
          .map(([url]) => `${path}: ${url}`),
      );
    expect(wrong).toEqual([]);
    const lock = trackedFiles.find(({ path }) => path === 'package-lock.json')!;
    expect(linesWith([lock], /"resolved":/, 'text')).toEqual([]);
  });
});
