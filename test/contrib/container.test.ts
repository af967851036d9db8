import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { HEALTH_PATH } from '../../src/adapters/http/operator/health.ts';
import { environmentOptions } from '../../src/app/environment.ts';
import { readSettings } from '../../src/app/options.ts';
import { copyCheckout } from '../support/checkout.ts';
import { findProgram } from '../support/database-server.ts';
import { startProcess } from '../support/process.ts';
import { reportMissing } from '../support/server-database.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const contrib = (name: string): string => join(ROOT, 'contrib/container', name);
const { version, dependencies, optionalDependencies, devDependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
) as Readonly<Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Record<string, string>>> & {
  readonly version: string;
};

const PROGRAMS = { buildah: 'buildah', shellcheck: 'shellcheck', ip: 'iproute2', curl: 'curl', nsenter: 'util-linux' };
const absent = Object.entries(PROGRAMS).find(([program]) => findProgram(program) === undefined);
const missing =
  process.getuid?.() === 0
    ? absent !== undefined && `${absent[0]} (Debian: ${absent[1]}) is not installed`
    : 'chroot takes root';
reportMissing(missing || '', missing !== false);

const USER = '65532:65532';
const PORT = 4243;
const PATH = `${ROOT}/node_modules/node/bin${delimiter}${process.env['PATH']}`;

/** What an image says of its container. */
interface Config {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly WorkingDir: string;
  readonly StopSignal: string;
  readonly ExposedPorts: object;
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly Labels: Readonly<Record<string, string>>;
}

/** Builds the archive of the image in a folder of its own. */
async function build(folder: string, { umask, TZ }: { umask: string; TZ: string }): Promise<string> {
  copyCheckout(folder);
  const env = { ...process.env, PATH, TZ, SOURCE_DATE_EPOCH: '1767225600' };
  const words = ['-c', `umask ${umask}; contrib/container/build.sh image.tar`];
  await promisify(execFile)('sh', words, { cwd: folder, env });
  return join(folder, 'image.tar');
}

interface Image {
  /** The folder of its files. */
  readonly root: string;
  readonly config: Config;
}

function unpack(archive: string, folder: string): Image {
  const root = join(folder, 'root');
  mkdirSync(root);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const [{ Config: name, Layers }] = read('manifest.json');
  for (const layer of Layers) execFileSync('tar', ['-xpf', join(folder, layer), '-C', root]);
  return { root, config: read(name).config };
}

// biome-ignore lint/suspicious/noExplicitAny: what these files are is not ours to describe; a wrong member fails the test.
const parse = (name: string): readonly any[] =>
  parseAllDocuments(readFileSync(contrib(name), 'utf8')).map((document) => document.toJS());

/** What a container's files have beside the image's: /proc and /dev, the folder of options, perhaps one for data. */
const MOUNT = `set -e
mount --bind "$root" "$root"
mount --bind "$options" "$root/etc/automx2"
[ -z "$data" ] || mount --bind "$data" "$root/var/lib/automx2"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
ip link set lo up
exec env -i "$@"`;

interface ContainerOptions {
  readonly user?: string;
  /** Folder for /var/lib/automx2; without one, nothing can be written. */
  readonly data?: string;
  /** Files for /etc/automx2, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs an image as a runtime does: read-only, without privileges, in namespaces of its own, where it is process 1.
 * Resolves once it listens.
 */
async function start(
  t: Cleanup,
  { root, config }: Image,
  { user = config.User, data = '', files, environment }: ContainerOptions,
) {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  chmodSync(folder, 0o755);
  const env = [...config.Env, 'AUTOMX2_LOGLEVEL=INFO', ...Object.entries(environment).map((pair) => pair.join('='))];
  const running = startProcess(
    t,
    [
      ...['unshare', '--mount', '--pid', '--net', '--fork', '--kill-child', 'sh', '-c', MOUNT, 'sh', ...env],
      ...['setpriv', '--no-new-privs', 'chroot', `--userspec=${user}`, '--groups=', root, ...config.Entrypoint],
    ],
    { folder, environment: { PATH, root, data, options: folder } },
  );
  await running.said(/ listening address=/);
  const { pid: outer } = running.child;
  const pid = readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim();
  // The change of user takes --kill-child away.
  t.after(() => running.child.exitCode ?? process.kill(Number(pid), 'SIGKILL'));
  const enter = (words: readonly string[]) =>
    spawnSync('nsenter', [`--target=${pid}`, '--net', ...words], {
      encoding: 'utf8',
      env: Object.fromEntries(env.map((pair) => pair.split(/=(.*)/s))),
    });
  const [uid, gid] = user.split(':');
  const inside = ['--mount', '--pid', '--root', '--wd', `--setuid=${uid}`, `--setgid=${gid}`];
  return {
    /** A line of /proc/PID/status. */
    state(name: string): string | undefined {
      return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    },
    /** Runs a command inside; its status. */
    run: (words: readonly string[]): number | null => enter([...inside, ...words]).status,
    /** The status of GET. */
    ask(path: string): string {
      const url = `http://127.0.0.1:${PORT}${path}`;
      return enter(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', url]).stdout;
    },
    async stop(): Promise<number | null> {
      process.kill(Number(pid), 'SIGTERM');
      return (await running.ended).status;
    },
  };
}

const AUTOCONFIG = '/mail/config-v1.1.xml?emailaddress=a@example.com';
const SETTINGS = JSON.stringify({
  version: 3,
  providers: [{ name: 'Example', domains: ['example.com'], servers: [{ type: 'imap', name: 'imap.example.com' }] }],
});
const SETTINGS_FILE = { AUTOMX2_SETTINGS_FILE: '/etc/automx2/settings.json' };

test('the image', { skip: missing, timeout: 300_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const [archive, other] = await Promise.all([
    build(join(folder, 'one'), { umask: '022', TZ: 'UTC' }),
    build(join(folder, 'two'), { umask: '077', TZ: 'Asia/Tokyo' }),
  ]);
  const image = unpack(archive, folder);
  const { root, config } = image;
  const data = join(folder, 'data');
  cpSync(join(root, 'var/lib/automx2'), data, { recursive: true });
  chownSync(data, 65532, 65532);
  const found = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
  const health = config.Healthcheck.Test.slice(1);

  await t.test('the same octets, whoever builds', () => {
    assert.equal(readFileSync(archive).compare(readFileSync(other)), 0);
  });

  await t.test('a store of images takes the archive', () => {
    const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
    execFileSync('buildah', [...storage, 'pull', '--quiet', `docker-archive:${archive}`]);
    const words = [...storage, 'inspect', '--type', 'image', `localhost/automx2:${version}`];
    const taken = JSON.parse(execFileSync('buildah', words, { encoding: 'utf8' }));
    assert.deepEqual(taken.Docker.config, config);
  });

  await t.test('says how it runs', () => {
    const { User, Env, Entrypoint, WorkingDir, StopSignal, ExposedPorts, Healthcheck, Labels } = config;
    assert.equal(User, USER);
    assert.deepEqual(Entrypoint, ['/usr/bin/automx2']);
    assert.deepEqual(Healthcheck.Test, ['CMD', '/usr/bin/automx2', 'health']);
    assert.equal(WorkingDir, '/var/lib/automx2');
    assert.equal(StopSignal, 'SIGTERM');
    assert.deepEqual(Object.keys(ExposedPorts), [`${PORT}/tcp`]);
    assert.equal(Labels['org.opencontainers.image.version'], version);
    const { listen } = readSettings(environmentOptions(Object.fromEntries(Env.map((pair) => pair.split('=')))));
    assert.deepEqual(listen, [{ host: '0.0.0.0', port: PORT }]);
  });

  await t.test('holds nothing but the program, Node.js and its libraries', (t) => {
    const others = found.filter(
      (file) =>
        !/^usr\/lib\/automx2\/(?:package\.json|LICENSE|dist\/.*\.js|node_modules\/.*(?:\.[cm]?js|\.json|licen[cs]e[^/]*|\/linux-\w+\.node))$/i.test(
          file,
        ) &&
        !/^lib(?:64)?\/(?:[\w-]+\/)?[\w+-]+\.so\.\d+$/.test(file) &&
        !/^usr\/share\/doc\/[\w-]+\/(?:copyright|LICENSE)$/.test(file),
    );
    assert.deepEqual(others.sort(), ['etc/group', 'etc/passwd', 'usr/bin/automx2', 'usr/bin/node']);
    assert.equal(found.filter((file) => file.endsWith('.node')).length, 1);
    const { size } = statSync(archive);
    t.diagnostic(`${Math.round(size / 1e6)} MB`);
    assert.ok(size < 150e6);
  });

  // A runtime makes these before it runs anything.
  for (const place of ['proc', 'dev', 'etc/automx2']) mkdirSync(join(root, place));

  for (const user of [USER, '1000700000:0']) {
    await t.test(`serves a settings file as ${user}, without privileges, until SIGTERM`, async (t) => {
      const container = await start(t, image, {
        user,
        files: { 'settings.json': SETTINGS },
        environment: SETTINGS_FILE,
      });
      assert.equal(container.state('Uid')?.split('\t')[0], user.split(':')[0]);
      assert.deepEqual(['CapPrm', 'CapEff', 'NoNewPrivs'].map(container.state).map(Number), [0, 0, 1]);
      assert.match(container.state('NSpid') ?? '', /\t1$/);
      assert.equal(container.ask(AUTOCONFIG), '200');
      assert.equal(container.run(health), 0);
      assert.equal(await container.stop(), 0);
    });
  }

  await t.test('serves SQLite in its folder for data, named by a secret', async (t) => {
    const container = await start(t, image, {
      data,
      files: { db_uri: 'sqlite:////var/lib/automx2/db.sqlite\n' },
      environment: { AUTOMX2_DB_URI_FILE: '/etc/automx2/db_uri' },
    });
    assert.deepEqual([container.run(health), container.ask(HEALTH_PATH)], [1, '503']);
    assert.equal(container.run([...config.Entrypoint, 'init', '--sample']), 0);
    // The state is asked for once a second.
    for (let tries = 0; tries < 50 && container.run(health) !== 0; tries++) await setTimeout(100);
    assert.deepEqual([container.run(health), container.ask(HEALTH_PATH)], [0, '200']);
    assert.equal(container.ask(AUTOCONFIG), '200');
    assert.equal(await container.stop(), 0);
    const { uid, mode } = statSync(join(data, 'db.sqlite'));
    assert.deepEqual([uid, mode & 0o777], [65532, 0o600]);
  });

  await t.test('has every package that the program may load', async (t) => {
    const container = await start(t, image, { files: { 'settings.json': SETTINGS }, environment: SETTINGS_FILE });
    const names = Object.keys({ ...dependencies, ...optionalDependencies });
    const script = `const load = require('module').createRequire('/usr/lib/automx2/package.json'); ${JSON.stringify(names)}.forEach(load)`;
    assert.equal(container.run(['/usr/bin/node', '-e', script]), 0);
  });
});

describe('files of the container', () => {
  test('the scripts have nothing that shellcheck finds', { skip: missing }, () => {
    const scripts = ['root.sh', 'build.sh'].map(contrib);
    const { status, stdout } = spawnSync('shellcheck', scripts, { encoding: 'utf8' });
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '' });
  });

  // build.sh takes the second one.
  test('the first stage of Containerfile makes what the second takes', () => {
    const text = readFileSync(contrib('Containerfile'), 'utf8');
    const [, stage = ''] = text.split(/^(?=FROM )/m);
    assert.match(
      stage,
      new RegExp(`^FROM docker\\.io/library/node:${Number.parseInt(devDependencies['node'] ?? '', 10)}-`),
    );
    assert.match(stage, / AS build$/m);
    const [, made] = /^RUN contrib\/container\/root\.sh (\S+)$/m.exec(stage) ?? [];
    const taken = [...text.matchAll(/^COPY --from=build (?:--chown=\S+ )?(\S+) \S+$/gm)].map(([, from]) => from);
    assert.deepEqual(taken, [`${made}/root/`, `${made}/state/`]);
  });

  /** Settings by variables, each file of a secret with this content. */
  const settingsOf = (t: Cleanup, variables: Readonly<Record<string, string>>, secret: string) => {
    const file = join(temporaryFolder(t), 'secret');
    writeFileSync(file, secret);
    const own = Object.entries(variables).map(([name, value]) => [
      name,
      /^AUTOMX2_DB_\w+_FILE$/.test(name) ? file : value,
    ]);
    return readSettings(environmentOptions(Object.fromEntries(own)));
  };

  test('compose.yaml', (t) => {
    const { services } = parse('compose.yaml')[0];
    const { image, build, environment, volumes, ports, read_only, cap_drop } = services.automx2;
    assert.equal(image, `automx2:${version}`);
    assert.equal(join(contrib(''), build.context, build.dockerfile), contrib('Containerfile'));
    assert.equal(join(contrib(''), build.context, '/'), ROOT);
    assert.ok(settingsOf(t, environment, '').settingsFile?.startsWith(`${volumes[0].split(':')[1]}/`));
    assert.deepEqual(ports, [`127.0.0.1:${PORT}:${PORT}`]);
    assert.deepEqual([read_only, cap_drop], [true, ['ALL']]);
  });

  test('kubernetes.yaml', (t) => {
    const [deployment, service] = parse('kubernetes.yaml');
    const { containers, volumes, securityContext } = deployment.spec.template.spec;
    const [{ image, env, ports, readinessProbe, volumeMounts }] = containers;
    assert.equal(image, `automx2:${version}`);
    const variables = Object.fromEntries(env.map(({ name, value }: Record<string, string>) => [name, value]));
    assert.equal(settingsOf(t, variables, 'postgresql://u:p@db.example.com/automx2').database.engine, 'postgresql');
    assert.equal(variables['AUTOMX2_DB_URI_FILE'], `${volumeMounts[0].mountPath}/db_uri`);
    assert.equal(volumeMounts[0].name, volumes[0].name);
    assert.equal(`${securityContext.runAsUser}:${securityContext.runAsGroup}`, USER);
    assert.deepEqual([securityContext.runAsNonRoot, securityContext.seccompProfile.type], [true, 'RuntimeDefault']);
    assert.deepEqual(containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    assert.equal(ports[0].containerPort, PORT);
    assert.deepEqual(readinessProbe.httpGet, { path: HEALTH_PATH, port: ports[0].name });
    assert.equal(service.spec.ports[0].targetPort, ports[0].name);
    assert.deepEqual(service.spec.selector, deployment.spec.template.metadata.labels);
  });
});
