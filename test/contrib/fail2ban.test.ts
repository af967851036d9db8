import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { document } from '../domain/documents/samples.ts';
import { findProgram } from '../support/database-server.ts';
import { startProcess } from '../support/process.ts';
import { MAIN, ourEnvironment } from '../support/program.ts';
import { reportMissing } from '../support/server-database.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';
import { exchange } from '../support/test-daemon.ts';

const contrib = (name: string): string => fileURLToPath(new URL(`../../contrib/fail2ban/${name}`, import.meta.url));
const FILTER = contrib('filter.d/automx2.conf');

const missing = findProgram('fail2ban-regex') === undefined && 'fail2ban-regex (Debian: fail2ban) is not installed';
reportMissing(missing || '', missing !== false);

const VICTIM = '198.51.100.66';
const FORGED = ` status=404 bytes=1 ms=1 client=${VICTIM}`;
const ENCODED = encodeURIComponent(`\n2026-11-28T07:00:00.000Z INFO GET /x${FORGED}`);
const CONFIG = '/mail/config-v1.1.xml?emailaddress=';

/** What is asked, by which address, and whether that counts. Addresses of a trusted proxy are the last of the list. */
const REQUESTS: readonly { head: string; from: string; counts: boolean }[] = [
  { head: `GET ${CONFIG}jane@example.com HTTP/1.1`, from: '203.0.113.1', counts: false },
  { head: 'GET /wp-login.php HTTP/1.1', from: '203.0.113.2', counts: true },
  { head: `GET ${CONFIG}jane@unknown.example HTTP/1.1`, from: '203.0.113.3', counts: true },
  { head: `GET ${CONFIG}nonsense HTTP/1.1`, from: '2001:db8::4', counts: true },
  { head: 'DELETE /mobileconfig HTTP/1.1', from: '203.0.113.5', counts: true },
  { head: `GET /${'x'.repeat(5_000)} HTTP/1.1`, from: '203.0.113.6', counts: true },
  { head: 'OPTIONS * HTTP/1.1', from: '203.0.113.7', counts: true },
  {
    head: 'GET /autodiscover/autodiscover.json?Email=jane@example.com&Protocol=Ews HTTP/1.1',
    from: '203.0.113.8',
    counts: false,
  },
  // Nothing that a stranger sends makes the line name another address.
  { head: 'GET /wp-login.php HTTP/1.1', from: `${VICTIM}, 203.0.113.20`, counts: true },
  { head: `GET /${ENCODED} HTTP/1.1`, from: '203.0.113.21', counts: true },
  { head: `GET /v1.1/${ENCODED} HTTP/1.1`, from: '203.0.113.22', counts: true },
  { head: `GET ${CONFIG}a@${ENCODED} HTTP/1.1`, from: '203.0.113.23', counts: true },
  { head: `GET ${CONFIG}${ENCODED}@unknown.example HTTP/1.1`, from: '203.0.113.24', counts: true },
  { head: `GET /x${FORGED.replaceAll(' ', '\t')} HTTP/1.1`, from: '203.0.113.25', counts: false },
  { head: `GET /x HTTP/1.1\r\nUser-Agent: x${FORGED}`, from: '203.0.113.26', counts: true },
  { head: `GET /x HTTP/1.1\r\nX-Forwarded-Host: x${FORGED}`, from: '203.0.113.27', counts: true },
  { head: `GET http://x/${ENCODED} HTTP/1.1`, from: '203.0.113.28', counts: true },
  // A proxy that passes on whatever a client says: this line counts for nobody.
  { head: 'GET /x HTTP/1.1', from: `203.0.113.29${FORGED}`, counts: false },
  { head: 'GET /x HTTP/1.1', from: `${VICTIM}\u0085`, counts: false },
  { head: 'GET /x HTTP/1.1', from: 'unix', counts: false },
];

/** The lines that a daemon writes about the requests, as text or for the journal. */
async function linesOf(t: Cleanup, isJournal: boolean): Promise<readonly string[]> {
  const folder = temporaryFolder(t);
  const errorFile = join(folder, 'log');
  writeFileSync(errorFile, '');
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(document()));
  const { dev, ino } = statSync(errorFile);
  const options = 'loglevel = INFO\nlisten = 127.0.0.1:0\nproxy_count = 1\nsettings_file = settings.json';
  writeFileSync(join(folder, 'automx2.conf'), `[automx2]\n${options}\n`);
  const daemon = startProcess(t, [process.execPath, MAIN, '--config', 'automx2.conf'], {
    folder,
    errorFile,
    environment: { ...ourEnvironment(folder), ...(isJournal ? { JOURNAL_STREAM: `${dev}:${ino}` } : {}) },
  });
  const [, port] = await daemon.said(/listening .*port=(\d+)/);
  for (const { head, from } of REQUESTS) {
    const headers = `Host: x\r\nX-Forwarded-For: ${from}\r\nConnection: close`;
    await exchange(Number(port), Buffer.from(`${head}\r\n${headers}\r\n\r\n`, 'latin1'));
  }
  daemon.child.kill('SIGTERM');
  assert.equal((await daemon.ended).status, 0);
  return readFileSync(errorFile, 'utf8').trim().split('\n');
}

describe('the filter for fail2ban', { skip: missing }, () => {
  for (const isJournal of [false, true]) {
    test(`takes the addresses out of ${isJournal ? 'lines of the journal' : 'a log file'}`, async (t) => {
      const lines = await linesOf(t, isJournal);
      // As fail2ban writes entries of the journal, with rsyslog's time before them.
      const seen = lines.map((line) => line.replace(/^<\d>/, '2026-11-28T07:00:00.000000+00:00 host automx2[7]: '));
      const log = join(temporaryFolder(t), 'log');
      writeFileSync(log, `${seen.join('\n')}\n`);
      const { stdout, stderr } = spawnSync('fail2ban-regex', ['--out', 'ip', log, FILTER], { encoding: 'utf8' });
      const counted = REQUESTS.filter(({ counts }) => counts).map(({ from }) => from.split(', ').at(-1));
      assert.deepEqual(
        stdout.split('\n').filter((line) => line !== ''),
        counted,
        stderr + seen.join('\n'),
      );
    });
  }

  test('and the jail are understood by fail2ban', (t) => {
    const folder = join(temporaryFolder(t), 'fail2ban');
    cpSync('/etc/fail2ban', folder, { recursive: true });
    for (const name of ['filter.d/automx2.conf', 'jail.d/automx2.conf']) cpSync(contrib(name), join(folder, name));
    const { status, stdout } = spawnSync('fail2ban-client', ['-d', '-c', folder], { encoding: 'utf8' });
    assert.equal(status, 0);
    for (const line of [
      "['add', 'automx2', 'systemd']",
      "['set', 'automx2', 'maxretry', 60]",
      "['set', 'automx2', 'addjournalmatch', '_SYSTEMD_UNIT=automx2.service']",
      "['start', 'automx2']",
    ]) {
      assert.ok(stdout.includes(line), stdout);
    }
  });
});
