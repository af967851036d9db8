import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { document } from '../domain/documents/samples.ts';
import { NO_CONTAINER, runBooted } from '../support/booted-systemd.ts';
import { findProgram } from '../support/database-server.ts';
import { reportMissing } from '../support/server-database.ts';

const missing = NO_CONTAINER || (findProgram('curl') === undefined && 'curl (Debian: curl) is not installed');
reportMissing(missing || '', missing !== false);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The command line of doc/permissions.md for this Node.js, as a drop-in. */
function permissionDropIn(): string {
  const text = readFileSync(`${ROOT}/doc/permissions.md`, 'utf8').split('\n## A settings file')[1] ?? '';
  const isNetLimited = Number(process.versions.node.split('.')[0]) >= 26;
  const lines = [...text.matchAll(/(?: {4}.*\n)+/g)].map(([block]) => block.replaceAll('\\\n', ' ').trim());
  const line = lines.find((each) => each.includes('--allow-net') === isNetLimited) ?? '';
  return `[Service]\nExecStart=\nExecStart=${line.replace(/\s+/g, ' ').replace(' --config /etc/automx2/automx2.conf', '')}\n`;
}

const ask = (domain: string): string =>
  `curl -s -o /dev/null -w '%{http_code}' 'http://127.0.0.1:4243/mail/config-v1.1.xml?emailaddress=jane@${domain}'`;

/** Shell commands that wait for a line of the journal. */
const untilSaid = (line: string): string =>
  `for try in $(seq 100); do journalctl --output=cat --unit=automx2 | grep -q '${line}' && break; sleep 0.1; done`;

/** Tries to execute what is not the daemon's, from each place that it can write to, too. */
const FOREIGN = `import os
def tried(name, action):
    try: action()
    except OSError as error: print(name, error.strerror)
    else: print(name, 'executed')
def spawn(path): os.waitpid(os.posix_spawn(path, ['true'], {}), 0)
def in_memory():
    file = os.memfd_create('foreign')
    os.write(file, octets)
    spawn(f'/proc/self/fd/{file}')
octets = open('/usr/bin/true', 'rb').read()
for folder in ['/tmp', '/var/tmp', '/var/lib/automx2', '/dev/shm']:
    path = folder + '/foreign'
    with open(path, 'wb') as file: file.write(octets)
    os.chmod(path, 0o755)
    tried(folder, lambda: spawn(path))
tried('/usr/bin/true', lambda: spawn('/usr/bin/true'))
tried('memory', in_memory)
with open('/proc/self/mountinfo') as file:
    options = {line.split()[4]: line.split()[5].split(',') for line in file}
print('writable:', sorted(path for path in options if path.startswith(('/usr', '/lib')) and 'rw' in options[path]))
`;

/** Shell commands that run it with Python in the sandbox of the unit, which lets one more program be executed. */
const IN_SANDBOX = `python=$(readlink -f /usr/bin/python3); install -m 644 /out/foreign.py /etc/automx2
  sed -e '/^Exec\\(Start\\|Reload\\)=/d; /^Watchdog/d; /^Restart/d; s/^Type=.*/Type=oneshot/' \
    -e "/^\\[Service\\]/aExecStart=$python /etc/automx2/foreign.py" \
    -e "s#^\\(Exec\\|ReadOnly\\)Paths=#&+$python #" \
    /usr/lib/automx2/contrib/systemd/automx2.service >/etc/systemd/system/foreign.service
  systemctl daemon-reload; systemctl start foreign; journalctl --output=cat _SYSTEMD_UNIT=foreign.service`;

test('a settings file under the sealed unit and the permission model', { skip: missing }, async (t) => {
  const done = await runBooted(t, {
    binds: { '/usr/lib/automx2': ROOT },
    files: {
      'automx2.conf': '[automx2]\nloglevel = INFO\nsettings_file = /etc/automx2/settings.json\n',
      'settings.json': JSON.stringify(document()),
      'new.json': JSON.stringify(document({ domains: ['new.example'] })),
      'permission.conf': permissionDropIn(),
      'foreign.py': FOREIGN,
      automx2: "#!/usr/bin/node\nimport('/usr/lib/automx2/src/app/main.ts');\n",
    },
    commands: [
      [
        'install',
        `set -e; cd /usr/lib/automx2/contrib/systemd; mkdir -p /etc/sysusers.d /etc/tmpfiles.d /etc/automx2
        cp -r automx2.service automx2.socket automx2.service.d /etc/systemd/system
        cp automx2.sysusers /etc/sysusers.d/automx2.conf; cp automx2.tmpfiles /etc/tmpfiles.d/automx2.conf; cd /out
        cp permission.conf /etc/systemd/system/automx2.service.d; install -m 755 automx2 /usr/bin
        install -m 644 automx2.conf settings.json /etc/automx2; systemd-sysusers; systemd-tmpfiles --create
        systemctl daemon-reload; systemctl start automx2.socket`,
      ],
      ['served', ask('example.com')],
      ['unknown', ask('new.example')],
      ['reload', `install -m 644 /out/new.json /etc/automx2/settings.json; systemctl reload automx2`],
      ['reloaded', untilSaid('configuration reloaded')],
      ['now', ask('new.example')],
      ['broken', `echo nonsense = 1 >> /etc/automx2/automx2.conf; ! systemctl reload automx2`],
      ['still', ask('new.example')],
      ['command', 'systemctl show --value -p ExecStart automx2'],
      ['title', 'cat /proc/$(systemctl show --value -p MainPID automx2)/comm'],
      ['modules', 'grep -c "\\.node$" /proc/$(systemctl show --value -p MainPID automx2)/maps || true'],
      ['foreign', IN_SANDBOX],
      ['journal', 'journalctl --no-pager --output=cat --unit=automx2'],
    ],
  });
  if (typeof done === 'string') return t.skip(done);
  for (const [name, { status, out, err }] of done) assert.equal(status, 0, `${name}: ${out}${err}`);
  const outputOf = (name: string): string => done.get(name)?.out ?? '';
  const journal = outputOf('journal');
  assert.deepEqual(['served', 'unknown', 'now', 'still'].map(outputOf), ['200', '404', '200', '200'], journal);
  assert.match(outputOf('command'), / --permission (?!.*--allow-addons)/);
  assert.equal(outputOf('title'), 'automx2\n');
  assert.match(journal, /automx2\.conf:4: nonsense: unknown option/);
  assert.equal(outputOf('modules'), '0\n');
  const denied = ['/tmp', '/var/tmp', '/var/lib/automx2', '/dev/shm', '/usr/bin/true'].map(
    (place) => `${place} Permission denied`,
  );
  const foreign = [...denied, 'memory Operation not permitted', 'writable: []', ''];
  assert.deepEqual(outputOf('foreign').split('\n'), foreign);
  assert.doesNotMatch(journal, /ERR_|ERROR|CRITICAL|cannot be/);
});
