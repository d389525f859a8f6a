// Writes the software bill of materials (CycloneDX 1.5, JSON) to a file, or to standard output: every package of package-lock.json by `npm sbom`, and
// what some of them carry that npm does not know (licences.json). The same lock gives the same bytes: no time, no serial number, no version of npm.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '..');
const { exceptions, carried } = JSON.parse(readFileSync(resolve(import.meta.dirname, 'licences.json'), 'utf8'));

/** The licence that we found for a package that says none, or says it in its own words. */
export const exceptionFor = (name) =>
  exceptions.find((one) => (one.name.endsWith('*') ? name.startsWith(one.name.slice(0, -1)) : name === one.name));

const licences = (expression) => [{ expression }];

/** A component of npm's list, with the licence that we found where npm's is none that SPDX knows. */
function component({ version, scope, purl, hashes, licenses, properties, ...rest }) {
  // Not npm's name, which is that of the folder: another package may stand in it (package.json, overrides).
  const name = decodeURIComponent(purl.slice('pkg:npm/'.length, purl.lastIndexOf('@')));
  const found = exceptionFor(name);
  return {
    type: rest.type,
    'bom-ref': rest['bom-ref'],
    name,
    version,
    scope,
    purl,
    ...(hashes && { hashes }),
    licenses: found ? licences(found.licence) : licenses,
    // Of npm's own properties only whether it is a tool: npm 10 and 11 write the others differently.
    properties: (properties ?? []).filter((one) => one.name === 'cdx:npm:package:development'),
  };
}

/** @returns the bill of materials as an object */
export function billOfMaterials() {
  // Quiet, and of all packages whatever NODE_ENV says.
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--include=dev', '--loglevel=error'];
  const said = execFileSync('npm', args, { cwd: root, maxBuffer: 2 ** 26 });
  const { metadata, components, dependencies, specVersion } = JSON.parse(said);
  const product = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
  const byRef = (one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1);
  const own = metadata.component['bom-ref'];
  return {
    bomFormat: 'CycloneDX',
    specVersion,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name: product.name,
        version: product.version,
        licenses: licences(product.license),
      },
    },
    components: [
      ...components.map(component),
      ...carried.map(({ by, name, version, licence, note }) => ({
        type: 'library',
        'bom-ref': `${by}#${name}`,
        name,
        version,
        description: `Comes inside of ${by}; ${note}.`,
        licenses: licences(licence),
      })),
    ].sort(byRef),
    dependencies: dependencies
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: [...new Set(dependsOn)].sort() }))
      .sort((one, other) => (one.ref < other.ref ? -1 : 1)),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = `${JSON.stringify(billOfMaterials(), null, 1)}\n`;
  const [, , file] = process.argv;
  if (file === undefined) process.stdout.write(text);
  else writeFileSync(file, text);
}
