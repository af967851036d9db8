import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { copyCheckout } from '../support/checkout.ts';
import { findProgram } from '../support/database-server.ts';
import { reportMissing } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROGRAMS = { make: 'make', rpmbuild: 'rpm', fakeroot: 'fakeroot', 'nix-instantiate': 'nix-bin' };
const absent = Object.entries(PROGRAMS).find(([program]) => findProgram(program) === undefined);
const missing = absent !== undefined && `${absent[0]} (Debian: ${absent[1]}) is not installed`;
reportMissing(missing || '', missing !== false);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { engines, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly engines: { readonly node: string };
  readonly version: string;
};

function run(cwd: string, program: string, ...words: readonly string[]): string {
  const PATH = `${ROOT}/node_modules/node/bin:${process.env['PATH']}`;
  return execFileSync(program, words, { cwd, encoding: 'utf8', env: { ...process.env, PATH }, stdio: 'pipe' });
}

/** The package for npm, unpacked, with its packages for run time: what the packages are made from. */
function unpackedIn(folder: string): string {
  copyCheckout(join(folder, 'checkout'));
  const tarball = run(join(folder, 'checkout'), 'npm', 'pack', '--silent', '--pack-destination', folder).trim();
  run(folder, 'tar', '-xzf', tarball);
  const source = join(folder, `automx2-${version}`);
  renameSync(join(folder, 'package'), source);
  run(source, 'npm', 'install', '--silent', '--prefer-offline', '--omit=dev', '--ignore-scripts');
  return source;
}

/** The paths of all files and links below a folder, as they are once it is the root. */
const filesIn = (root: string): readonly string[] =>
  run(root, 'find', '.', '-not', '-type', 'd', '-printf', '/%P\n').trim().split('\n').sort();

/** Without ".gz", which rpm and makepkg add to manual pages or not. */
const compared = (paths: readonly string[]): readonly string[] =>
  paths.map((path) => path.replace(/(\/man\/.*)\.gz$/, '$1'));

function install(t: TestContext, source: string, ...variables: readonly string[]): string {
  const root = temporaryFolder(t);
  run(source, 'make', 'install', `DESTDIR=${root}`, ...variables);
  return root;
}

test('packages other than Debian’s', { skip: missing, timeout: 300_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const source = unpackedIn(folder);
  const files = filesIn(install(t, source, 'PREFIX=/usr'));

  await t.test('npm takes the versions that were tested', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly version: string }>>;
    };
    const found = readdirSync(join(source, 'node_modules')).filter((name) => !/^[.@]/.test(name));
    assert.ok(found.length > 20);
    for (const name of found) {
      const manifest = readFileSync(join(source, 'node_modules', name, 'package.json'), 'utf8');
      assert.equal(
        (JSON.parse(manifest) as { version: string }).version,
        packages[`node_modules/${name}`]?.version,
        name,
      );
    }
  });

  await t.test('make install leaves nothing out that the program needs, and writes its paths', (t) => {
    const node = join(ROOT, 'node_modules/node/bin/node');
    const root = install(t, source, `NODE=${node}`);
    const program = join(root, 'usr/local/bin/automx2');
    assert.equal(readFileSync(program, 'utf8').split('\n')[0], `#!${node}`);
    const unit = readFileSync(join(root, 'usr/local/lib/systemd/system/automx2.service'), 'utf8');
    assert.match(unit, new RegExp(`^ExecStart=${node} --disable-sigusr1 /usr/local/bin/automx2$`, 'm'));
    assert.match(unit, new RegExp(`^ExecPaths=\\+${node} `, 'm'));
    const configuration = readFileSync(join(root, 'etc/automx2/automx2.conf'), 'utf8');
    assert.match(configuration, /^db_uri = sqlite:\/{4}var\/lib\/automx2\/db\.sqlite$/m);
    const uri = `sqlite:///${join(root, 'db.sqlite')}`;
    const automx2 = (...words: readonly string[]): string =>
      run(root, 'env', `AUTOMX2_DB_URI=${uri}`, program, ...words);
    automx2('init', '--sample');
    assert.match(automx2('lookup', 'a@example.com'), /<hostname>/);
    const lib = join(root, 'usr/local/lib/automx2');
    const every = ['pg', 'mysql2/promise', 'ldapts', 'qr', 'sax', 'ini', 'better-sqlite3'];
    run(lib, node, '--input-type=module', '-e', every.map((name) => `await import('${name}');`).join(''));
    assert.deepEqual(readdirSync(join(lib, 'node_modules/better-sqlite3/prebuilds')), [`linux-${process.arch}.node`]);
  });

  await t.test('make install keeps a configuration that is there', (t) => {
    const root = install(t, source);
    run(root, 'sh', '-c', 'echo mine >etc/automx2/automx2.conf');
    run(source, 'make', 'install', `DESTDIR=${root}`);
    assert.equal(readFileSync(join(root, 'etc/automx2/automx2.conf'), 'utf8'), 'mine\n');
  });

  await t.test('make install replaces what an older one has put there', (t) => {
    const root = install(t, source);
    const stale = join(root, 'usr/local/lib/automx2/dist/stale.js');
    run(root, 'touch', stale);
    run(source, 'make', 'install', `DESTDIR=${root}`);
    assert.equal(existsSync(stale), false);
  });

  const absentNpm = temporaryFolder(t);
  writeFileSync(join(absentNpm, 'npm'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  for (const { what, words } of [
    { what: 'without npm', words: [`PATH=${absentNpm}:/usr/bin:/bin`] },
    { what: 'for a processor that better-sqlite3 has no module for', words: ['PREBUILT=linux-riscv64'] },
  ]) {
    await t.test(`make install fails ${what}`, (t) => {
      const folder = temporaryFolder(t);
      assert.throws(() => run(source, 'make', 'install', `DESTDIR=${folder}`, ...words), { status: 2 });
      assert.equal(existsSync(join(folder, 'usr/local/bin/automx2')), false);
    });
  }

  await t.test('the documents that are installed find each other', (t) => {
    const root = join(install(t, source), 'usr/local/share/doc/automx2');
    const pages = run(root, 'find', '.', '-name', '*.md').trim().split('\n');
    assert.ok(pages.length > 10);
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, link = '']) => join(dirname(page), link))
        .filter((link) => !existsSync(join(root, link))),
    );
    assert.deepEqual(dead, []);
  });

  await t.test('an RPM package', () => {
    run(folder, 'tar', '-czf', `automx2-${version}.tar.gz`, `automx2-${version}`);
    // Debian's rpm knows nothing of what dpkg has installed. Packing well takes long.
    const define = [`_topdir ${folder}/rpm`, `_sourcedir ${folder}`, '_binary_payload w1.gzdio'];
    const words = define.flatMap((each) => ['--define', each]);
    run(folder, 'rpmbuild', '-bb', '--quiet', '--nodeps', ...words, join(ROOT, 'contrib/rpm/automx2.spec'));
    const [name = ''] = run(folder, 'find', 'rpm/RPMS', '-name', '*.rpm').trim().split('\n');
    const listed = run(folder, 'rpm', '-qp', '--qf', '[%{FILEMODES:perms} %{FILENAMES}\n]', name)
      .trim()
      .split('\n')
      .sort();
    const paths = listed.filter((line) => !line.startsWith('d')).map((line) => line.slice(line.indexOf(' ') + 1));
    assert.deepEqual(compared(paths.sort()), files);
    assert.ok(listed.includes('-rw-r----- /etc/automx2/automx2.conf'));
    assert.equal(run(folder, 'rpm', '-qpc', name), '/etc/automx2/automx2.conf\n');
    const requires = run(folder, 'rpm', '-qp', '--requires', name);
    assert.ok(requires.includes(`nodejs(engine) ${engines.node.replace('>=', '>= ')}\n`), requires);
  });

  await t.test('what Arch packs', (t) => {
    const pkgdir = temporaryFolder(t);
    const srcdir = join(folder, 'src');
    mkdirSync(srcdir);
    renameSync(source, join(srcdir, 'package'));
    const script = `set -e; . '${ROOT}/contrib/arch/PKGBUILD'; [ $pkgver = ${version} ]; [ "$depends" = 'nodejs${engines.node}' ]; package`;
    run(srcdir, 'env', `pkgdir=${pkgdir}`, `srcdir=${srcdir}`, 'fakeroot', 'bash', '-c', script);
    assert.deepEqual(compared(filesIn(pkgdir)), files);
  });

  await t.test('Nix can read its module', () => {
    run(ROOT, 'nix-instantiate', '--parse', 'contrib/nix/module.nix');
  });
});
