import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findConfigFile } from '../../src/adapters/config/config-file.ts';
import { NO_CONTAINER, runBooted } from '../support/booted-systemd.ts';
import { ask } from '../support/configured-service.ts';
import { findProgram, freePort } from '../support/database-server.ts';
import { type Result, type RunningProcess, startProcess } from '../support/process.ts';
import { launchProgram, MAIN, ourEnvironment } from '../support/program.ts';
import { NGINX } from '../support/proxy-server.ts';
import { reportMissing } from '../support/server-database.ts';
import { contents, execute, INDEXES, layoutSql } from '../support/sqlite-file.ts';
import { readSwitchingSteps } from '../support/switching-steps.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';

// The old automx2 is a stand-in in Python: the real one is not there to be run, but what it needs of the configuration and
// the database is what this one needs, and Python's configparser and sqlite3 are those that it uses.
const STAND_IN = fileURLToPath(new URL('../support/python-automx2.py', import.meta.url));
const OUR_UNIT = fileURLToPath(new URL('../../contrib/systemd/automx2.service', import.meta.url));

const python = findProgram('python3', '/usr/bin') ?? '';
const missing = [
  ...(python === '' ? ['python3 (Debian: python3) is not installed'] : []),
  ...['curl', 'sqlite3']
    .filter((name) => findProgram(name) === undefined)
    .map((name) => `${name} (Debian: ${name}) is not installed`),
].join(', ');
reportMissing(missing, missing !== '');
reportMissing(NO_CONTAINER || '', NO_CONTAINER !== false);

/** A unit of the Python automx2, with the user and the folder that its manual has. */
const OLD_UNIT = `[Unit]
Description=Python automx2
After=network.target

[Service]
Environment=FLASK_APP=automx2.server:app
ExecStart=/srv/www/automx2/bin/flask run --host=127.0.0.1 --port=4243
Restart=always
User=automx2
WorkingDirectory=/var/lib/automx2

[Install]
WantedBy=multi-user.target
`;

/** nobody, as whom the daemon runs where the test may choose. */
const DAEMON = 65_534;
const isRoot = process.getuid?.() === 0;
const asDaemon = isRoot ? ['setpriv', `--reuid=${DAEMON}`, `--regid=${DAEMON}`, '--clear-groups'] : [];

const ADDRESS = 'jane@altbau.example';

const AUTOCONFIG = `/mail/config-v1.1.xml?emailaddress=${ADDRESS}`;

/** Shell commands that wait for a daemon; the next question to one that never answers fails. */
const untilAnswers = (port: number): string =>
  `for try in $(seq 100); do curl -sfo /dev/null 'http://127.0.0.1:${port}${AUTOCONFIG}' && break; sleep 0.1; done`;

interface Installation {
  readonly config: string;
  readonly database: string;
  readonly copy: string;
  readonly unit: string;
  readonly savedUnit: string;
  /** A file with the calls of systemctl(1). */
  readonly calls: string;
  readonly port: number;
  /** Runs the command of a step, the only one or that of the index. */
  run(step: number | 'back', options?: { readonly index?: number; readonly wrap?: readonly string[] }): Promise<Result>;
  /** Starts the old automx2, on a database that it can use. */
  startOld(): Promise<RunningProcess>;
  startOurs(): Promise<RunningProcess>;
}

/** automx2 as its manual installs it, below a folder of the test's own, and our program beside it. */
async function install(t: Cleanup, layout: string): Promise<Installation> {
  const root = temporaryFolder(t);
  chmodSync(root, 0o755);
  const below = (path: string): string => join(root, path);
  for (const folder of ['bin', 'root', 'etc/automx2', 'etc/systemd/system', 'var/lib/automx2']) {
    mkdirSync(below(folder), { recursive: true });
  }
  const [port, besidePort] = [await freePort(), await freePort()];
  const config = below('etc/automx2/automx2.conf');
  const unit = below('etc/systemd/system/automx2.service');
  const database = below('var/lib/automx2/db.sqlite');
  const copy = below('root/copy.sqlite');
  const savedUnit = below('root/automx2.service.old');
  const calls = below('calls');
  writeFileSync(
    config,
    `[automx2]\nloglevel = WARNING\ndb_echo = no\ndb_uri = sqlite:///${database}\nproxy_count = 1\n`,
  );
  writeFileSync(unit, OLD_UNIT);
  execute(database, layoutSql(layout));
  if (isRoot) for (const path of [below('var/lib/automx2'), database]) chownSync(path, DAEMON, DAEMON);
  const script = (name: string, command: string): void =>
    writeFileSync(below(`bin/${name}`), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  script('automx2', `exec '${process.execPath}' '${MAIN}' "$@"`);
  script('systemctl', `echo "systemctl $*" >> ${calls}`);

  const { commands } = readSwitchingSteps({
    '/etc/automx2/automx2.conf': config,
    '/etc/systemd/system/automx2.service': unit,
    '/root/automx2.service.old': savedUnit,
    'sqlite3 db.sqlite': `sqlite3 ${database}`,
    'copy.sqlite': copy,
    ':4243': `:${port}`,
    '4244': String(besidePort),
    // A machine under load is slower than the document allows for.
    'sleep 2': untilAnswers(besidePort),
    'you@your.domain': ADDRESS,
  });
  const environment = { ...ourEnvironment(root), PATH: `${below('bin')}:${process.env['PATH']}` };
  return {
    config,
    database,
    copy,
    unit,
    savedUnit,
    calls,
    port,
    run(step, { index = 0, wrap = [] } = {}) {
      const command = commands(step)[index];
      assert.ok(command, `step ${step} has no command ${index + 1}`);
      return startProcess(t, [...wrap, 'sh', '-c', command], { folder: root, environment }).ended;
    },
    async startOld() {
      const folder = below('var/lib/automx2'); // WorkingDirectory= of the unit
      const words = [...asDaemon, python, STAND_IN, String(port)];
      const running = startProcess(t, words, { folder, environment: { ...environment, AUTOMX2_CONF: config } });
      await running.said(/listening/);
      return running;
    },
    async startOurs() {
      // The unit has neither word: its paths and its port are those of the configuration.
      const running = launchProgram(t, root, ['--config', config, '--port', String(port)], { wrap: asDaemon });
      await until(async () => (await ask({ port }, { path: '/healthz' })).status === 200, running);
      return running;
    },
  };
}

/** Asks until the answer is yes; a refused connection is a no while the process runs. */
async function until(question: () => Promise<boolean>, { child, err }: RunningProcess): Promise<void> {
  while (!(await question().catch(() => false))) {
    assert.equal(child.exitCode, null, err());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function stop({ child, ended }: RunningProcess): Promise<number | null> {
  child.kill('SIGTERM');
  return (await ended).status;
}

/** What a client uses of the mail servers in an Autoconfig document, in their order. */
const serversIn = (document: string): readonly (readonly string[])[] =>
  [...document.matchAll(/<(?:incoming|outgoing)Server type="(\w+)">([\s\S]*?)<\/(?:incoming|outgoing)Server>/g)].map(
    ([, type = '', content = '']) => [
      type,
      ...['hostname', 'port', 'socketType'].map(
        (name) => new RegExp(`<${name}>(.*)</${name}>`).exec(content)?.[1] ?? '',
      ),
    ],
  );

/** Who owns a path, who may do what there, and that it is no link to another place. */
function standing(path: string) {
  const { uid, gid, mode } = lstatSync(path);
  return { uid, gid, mode };
}

test('the document has as many commands as are run here', () => {
  const { commands } = readSwitchingSteps();
  const counts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 'back' as const].map((step) => commands(step).length);
  assert.deepEqual(counts, [0, 1, 2, 1, 1, 1, 1, 0, 0, 1]);
});

describe('switching from automx2 and back as the document says', { skip: missing !== '' && missing }, () => {
  for (const { layout, isEarly } of [
    { layout: '43ebb40d0578', isEarly: false },
    { layout: 'create-all', isEarly: false },
    { layout: '5334f8a8282c', isEarly: true },
    { layout: '13f41ca95089', isEarly: true },
  ]) {
    test(`a database of ${isEarly ? 'an early' : 'the current'} layout, ${layout}`, async (t) => {
      const place = await install(t, layout);
      const { port, database, unit, run } = place;
      const [folder, before] = [join(database, '..'), contents(database)];
      const standings = () => [folder, database].map(standing);
      const standingsBefore = standings();
      // An early database needs an early automx2, which is not what the stand-in stands for.
      const old = isEarly ? undefined : await place.startOld();
      const oldAnswer = old && (await ask({ port }, { path: AUTOCONFIG }));

      const checked = await run(2, { wrap: asDaemon });
      assert.equal(checked.status, 0, checked.err);

      for (const index of [0, 1]) assert.deepEqual(await run(3, { index }), { status: 0, out: '', err: '' });
      assert.deepEqual(contents(place.copy), before);
      assert.equal(readFileSync(place.savedUnit, 'utf8'), OLD_UNIT);
      copyFileSync(OUR_UNIT, unit); // what the installation does

      const listed = await run(4);
      assert.equal(listed.status, 1, listed.err);
      const lines = listed.out.split('\n').filter((line) => line.startsWith('- '));
      const ofIndexes = lines.filter((line) => INDEXES.some((name) => line.includes(`index ${name} `)));
      assert.equal(ofIndexes.length, INDEXES.length);
      const ofExtras: readonly string[] = lines.filter((line) => line === '- table automx2_extra created');
      assert.equal(
        lines.some((line) => /^- (?:column|table) /.test(line) && !ofExtras.includes(line)),
        isEarly,
      );
      if (!isEarly) assert.deepEqual(lines, [...ofExtras, ...ofIndexes]);
      assert.deepEqual(contents(database), before);

      if (old !== undefined) {
        const { status, out, err } = await run(5, { wrap: asDaemon });
        assert.equal(status, 0, err);
        assert.match(err, /WARNING/); // the server of an unknown type
        const [theirs = '', ours = ''] = out.split('<?xml');
        assert.equal(theirs, oldAnswer?.body);
        // automx2 hands the row out that we warn of.
        const usable = serversIn(theirs).filter(([type]) => type !== 'INVALID');
        assert.equal(usable.length, 3);
        assert.deepEqual(serversIn(ours), usable);
        await stop(old);
      }

      const migrated = await run(6, { wrap: asDaemon });
      assert.equal(migrated.status, 0, migrated.err);
      const after = contents(database);
      for (const [table, rows] of Object.entries(before.rows)) {
        if (table === 'alembic_version') continue;
        // What is added is added at the end.
        assert.deepEqual(
          after.rows[table]?.map((row, index) => row.slice(0, rows[index]?.length)),
          rows,
          table,
        );
      }
      const revisions = before.rows['alembic_version'];
      const [, revision] = /\(revision (\w+)\)/.exec(readSwitchingSteps().text) ?? [];
      assert.deepEqual(after.rows['alembic_version'], revisions && [[revision]]);
      assert.equal((await run(4)).status, 0);

      const service = await place.startOurs();
      const health = await run(7);
      assert.deepEqual([health.status, health.out.trim()], [0, 'ok']);

      const answer = await ask({ port }, { path: AUTOCONFIG });
      assert.equal(answer.status, 200);
      assert.equal(serversIn(answer.body).length, 3);
      if (NGINX.missing === false) {
        const { ports, ca } = await NGINX.start(t, { port });
        const caFile = join(folder, '../ca.pem');
        writeFileSync(caFile, ca);
        const host = `autoconfig.example.com:${ports.https}`;
        const words = ['-s', '--cacert', caFile, '--resolve', `${host}:127.0.0.1`, `https://${host}${AUTOCONFIG}`];
        const through = startProcess(t, ['curl', ...words], { folder, environment: ourEnvironment(folder) });
        assert.equal((await through.ended).out, answer.body);
      }

      const initdb = async () => (await ask({ port }, { path: '/initdb/' })).status;
      assert.equal(await initdb(), 200);
      const [, line] = /`(initdb = \w+)`/.exec(readSwitchingSteps().text) ?? [];
      appendFileSync(place.config, `${line}\n`);
      service.child.kill('SIGHUP');
      await until(async () => (await initdb()) === 403, service);

      assert.equal(await stop(service), 0);
      assert.deepEqual(await run('back'), { status: 0, out: '', err: '' });
      assert.equal(readFileSync(unit, 'utf8'), OLD_UNIT);
      assert.equal(readFileSync(place.calls, 'utf8'), 'systemctl daemon-reload\n');
      assert.deepEqual(standings(), standingsBefore);
      assert.deepEqual(contents(database), after);

      const again = await place.startOld();
      const lastAnswer = await ask({ port }, { path: AUTOCONFIG });
      if (oldAnswer !== undefined) assert.deepEqual(lastAnswer, oldAnswer);
      assert.deepEqual(
        serversIn(lastAnswer.body).filter(([type]) => type !== 'INVALID'),
        serversIn(answer.body),
      );
      await stop(again);
      // For an older automx2: the copy of step 3 is what it had.
      assert.deepEqual(contents(place.copy), before);
    });
  }
});

describe('a configuration file for both', { skip: python === '' && missing }, () => {
  for (const { name, lines, want, isOursOnly = false } of [
    { name: 'doubled percent sign', lines: 'a = 50%%', want: { a: '50%' } },
    { name: 'reference', lines: 'a = b\nc = %(a)s/d', want: { a: 'b', c: 'b/d' } },
    { name: 'default section', lines: 'a = 1\n[DEFAULT]\nb = %(a)s', want: { a: '1', b: '1' } },
    { name: 'lone percent sign, which is ours only', lines: 'a = 50% b', want: { a: '50% b' }, isOursOnly: true },
  ]) {
    test(name, async (t) => {
      const folder = temporaryFolder(t);
      const file = join(folder, 'automx2.conf');
      writeFileSync(file, `[automx2]\n${lines}\n`);
      const ours = findConfigFile(file, {}, () => true)?.options ?? new Map();
      assert.deepEqual(Object.fromEntries([...ours].map(([option, { value }]) => [option, value])), want);
      const environment = { ...ourEnvironment(folder), AUTOMX2_CONF: file };
      const { status, out } = await startProcess(t, [python, STAND_IN, '--options'], { folder, environment }).ended;
      if (isOursOnly) assert.notEqual(status, 0);
      else assert.deepEqual(JSON.parse(out), want);
    });
  }
});

test('the units leave the folder of an old installation in its place', () => {
  for (const name of ['automx2.service', 'automx2@.service']) {
    const text = readFileSync(join(OUR_UNIT, '..', name), 'utf8');
    assert.doesNotMatch(text, /^DynamicUser=/m);
    assert.match(text, /^User=automx2$/m);
    assert.match(text, /^StateDirectory=automx2$/m);
  }
});

test('the units change places under systemd itself', {
  skip: NO_CONTAINER || (missing !== '' && missing),
}, async (t) => {
  const { commands } = readSwitchingSteps({
    'sqlite3 db.sqlite': 'sqlite3 /var/lib/automx2/db.sqlite',
    'copy.sqlite': '/root/copy.sqlite',
    'sleep 2': untilAnswers(4244),
    'you@your.domain': ADDRESS,
  });
  const command = (step: number | 'back', index = 0): string => commands(step)[index] ?? 'exit 99';
  const listens = untilAnswers(4243);
  const look = 'stat -c "%n %F %U %a" /var/lib/automx2 /var/lib/automx2/db.sqlite';
  const ask = `curl -s 'http://127.0.0.1:4243${AUTOCONFIG}'`;
  const done = await runBooted(t, {
    binds: { '/usr/lib/automx2': fileURLToPath(new URL('../..', import.meta.url)) },
    files: {
      'automx2.conf': '[automx2]\ndb_uri = sqlite:////var/lib/automx2/db.sqlite\nproxy_count = 1\n',
      'automx2.service': OLD_UNIT.replace(
        /^ExecStart=.*$/m,
        `ExecStart=${python} /usr/lib/automx2/test/support/python-automx2.py 4243`,
      ),
      sql: layoutSql('43ebb40d0578'),
      automx2: "#!/usr/bin/node\nimport('/usr/lib/automx2/src/app/main.ts');\n",
    },
    commands: [
      [
        'old',
        `set -e; cd /out; useradd --system --create-home --home-dir /var/lib/automx2 automx2; mkdir -p /etc/automx2
        install -m 644 automx2.conf /etc/automx2; install -m 644 automx2.service /etc/systemd/system
        runuser -u automx2 -- sqlite3 /var/lib/automx2/db.sqlite < sql; install -m 755 automx2 /usr/bin
        systemctl daemon-reload; systemctl enable --now automx2; ${listens}`,
      ],
      ['oldPlace', look],
      ['oldAnswer', ask],
      ['step2', `runuser -u automx2 -- ${command(2)}`],
      ['step3', `set -e; ${command(3)}; ${command(3, 1)}`],
      ['step4', command(4)],
      ['step5', command(5)],
      ['stop', 'systemctl disable --now automx2'],
      [
        'install',
        `set -e; cd /usr/lib/automx2/contrib/systemd; mkdir -p /etc/sysusers.d /etc/tmpfiles.d
        cp automx2.service automx2.socket /etc/systemd/system; cp automx2.sysusers /etc/sysusers.d/automx2.conf
        cp automx2.tmpfiles /etc/tmpfiles.d/automx2.conf; systemd-sysusers; systemd-tmpfiles --create
        systemctl daemon-reload`,
      ],
      ['step6', `runuser -u automx2 -- ${command(6)}`],
      ['start', 'systemctl enable --now automx2'],
      ['step7', command(7)],
      ['step9', `echo 'initdb = off' >> /etc/automx2/automx2.conf; systemctl reload automx2`],
      ['ourPlace', look],
      ['back', `set -e; systemctl stop automx2; ${command('back')}; systemctl start automx2; ${listens}`],
      ['unit', 'cmp /out/automx2.service /etc/systemd/system/automx2.service && systemctl is-enabled automx2'],
      ['newPlace', look],
      ['newAnswer', ask],
      ['journal', 'journalctl --no-pager --output=cat --unit=automx2'],
    ],
  });
  if (typeof done === 'string') return t.skip(done);
  const { step4, ...others } = Object.fromEntries(done);
  assert.equal(step4?.status, 1); // the indexes
  for (const [name, { status, out, err }] of Object.entries(others)) assert.equal(status, 0, `${name}: ${out}${err}`);
  const outputOf = (name: string): string => done.get(name)?.out ?? '';
  assert.equal(outputOf('step7'), 'ok\n');
  assert.match(outputOf('oldAnswer'), /<clientConfig/);
  assert.equal(outputOf('newAnswer'), outputOf('oldAnswer'));
  // The folder stays where it is and whose it is. Our unit closes it to others, which the document says.
  const closed = outputOf('oldPlace').replace(/ \d+$/m, ' 700');
  assert.match(closed, /^\/var\/lib\/automx2 directory automx2 700\n.* regular file automx2 644\n$/);
  for (const name of ['ourPlace', 'newPlace']) assert.equal(outputOf(name), closed, name);
  assert.doesNotMatch(outputOf('journal'), /CHDIR|Failed with result/);
  assert.match(outputOf('journal'), /Started .*Configuration of mail clients/);
});
