import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { NO_CONTAINER, runBooted } from '../support/booted-systemd.ts';
import { copyCheckout } from '../support/checkout.ts';
import { findProgram } from '../support/database-server.ts';
import { reportMissing } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROGRAMS = { dh: 'debhelper', fakeroot: 'fakeroot', lintian: 'lintian', curl: 'curl' };
const absent = Object.entries(PROGRAMS).find(([program]) => findProgram(program) === undefined);
const missing = absent !== undefined && `${absent[0]} (Debian: ${absent[1]}) is not installed`;
reportMissing(missing || '', missing !== false);

/** What compresses well takes a minute for Node.js. */
const QUICKLY = '-Zgzip -z1';

/** Builds a package in a folder of its own. */
async function build(folder: string, { words = '', umask = '022', TZ = 'UTC' }): Promise<string> {
  copyCheckout(folder);
  const out = join(folder, 'out');
  mkdirSync(out);
  const PATH = process.env['PATH']
    ?.split(':')
    .filter((each) => !each.includes('node_modules'))
    .join(':');
  const env = { ...process.env, PATH, TZ, SOURCE_DATE_EPOCH: '1767225600', DPKG_DEB_OPTIONS: QUICKLY };
  await promisify(execFile)('sh', ['-c', `umask ${umask}; ${folder}/contrib/build-deb.sh ${words}`], {
    cwd: out,
    env,
  });
  const [name = ''] = readdirSync(out);
  return join(out, name);
}

/** The errors and warnings of lintian. */
async function lint(deb: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('lintian', ['--allow-root', '--fail-on', 'none', deb]);
  return stdout.match(/^[EW]: .*/gm) ?? [];
}

/** The package after the next, in which the file of the configuration has changed. */
function nextOf(deb: string, folder: string): string {
  execFileSync('dpkg-deb', ['-R', deb, folder]);
  const edit = (file: string, from: RegExp, to: string): void =>
    writeFileSync(join(folder, file), readFileSync(join(folder, file), 'utf8').replace(from, to));
  edit('DEBIAN/control', /^Version: .*/m, 'Version: 99');
  edit('etc/automx2/automx2.conf', /^\[automx2\]$/m, '# Of the next version.\n[automx2]');
  execFileSync('dpkg-deb', ['-Znone', '-b', folder, `${folder}.deb`]);
  return `${folder}.deb`;
}

const ASK = `curl -fsS --retry 20 --retry-connrefused --retry-delay 1 'http://127.0.0.1:4243/mail/config-v1.1.xml?emailaddress=a@example.com'`;
const APT =
  'DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold';

test('Debian packages', { skip: missing, timeout: 600_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const [light, other, full] = await Promise.all([
    build(join(folder, 'one'), {}),
    build(join(folder, 'two'), { umask: '077', TZ: 'Asia/Tokyo' }),
    build(join(folder, 'three'), { words: '--bundle-node' }),
  ]);

  await t.test('the same octets, whoever builds', () => {
    assert.equal(readFileSync(light).compare(readFileSync(other)), 0);
  });

  await t.test('lintian finds nothing', async () => {
    assert.deepEqual(await Promise.all([light, full].map(lint)), [[], []]);
  });

  await t.test('one needs a new Node.js, the other none', () => {
    const depends = (deb: string): string => execFileSync('dpkg-deb', ['-f', deb, 'Depends'], { encoding: 'utf8' });
    assert.match(depends(light), /^nodejs \(>= \d+\.\d+\.\d+\), /);
    assert.doesNotMatch(depends(full), /nodejs/);
  });

  await t.test('the copyright names each package that is inside', () => {
    const root = join(folder, 'inside');
    execFileSync('dpkg-deb', ['-x', full, root]);
    const copyright = readFileSync(join(root, 'usr/share/doc/automx2/copyright'), 'utf8');
    const packages = readdirSync(join(root, 'usr/lib/automx2/node_modules'));
    assert.ok(packages.length > 20);
    const isNamed = (name: string): boolean => copyright.includes(`\nFiles: usr/lib/automx2/node_modules/${name}/*\n`);
    assert.deepEqual(
      packages.filter((name) => !isNamed(name)),
      [],
    );
  });

  await t.test('installed, upgraded, removed, purged', async (t) => {
    if (NO_CONTAINER) return t.skip(NO_CONTAINER);
    const everything =
      'find / -xdev -not -path "/proc/*" -not -path "/out/*" \\( -iname "*automx2*" \\) -not -path "/mnt/*"';
    const left = `${everything} | sort; grep automx2 /etc/passwd /etc/group /etc/shadow`;
    const done = await runBooted(t, {
      files: {},
      binds: { '/mnt/automx2.deb': full, '/mnt/next.deb': nextOf(full, join(folder, 'next')) },
      commands: [
        ['before', `${left}; true`],
        ['install', `rm -f /usr/sbin/policy-rc.d; cd /mnt; ${APT} ./automx2.deb`],
        ['mode', 'stat -c "%U:%G %a" /etc/automx2/automx2.conf /var/lib/automx2'],
        [
          'idle',
          'systemctl is-enabled automx2.service automx2.socket; ! systemctl is-active automx2.service automx2.socket',
        ],
        ['init', 'runuser -u automx2 -- automx2 init --sample'],
        ['start', 'systemctl enable --now automx2.service && systemctl is-active automx2.service'],
        ['user', 'cd /proc/$(systemctl show --value -p MainPID automx2) && stat -c %U . && readlink exe'],
        ['answer', ASK],
        [
          'edit',
          'sed -i "s/^#loglevel = .*/loglevel = INFO/" /etc/automx2/automx2.conf; systemctl show -p MainPID automx2',
        ],
        ['upgrade', `cd /mnt; ${APT} ./next.deb`],
        [
          'upgraded',
          'systemctl show -p MainPID automx2; ls /etc/automx2; stat -c "%U:%G %a" /etc/automx2/automx2.conf',
        ],
        ['kept', 'grep "^loglevel = INFO" /etc/automx2/automx2.conf'],
        ['again', ASK],
        ['remove', 'apt-get remove -y automx2 && ! systemctl is-active automx2.service'],
        ['data', 'test -e /var/lib/automx2/db.sqlite && test -e /etc/automx2/automx2.conf'],
        ['secret', 'install -m 640 -g automx2 /dev/null /etc/automx2/secret'],
        ['purge', 'apt-get purge -y automx2'],
        ['left', 'stat -c "%n %U:%G %a" /etc/automx2/*; rm -r /etc/automx2'],
        ['after', `${left}; true`],
      ],
    });
    if (typeof done === 'string') return t.skip(done);
    const outputOf = (name: string): string => done.get(name)?.out ?? '';
    for (const [name, { status, out, err }] of done) {
      if (name !== 'idle') assert.equal(status, 0, `${name}: ${out}${err}`);
    }
    assert.equal(outputOf('mode'), 'root:automx2 640\nautomx2:automx2 700\n');
    assert.equal(outputOf('idle'), 'disabled\ndisabled\ninactive\ninactive\n');
    assert.equal(outputOf('user'), 'automx2\n/usr/lib/automx2/node\n');
    assert.match(outputOf('answer'), /<hostname>/);
    assert.match(
      outputOf('upgraded'),
      /^MainPID=[1-9]\d*\nautomx2\.conf\nautomx2\.conf\.dpkg-dist\nroot:automx2 640\n$/,
    );
    assert.notEqual(outputOf('upgraded').split('\n')[0], outputOf('edit').trim());
    assert.match(outputOf('again'), /<hostname>/);
    assert.equal(outputOf('left'), '/etc/automx2/secret root:root 640\n');
    assert.equal(outputOf('after'), outputOf('before'));
  });
});
