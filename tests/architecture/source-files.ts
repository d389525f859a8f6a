import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, posix, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** Path from the root, with slashes. */
  path: string;
  /** First folder of the path; '' for files of the root itself. */
  zone: string;
  text: string;
  /** The text with comments and the contents of strings blanked out, line by line the same. */
  code: string;
}

const TEXT =
  /\.(ts|tsx|mts|mjs|js|json|md|css|html|sql|prisma|graphql|yml|yaml|sh)$|^\.ci\/|^\.npmrc$|^NOTICE$|^LICENSE$/;

/** Every file that git tracks and that is text, sorted. */
export const trackedFiles: readonly SourceFile[] = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT })
  .toString()
  .split('\0')
  .filter((path) => TEXT.test(path))
  .flatMap((path) => {
    const text = readOrNothing(resolve(ROOT, path));
    if (text === undefined) return [];
    return [{ path, zone: path.includes('/') ? path.slice(0, path.indexOf('/')) : '', text, code: codeOf(text) }];
  })
  .sort((a, b) => (a.path < b.path ? -1 : 1));

/** The program's own files: TypeScript and JavaScript outside tests/, not what is generated. */
export const productFiles: readonly SourceFile[] = trackedFiles.filter(
  ({ path, zone }) =>
    /\.(ts|tsx|mts|mjs)$/.test(path) && !['', '.ci', 'tests'].includes(zone) && !/^portal\/operations\//.test(path),
);

/** What a file imports: paths from the root for our own files, else the name of a package. */
export function importsOf(file: SourceFile): { own: string[]; packages: string[] } {
  const own: string[] = [];
  const packages: string[] = [];
  const statement =
    /(?:^|[\s;}])(?:import|export)\s(?:[\w\s{},*$]+?from\s*)?'([^']+)'|\bimport\s*\(\s*'([^']+)'|\brequire(?:\.resolve)?\s*\(\s*'([^']+)'|new URL\('(\.[^']+)'/g;
  for (const [, a, b, c, d] of withoutComments(file.text).matchAll(statement)) {
    const name = (a ?? b ?? c ?? d)!;
    if (name.startsWith('.')) own.push(posix.normalize(posix.join(dirname(file.path), name)));
    else packages.push(name);
  }
  return { own, packages };
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Removed from the working tree, still in the index.
    return undefined;
  }
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

function codeOf(text: string): string {
  return withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}
