import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Writes npm-shrinkwrap.json for the package: package-lock.json without what only development needs, so that npm installs
 * the versions that were tested. Only while the package is made: npm would prefer it to package-lock.json in a checkout.
 */
interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: true; readonly devDependencies?: object }>>;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
const packages = Object.entries(lock.packages)
  .filter(([, { dev }]) => dev !== true)
  .map(([path, { devDependencies: _, ...rest }]) => [path, rest]);
writeFileSync(
  'npm-shrinkwrap.json',
  `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`,
);
