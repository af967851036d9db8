import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { configured } from '../support/in-process.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';
import { SERVICE_HOST, serversOf } from './fault.ts';
import { type Checked, checked, detailsOf, faultsOf, findings, wordsFor } from './report.ts';
import type { World } from './world.ts';

const DOMAIN = 'healthy.test';
/** What would be printed if it were obeyed: control characters but the end of a line. */
const OBEYED = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

/** Octets before the question (RFC 1035 section 4.1.1). */
const DNS_HEADER_OCTETS = 12;

/** Name and type, as text. */
function questionIn(packet: Buffer): string {
  let end = DNS_HEADER_OCTETS;
  while ((packet[end] ?? 0) !== 0) end += 1 + (packet[end] ?? 0);
  return packet.toString('latin1', DNS_HEADER_OCTETS, end + 3).toLowerCase();
}

/** A run with a name server that never answers, and the questions that it got. */
export async function checkedInSilence(t: Cleanup): Promise<Checked & { readonly questions: ReadonlySet<string> }> {
  const provider = { name: 'Example', domains: [DOMAIN], servers: serversOf(DOMAIN) };
  const settings = configured(t, '').write('settings.json', JSON.stringify({ version: 3, providers: [provider] }));
  const command = configured(t, `settings_file = ${settings}\npublic_host = ${SERVICE_HOST}`);
  const questions = new Set<string>();
  const silent = createSocket('udp4').on('message', (packet) => questions.add(questionIn(packet)));
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  try {
    const server = `127.0.0.1:${silent.address().port}`;
    return { ...(await checked(command, DOMAIN, '--nameserver', server)), questions };
  } finally {
    silent.close();
  }
}

export function assertNothingKnown(result: Checked): void {
  assert.equal(result.status, 2);
  assert.deepEqual(findings(result.of(DOMAIN), 'error', 'warning', 'ok'), [], detailsOf(result.of(DOMAIN)));
}

/** Runs of the command that differ from that over the table. */
export function runTests(world: () => World, skip: string | false): void {
  describe('automx2 check', { skip }, () => {
    test('ends with 0 where all is well, and says nothing with --quiet', async () => {
      const { run } = world();
      const { status, out, err } = await run('check', DOMAIN, '--quiet', ...wordsFor(world()));
      assert.deepEqual([status, out, err], [0, '', '']);
    });

    test('says the same again', async () => {
      const { run } = world();
      const words = ['check', 'wildcard.test', DOMAIN, 'expired.test', ...wordsFor(world())];
      const [once, again] = await Promise.all([run(...words), run(...words)]);
      assert.equal(once.out, again.out);
      assert.equal(once.status, 1);
    });

    test('with --quiet, says only what is wrong', async () => {
      const { run } = world();
      const words = ['check', DOMAIN, 'srv-missing.test', '--quiet', ...wordsFor(world())];
      const { status, out } = await run(...words);
      assert.equal(status, 0);
      assert.match(out, /srv-missing\.test/);
      assert.doesNotMatch(out, /healthy\.test/);
    });

    for (const { title, service, domain, expect } of [
      {
        title: 'has no address',
        service: 'nowhere.service.test',
        domain: DOMAIN,
        expect: 'service-address error',
      },
      {
        title: 'is an alias',
        service: 'alias.service.test',
        domain: 'service-alias.test',
        expect: 'service-alias warning',
      },
    ]) {
      test(`the service ${title}`, async () => {
        const report = (await checked(world(), domain, '--service', service, ...wordsFor(world()))).of(domain);
        assert.ok(faultsOf(report).includes(expect), detailsOf(report));
      });
    }

    test('the service has the name of a host of a domain: the advice is whole', async () => {
      const result = await checked(
        world(),
        'no-autoconfig.test',
        '--service',
        'autoconfig.no-autoconfig.test',
        ...wordsFor(world()),
      );
      const report = result.of('no-autoconfig.test');
      assert.ok(faultsOf(report).includes('autoconfig-name error'), detailsOf(report));
      assert.doesNotMatch(detailsOf(report), /undefined/);
    });

    test('the last label of a domain is a number: no such name, and no end of the run', async (t) => {
      // Whatever it is asked, it says that there is no such name (RFC 1035 section 4.1.1).
      const server = createSocket('udp4');
      server.on('message', (message, { port, address }) => {
        server.send(
          Buffer.concat([message.subarray(0, 2), Buffer.from([0x81, 0x83]), message.subarray(4)]),
          port,
          address,
        );
      });
      server.bind(0, world().addresses.NOTHING);
      await once(server, 'listening');
      t.after(() => server.close());
      const name = 'example.123';
      const settingsFile = join(temporaryFolder(t), 'settings.json');
      const settings = { version: 3, providers: [{ name, domains: [name], servers: serversOf('healthy.test') }] };
      writeFileSync(settingsFile, JSON.stringify(settings));
      const { run } = configured(t, `settings_file = ${settingsFile}\npublic_host = service.test`);
      const nameserver = `${world().addresses.NOTHING}:${server.address().port}`;
      const { status, err } = await run('check', name, '--nameserver', nameserver);
      assert.deepEqual([status, err], [1, '']);
    });

    test('a name server that is down: nothing is known', async () => {
      const { addresses, ca } = world();
      assertNothingKnown(await checked(world(), DOMAIN, '--nameserver', addresses.NOTHING, '--ca', ca));
    });

    test('one of two name servers has an old view', async () => {
      const { nameservers, ca } = world();
      const words = [DOMAIN, '--nameserver', nameservers.current, '--nameserver', nameservers.old, '--ca', ca];
      const result = await checked(world(), ...words);
      assert.equal(result.status, 1);
      const { findings: items } = result.of(DOMAIN);
      const views = (check: string) =>
        items
          .filter((item) => item.check === check)
          .map(({ severity, view }) => [severity, view])
          .sort();
      assert.deepEqual(views('autoconfig-name'), [
        ['error', nameservers.old],
        ['ok', nameservers.current],
      ]);
      assert.deepEqual(
        views('certificate'),
        Array.from(views('certificate'), () => ['ok', undefined]),
      );
    });

    test('a domain that is not served beside one that is', async () => {
      const result = await checked(world(), 'stranger.test', DOMAIN, ...wordsFor(world()));
      assert.equal(result.status, 1);
      assert.match(result.err, /^automx2: stranger\.test: /);
      assert.deepEqual(
        result.domains.map((report) => [report.domain, ...faultsOf(report)]),
        [[DOMAIN]],
      );
    });

    test('an old view, from which --authoritative leads to what is published', async () => {
      const { nameservers, ca } = world();
      const words = [DOMAIN, '--nameserver', nameservers.old, '--ca', ca];
      const [old, now] = await Promise.all([checked(world(), ...words), checked(world(), ...words, '--authoritative')]);
      assert.ok(faultsOf(old.of(DOMAIN)).includes('autoconfig-name error'), detailsOf(old.of(DOMAIN)));
      assert.deepEqual(faultsOf(now.of(DOMAIN)), [], detailsOf(now.of(DOMAIN)));
    });

    test('without --ca, no certificate is trusted', async () => {
      const result = await checked(world(), DOMAIN, '--nameserver', world().nameservers.current);
      assert.equal(result.status, 1);
      const found = faultsOf(result.of(DOMAIN));
      for (const each of ['certificate error', 'mail-host error']) assert.ok(found.includes(each), found.join(', '));
    });

    test('--connect asks another address than that of DNS', async () => {
      const words = ['unreachable.test', ...wordsFor(world())];
      const [plain, connected] = await Promise.all([
        checked(world(), ...words),
        checked(world(), ...words, '--connect', world().addresses.SERVICE),
      ]);
      const all = faultsOf(plain.of('unreachable.test'));
      assert.ok(all.includes('autoconfig error') && all.includes('autodiscover error'), all.join(', '));
      const found = faultsOf(connected.of('unreachable.test'));
      assert.deepEqual(found, ['address error'], detailsOf(connected.of('unreachable.test')));
    });

    test('--deep goes on to TLS with STARTTLS', async () => {
      const names = [DOMAIN, 'starttls-none.test', 'starttls-name.test'];
      const result = await checked(world(), ...names, '--deep', ...wordsFor(world()));
      assert.deepEqual(
        names.map((name) => faultsOf(result.of(name))),
        [[], ['mail-host warning'], ['mail-host error']],
      );
    });

    test('nothing of what strangers write is obeyed by a terminal', async () => {
      const { run } = world();
      const { out, err } = await run('check', 'hostile.test', ...wordsFor(world()));
      // Of DNS, and of a certificate.
      assert.match(out, /dav-path .*\\u001b\[31m/);
      assert.match(out, /certificate .*\\u001b\[31m/);
      assert.doesNotMatch(out + err, OBEYED);
    });

    for (const { title, words } of [
      { title: 'a name server by name', words: ['--nameserver', 'ns.service.test'] },
      { title: 'a name as the address to connect to', words: ['--connect', 'service.test'] },
      { title: 'no file of authorities', words: ['--ca', '/nowhere/ca.pem'] },
      { title: 'a file without authorities', words: ['--ca', '/dev/null'] },
      { title: 'a name that is no domain', words: ['a..b'] },
    ]) {
      test(`refuses ${title}`, async () => {
        const { run } = world();
        const { status, out, err } = await run('check', ...words);
        assert.equal(status, 2);
        assert.equal(out, '');
        assert.match(err, /^automx2: /);
      });
    }
  });
}
