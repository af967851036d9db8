import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { der, TAG } from '../../src/adapters/signing/der.ts';
import { certificatesMissing, makeCertificates } from '../support/certificates.ts';
import { configured, startInProcess } from '../support/in-process.ts';
import { launchProgram, MAIN } from '../support/program.ts';
import { SCHEMA } from '../support/schema.ts';
import { execute } from '../support/sqlite-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { EXAMPLE_ROWS, startTestDaemon, type TestDaemonOptions } from '../support/test-daemon.ts';

const PATH = '/mobileconfig/?emailaddress=jane@example.com&name=Jane';
const TYPE = 'application/x-apple-aspen-config';
const DAY_MS = 86_400_000;

const octets = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe('signed profiles', { skip: certificatesMissing }, () => {
  const folder = temporaryFolder({ after });
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const authority = makeCertificates({ after });
  const { certificate, key } = authority.issue({ names: ['profiles.example'], newKey: 'ec:P-256' });
  const signing = { certificate: file('a.pem', certificate), key: file('a.key', key), password: undefined };
  const start = (t: TestContext, options: TestDaemonOptions = {}) =>
    startTestDaemon(t, { rows: EXAMPLE_ROWS, settings: { signing }, ...options });
  const unsigned = async (t: TestContext): Promise<Buffer> => {
    const { base } = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
    return octets(await fetch(base + PATH));
  };
  const isSigned = (body: Buffer): boolean => body[0] === TAG.sequence;

  test('the metrics say when the certificate ends', async (t) => {
    const { log } = await start(t, { settings: { signing, metricsListen: [{ host: '127.0.0.1', port: 0 }] } });
    const [, port] = /metrics are served address=127\.0\.0\.1 port=(\d+)/.exec(log.join('')) ?? [];
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const [, end] = /^automx2_signing_certificate_expiry_timestamp_seconds (\d+)$/m.exec(text) ?? [];
    assert.equal(Number(end), Date.parse(new X509Certificate(certificate).validTo) / 1_000);
  });

  test('hold the unsigned profile octet by octet; HEAD names no other length', async (t) => {
    const { base } = await start(t);
    const response = await fetch(base + PATH);
    const body = await octets(response);
    assert.equal(response.headers.get('content-type'), TYPE);
    assert.match(response.headers.get('content-disposition') ?? '', /"example\.com\.mobileconfig"/);
    assert.equal(response.headers.get('content-length'), String(body.length));
    assert.ok(isSigned(body) && body.includes(der(TAG.octetString, await unsigned(t))));
    const head = await fetch(base + PATH, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-type')], [200, TYPE]);
    // A signature by ECDSA has another length each time.
    assert.equal(head.headers.get('content-length'), null);
  });

  test('many at once, beside other requests', async (t) => {
    const { base } = await start(t);
    const bodies = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const response = await fetch(`${base}/mobileconfig/?emailaddress=user${index}@example.com`);
        return { status: response.status, body: await octets(response), index };
      }),
    );
    for (const { status, body, index } of bodies) {
      assert.ok(status === 200 && isSigned(body) && body.includes(`user${index}@example.com`), String(index));
    }
    assert.equal((await fetch(`${base}/healthz`)).status, 200);
  });

  test('without the options, HEAD and GET name the same length, and profiles are text', async (t) => {
    const { base } = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
    const body = await octets(await fetch(base + PATH));
    const head = await fetch(base + PATH, { method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), String(body.length));
    assert.match(body.toString(), /^<\?xml/);
  });

  test('a certificate that has ended by the clock: unsigned, with an ERROR', async (t) => {
    const clock = { now: () => new Date(Date.now() + 400 * DAY_MS), elapsedMs: () => performance.now() };
    const { base, log } = await start(t, { clock });
    for (let left = 3; left > 0; left--) {
      const response = await fetch(base + PATH);
      assert.deepEqual(await octets(response), await unsigned(t));
      assert.equal(response.headers.get('content-type'), TYPE);
    }
    assert.equal(log.filter((line) => / ERROR .*unsigned/.test(line)).length, 1);
  });

  test('a reload takes a new pair, the options away, and nothing of a broken pair', async (t) => {
    const { base, daemon, settings } = await start(t);
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    const broken = { ...signing, key: file('b.key', other.export({ type: 'pkcs8', format: 'pem' }).toString()) };
    await assert.rejects(daemon.reload({ ...settings, publicHost: undefined, signing: broken }), {
      option: 'sign_certificate',
    });
    assert.ok(isSigned(await octets(await fetch(base + PATH))));
    await daemon.reload({ ...settings, signing: { certificate: undefined, key: undefined, password: undefined } });
    assert.ok(!isSigned(await octets(await fetch(base + PATH))));
    const passphrase = 'geheim';
    const text = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
    const encrypted = { ...signing, key: file('c.key', text.toString()), password: passphrase };
    await daemon.reload({ ...settings, signing: encrypted });
    assert.ok(isSigned(await octets(await fetch(base + PATH))));
  });

  test('a pair that does not fit: exit status 2, and a reload that says where', async () => {
    const config = join(folder, 'automx2.conf');
    const write = (keyFile: string): string =>
      file(
        'automx2.conf',
        `[automx2]\nlisten = 127.0.0.1:0\nloglevel = INFO\nsign_certificate = ${signing.certificate}\nsign_key = ${keyFile}\n`,
      );
    const wrong = file('d.key', 'no key');
    write(wrong);
    for (const words of [['--check'], []]) {
      const { status, err } = await startInProcess(['--config', config, ...words]).ended;
      assert.equal(status, 2);
      assert.match(err, new RegExp(`automx2: ${config}:5: sign_key: [^\n]+\n$`));
    }
    write(signing.key);
    const daemon = startInProcess(['--config', config]);
    await daemon.said(/ listening /);
    write(wrong);
    daemon.signal('SIGHUP');
    await daemon.said(new RegExp(` ERROR configuration not reloaded, [^\n]*: ${config}:5: sign_key: [^\n]+\n`));
    daemon.signal('SIGTERM');
    assert.equal((await daemon.ended).status, 0);
  });

  for (const { name, days, want } of [
    { name: 'has expired', days: [-30, -1], want: / ERROR .*sign_certificate/ },
    { name: 'is not valid yet', days: [1, 90], want: / ERROR .*sign_certificate/ },
    { name: 'ends soon', days: [-80, 10], want: / WARNING .*sign_certificate/ },
    { name: 'has time left', days: [-1, 90], want: /^$/ },
  ] as const) {
    test(`--check of a certificate that ${name} says so and ends with 0: the daemon starts`, async (t) => {
      const { certificateFile, keyFile } = authority.issue({ names: ['checked.example'], days });
      const { run, start: launch } = configured(
        t,
        `listen = 127.0.0.1:0\nloglevel = INFO\nsign_certificate = ${certificateFile}\nsign_key = ${keyFile}`,
      );
      const check = await run('--check');
      assert.equal(check.status, 0);
      assert.match(check.err, want);
      const daemon = launch();
      await daemon.said(/ listening /);
      daemon.signal('SIGTERM');
      assert.equal((await daemon.ended).status, 0);
    });
  }

  test("the manual's hook for certbot gives a running daemon each renewed pair", async (t) => {
    const home = temporaryFolder(t);
    const [lineage, config] = [join(home, 'live'), join(home, 'automx2.conf')];
    const write = (name: string, content: string, mode = 0o600): void =>
      writeFileSync(join(home, name), content, { mode });
    const page = readFileSync(new URL('../../doc/man/automx2.conf.5', import.meta.url), 'utf8');
    const [hook = ''] = /^#!\/bin\/sh -e\n.+?(?=^\.Ed$)/ms.exec(page) ?? [];
    const owner = `-o ${process.getuid?.()} -g ${process.getgid?.()}`;
    write('sign-hook', hook.replaceAll('-o root -g automx2', owner).replaceAll('/etc/automx2', home), 0o755);
    const options = '[automx2]\nlisten = 127.0.0.1:0\nloglevel = INFO\n';
    write('automx2.conf', options);
    const { child, said } = launchProgram(t, home, ['--config', config]);
    await said(/ listening /);
    write('systemctl', `#!/bin/sh -e\n[ "$*" = 'try-reload-or-restart automx2' ]\nkill -HUP ${child.pid}\n`, 0o755);
    write('automx2.conf', `${options}sign_certificate = ${home}/sign.pem\nsign_key = ${home}/sign.key\n`);
    for (const curve of ['P-384', 'P-256'] as const) {
      const renewed = authority.issue({ names: ['profiles.example'], newKey: `ec:${curve}` });
      rmSync(lineage, { recursive: true, force: true });
      mkdirSync(lineage);
      // As with certbot, the names are links to files that are another one each time.
      symlinkSync(renewed.chainFile, join(lineage, 'fullchain.pem'));
      symlinkSync(renewed.keyFile, join(lineage, 'privkey.pem'));
      const env = { PATH: `${home}:${process.env['PATH']}`, RENEWED_LINEAGE: lineage };
      const { status, stderr } = spawnSync(join(home, 'sign-hook'), { encoding: 'utf8', env });
      assert.equal(status, 0, stderr);
      await said(new RegExp(` profiles are signed .*${curve}`));
      for (const name of ['sign.pem', 'sign.key']) assert.equal(statSync(join(home, name)).mode & 0o777, 0o640);
    }
  });

  test('lookup --signed writes one, and nothing without options, format, or time left', async () => {
    const database = join(folder, 'lookup.sqlite');
    execute(database, SCHEMA + EXAMPLE_ROWS);
    const db = `db_uri = sqlite:///${database}`;
    const lines = `sign_certificate = ${signing.certificate}\nsign_key = ${signing.key}`;
    const run = (config: string, ...words: readonly string[]) =>
      spawnSync(process.execPath, [MAIN, '--config', config, 'lookup', 'jane@example.com', ...words]);
    const config = file('lookup.conf', `[automx2]\n${db}\n${lines}\n`);
    const plain = run(config, '--format', 'mobileconfig');
    const { status, stdout } = run(config, '--format', 'mobileconfig', '--signed');
    assert.equal(status, 0);
    assert.ok(isSigned(stdout) && stdout.includes(der(TAG.octetString, plain.stdout)));
    const without = file('without.conf', `[automx2]\n${db}\n`);
    const signed = ['lookup', 'jane@example.com', '--signed', '--format'];
    for (const words of [
      ['--config', config, ...signed, 'autoconfig'],
      ['--config', config, ...signed, 'all'],
      ['--config', without, ...signed, 'mobileconfig'],
    ]) {
      const { status: refused, out, err } = await startInProcess(words).ended;
      assert.deepEqual([refused, out], [2, ''], err);
    }
    // It can be signed, where there is one.
    const exchange = await startInProcess(['--config', config, ...signed, 'mobileconfig-exchange']).ended;
    assert.deepEqual([exchange.status, exchange.out], [1, '']);
    assert.match(exchange.err, /status 404: /);
    const ended = authority.issue({ names: ['ended.example'], newKey: 'ec:P-256', days: [-30, -1] });
    const expired = file(
      'expired.conf',
      `[automx2]\n${db}\nsign_certificate = ${ended.certificateFile}\nsign_key = ${ended.keyFile}\n`,
    );
    const late = await startInProcess(['--config', expired, ...signed, 'mobileconfig']).ended;
    assert.deepEqual([late.status, late.out], [1, '']);
    assert.match(late.err, / ERROR .*sign_certificate/);
  });
});
