import assert from 'node:assert/strict';
import fs, { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { ConfigError, findConfigFile } from '../../../src/adapters/config/config-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const accepts = (option: string): boolean => ['loglevel', 'db_uri'].includes(option);
const find = (path: string | undefined, environment: Readonly<Record<string, string | undefined>> = {}) =>
  findConfigFile(path, environment, accepts);

/** A file in a new folder. */
function fileWith(t: TestContext, content: string | Uint8Array): string {
  const path = join(temporaryFolder(t), 'automx2.conf');
  writeFileSync(path, content);
  return path;
}

const withLevel = (level: string): string => `[automx2]\nloglevel = ${level}\n`;

/** The refusal's message; it must be one line. */
function messageOf(action: () => unknown): string {
  let message = '';
  assert.throws(action, (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    message = error.message;
    return true;
  });
  assert.doesNotMatch(message, /[\r\n]/);
  return message;
}

function setHome(t: TestContext, folder: string): void {
  const before = process.env['HOME'];
  process.env['HOME'] = folder;
  t.after(() => {
    if (before === undefined) delete process.env['HOME'];
    else process.env['HOME'] = before;
  });
}

describe('the places, in their order', () => {
  const PLACES = ['/home/of-nobody/.automx2.conf', '/etc/automx2/automx2.conf', '/etc/automx2.conf'];

  /** Lets the files be these only, since a test must not write to /etc; returns the paths as they are asked for. */
  function pretend(t: TestContext, files: ReadonlyMap<string, string>): readonly string[] {
    setHome(t, '/home/of-nobody');
    const asked: string[] = [];
    const mocked = t.mock.method(fs, 'readFileSync', (path: string) => {
      asked.push(path);
      const text = files.get(path);
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return Buffer.from(text);
    });
    syncBuiltinESMExports();
    t.after(() => {
      mocked.mock.restore();
      syncBuiltinESMExports();
    });
    return asked;
  }

  test('none of them is there', (t) => {
    const asked = pretend(t, new Map());
    assert.equal(find(undefined), undefined);
    assert.deepEqual(asked, PLACES);
  });
  for (const [index, place] of PLACES.entries()) {
    test(`${place} hides those after it`, (t) => {
      pretend(t, new Map(PLACES.slice(index).map((path) => [path, withLevel(path)])));
      const file = find(undefined);
      assert.equal(file?.path, place);
      assert.equal(file?.options.get('loglevel')?.value, place);
    });
  }
  test('AUTOMX2_CONF comes before them', (t) => {
    pretend(t, new Map([...PLACES, '/srv/a.conf'].map((path) => [path, withLevel(path)])));
    assert.equal(find(undefined, { AUTOMX2_CONF: '/srv/a.conf' })?.path, '/srv/a.conf');
  });
  test('a path on the command line comes before all', (t) => {
    const asked = pretend(t, new Map([...PLACES, '/srv/a.conf', '/b.conf'].map((path) => [path, withLevel(path)])));
    assert.equal(find('/b.conf', { AUTOMX2_CONF: '/srv/a.conf' })?.path, '/b.conf');
    assert.deepEqual(asked, ['/b.conf']);
  });
  test('a missing AUTOMX2_CONF does not lead to them', (t) => {
    const asked = pretend(t, new Map(PLACES.map((path) => [path, withLevel(path)])));
    assert.match(
      messageOf(() => find(undefined, { AUTOMX2_CONF: '/srv/a.conf' })),
      /\/srv\/a\.conf/,
    );
    assert.deepEqual(asked, ['/srv/a.conf']);
  });
  test('an empty AUTOMX2_CONF is ignored', (t) => {
    pretend(t, new Map([['/etc/automx2.conf', withLevel('INFO')]]));
    assert.equal(find(undefined, { AUTOMX2_CONF: '' })?.path, '/etc/automx2.conf');
  });
});

test('~/.automx2.conf is read from the folder that HOME names', (t) => {
  const home = temporaryFolder(t);
  const path = join(home, '.automx2.conf');
  writeFileSync(path, withLevel('INFO'));
  setHome(t, home);
  assert.equal(find(undefined)?.path, path);
});

test('~/.automx2.conf that cannot be read does not lead to the next place', (t) => {
  const home = temporaryFolder(t);
  mkdirSync(join(home, '.automx2.conf'));
  setHome(t, home);
  assert.match(
    messageOf(() => find(undefined)),
    /\.automx2\.conf/,
  );
});

describe('a file that is named', () => {
  const ways: readonly [string, (path: string) => unknown][] = [
    ['AUTOMX2_CONF', (path) => find(undefined, { AUTOMX2_CONF: path })],
    ['the command line', (path) => find(path)],
  ];
  for (const [way, open] of ways) {
    for (const { name, make, reason } of [
      { name: 'is missing', make: (t) => join(temporaryFolder(t), 'a.conf'), reason: /no such file/ },
      { name: 'is below a file', make: (t) => join(fileWith(t, ''), 'a.conf'), reason: /no such file/ },
      { name: 'is a folder', make: (t) => temporaryFolder(t), reason: /it is a folder/ },
      {
        name: 'is a circular link',
        make: (t) => {
          const path = join(temporaryFolder(t), 'a.conf');
          symlinkSync(path, path);
          return path;
        },
        reason: /too many symbolic links/,
      },
      { name: 'is not UTF-8', make: (t) => fileWith(t, Buffer.from(withLevel('é'), 'latin1')), reason: /UTF-8/ },
      {
        name: 'is UTF-16',
        make: (t) => fileWith(t, Buffer.from(`\ufeff${withLevel('INFO')}`, 'utf16le')),
        reason: /UTF-8/,
      },
      { name: 'is empty', make: (t) => fileWith(t, ''), reason: /\[automx2\]/ },
      { name: 'has no section of ours', make: (t) => fileWith(t, '[other]\na = 1\n'), reason: /\[automx2\]/ },
      { name: 'has our section in capitals', make: (t) => fileWith(t, '[AUTOMX2]\na = 1\n'), reason: /\[automx2\]/ },
    ] satisfies readonly { name: string; make: (t: TestContext) => string; reason: RegExp }[]) {
      test(`by ${way}: ${name}`, (t) => {
        const path = make(t);
        const message = messageOf(() => open(path));
        assert.ok(message.startsWith(`${path}: `), message);
        assert.match(message, reason);
      });
    }

    test(`by ${way}: may not be read`, (t) => {
      const path = fileWith(t, withLevel('INFO'));
      chmodSync(path, 0o000);
      chmodSync(join(path, '..'), 0o755);
      const isRoot = process.geteuid?.() === 0;
      if (isRoot) process.seteuid?.(65534); // root may read everything
      try {
        assert.match(
          messageOf(() => open(path)),
          /a?utomx2\.conf: .*permission denied/,
        );
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
    });
  }

  test('by AUTOMX2_CONF: must be absolute', () => {
    for (const path of ['automx2.conf', './automx2.conf', '~/automx2.conf']) {
      assert.match(
        messageOf(() => find(undefined, { AUTOMX2_CONF: path })),
        /^AUTOMX2_CONF: .*absolute/,
      );
    }
  });
  test('by the command line: may be relative', (t) => {
    const path = relative(process.cwd(), fileWith(t, withLevel('INFO')));
    assert.equal(find(path)?.options.get('loglevel')?.value, 'INFO');
  });
});

describe('mistakes are reported with FILE:LINE', () => {
  for (const { name, text, line } of [
    { name: 'an option twice', text: '[automx2]\nloglevel = INFO\n\nloglevel = DEBUG\n', line: 4 },
    { name: 'a section twice', text: '[automx2]\n[automx2]\n', line: 2 },
    { name: 'text before the first section', text: '# note\nloglevel = INFO\n', line: 2 },
    { name: 'a name without value', text: '[automx2]\nloglevel\n', line: 2 },
    { name: 'a byte order mark', text: '\ufeff[automx2]\n', line: 1 },
    { name: 'a reference to nothing', text: '[automx2]\nloglevel = INFO\ndb_uri = %(root)s/db\n', line: 3 },
    { name: 'a reference to itself', text: '[automx2]\nloglevel = %(loglevel)s\n', line: 2 },
  ]) {
    test(name, (t) => {
      const path = fileWith(t, text);
      const message = messageOf(() => find(path));
      assert.ok(message.startsWith(`${path}:${line}: `), message);
    });
  }

  for (const { name, text } of [
    { name: 'an option twice', text: 'db_uri = mysql://u:hunter2@h/d\ndb_uri = mysql://u:hunter2@h/d' },
    { name: 'a line that should have been indented', text: 'db_uri =\nmysql//u@hunter2' },
    { name: 'a reference to nothing', text: 'db_uri = mysql://u:hunter2@%(host)s/d' },
    { name: 'a reference to itself', text: 'db_uri = mysql://u:hunter2@%(db_uri)s/d' },
  ]) {
    test(`no secret in ${name}`, (t) => {
      const path = fileWith(t, `[automx2]\n${text}\n`);
      assert.doesNotMatch(
        messageOf(() => find(path)),
        /hunter2/,
      );
    });
  }
});

test('options come by name in lower case, with their lines, and as text whatever they look like', (t) => {
  const path = fileWith(
    t,
    '# note\n[automx2]\nLogLevel: true\na = false\nb = null\nc = "true"\nd = 5\ne =\nf = [1]\ng = p#w;x\nh = 1\n  2\n',
  );
  const file = find(path);
  assert.equal(file?.path, path);
  assert.deepEqual(
    [...(file?.options ?? [])].map(([name, { value, place }]) => [name, value, Number(place.split(':')[1])]),
    [
      ['loglevel', 'true', 3],
      ['a', 'false', 4],
      ['b', 'null', 5],
      ['c', '"true"', 6],
      ['d', '5', 7],
      ['e', '', 8],
      ['f', '[1]', 9],
      ['g', 'p#w;x', 10],
      ['h', '1\n2', 11],
    ],
  );
});

test('options that ini drops or takes for an array are there to be refused', (t) => {
  const names = [...(find(fileWith(t, '[automx2]\n__proto__ = 1\na[] = 2\nloglevel = INFO\n'))?.options.keys() ?? [])];
  assert.deepEqual(names, ['__proto__', 'a[]', 'loglevel']);
});

test('[DEFAULT] gives the options that we know, and no others', (t) => {
  const path = fileWith(t, '[DEFAULT]\nroot = /srv\nloglevel = INFO\n[automx2]\ndb_uri = sqlite:///%(root)s/db\n');
  assert.deepEqual(
    [...(find(path)?.options ?? [])].map(([name, { value }]) => [name, value]),
    [
      ['loglevel', 'INFO'],
      ['db_uri', 'sqlite:////srv/db'],
    ],
  );
});
