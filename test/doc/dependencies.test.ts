import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string): string => readFileSync(path(name), 'utf8');

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const locked = new Map(
  Object.entries((JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages)
    .filter(([place]) => place !== '')
    .map(([place, entry]) => [place.replace(/^.*node_modules\//, ''), entry] as const),
);
const own = JSON.parse(read('package.json')) as Readonly<
  Record<'dependencies' | 'optionalDependencies', Readonly<Record<string, string>>>
>;
const page = read('doc/dependencies.md');

/** Rows of a table: name, version and the third and fourth cell. */
const rowsUnder = (heading: string): readonly (readonly string[])[] =>
  (page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => /^\| [@a-z]/.test(line) && !line.startsWith('| package '))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );

test('doc/dependencies.md has each package that we import, with its version', () => {
  const wanted = Object.keys({ ...own.dependencies, ...own.optionalDependencies }).map((name) => [
    name,
    locked.get(name)?.version,
  ]);
  assert.deepEqual(
    rowsUnder('Packages that we import')
      .map(([name, version]) => [name, version])
      .sort(),
    wanted.sort(),
  );
});

test('and each that these bring, with its version and by whom', () => {
  const direct = Object.keys({ ...own.dependencies, ...own.optionalDependencies });
  const bringers = new Map<string, string[]>();
  const queue = [...direct];
  for (const name of queue) {
    const { dependencies, optionalDependencies, peerDependencies } = locked.get(name) ?? {};
    for (const brought of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      // npm installs peers, but those that it is told to be optional.
      if (direct.includes(brought) || !locked.has(brought)) continue;
      if (!bringers.has(brought)) queue.push(brought);
      bringers.set(brought, [...(bringers.get(brought) ?? []), name]);
    }
  }
  const wanted = [...bringers].map(([name, by]) => [
    name,
    locked.get(name)?.version,
    [...new Set(by)].sort().join(', '),
  ]);
  assert.deepEqual(
    rowsUnder('Packages that these bring')
      .map(([name, version, , by]) => [name, version, by])
      .sort(),
    wanted.sort(),
  );
});

test('no package that runs has an install script', () => {
  const scripts = [...locked].filter(([, entry]) => entry.hasInstallScript === true && entry.dev !== true);
  assert.deepEqual(
    scripts.map(([name]) => name),
    [],
  );
});

test('npm run sbom names every package of the lock file', () => {
  const { stdout, status, stderr } = spawnSync('npm', ['run', '--silent', 'sbom'], {
    cwd: path('.'),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.equal(status, 0, stderr);
  const { bomFormat, components } = JSON.parse(stdout) as {
    readonly bomFormat: string;
    readonly components: readonly { readonly name: string; readonly version: string }[];
  };
  assert.equal(bomFormat, 'CycloneDX');
  const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
  const missing = [...locked].filter(([name, { version }]) => !named.has(`${name}@${version}`));
  assert.deepEqual(
    missing.map(([name]) => name),
    [],
  );
});
