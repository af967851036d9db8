import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { freePort } from '../../support/database-server.ts';
import { configured } from '../../support/in-process.ts';
import { nsdMissing, startNsd } from '../../support/nsd-server.ts';

// What is looked at, and the servers that are asked, are in test/check; here, names have no addresses to ask.

const SERVICE = 'service.example';
const NAMES = ['a.example', 'b.example', 'c.example'];
const servers = (type: string) => ({
  type,
  name: 'mail.%EMAILDOMAIN%',
  port: type === 'imap' ? 993 : 465,
  socket_type: 'SSL',
});
const DOCUMENT = {
  version: 3,
  providers: [{ name: 'Example', domains: NAMES, servers: [servers('imap'), servers('smtp')] }],
};
/** What a terminal would obey. */
const OBEYED = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

interface Report {
  readonly domains: readonly { readonly domain: string; readonly findings: readonly { readonly severity: string }[] }[];
}

describe('automx2 check', () => {
  const settings = configured({ after }, '');
  const path = settings.write('settings.json', JSON.stringify(DOCUMENT));
  const service = configured({ after }, `settings_file = ${path}\npublic_host = ${SERVICE}`);

  test('nobody answers: nothing is known', async () => {
    const { status, out } = await service.run('check', '--nameserver', `127.0.0.1:${await freePort()}`, '--json');
    assert.equal(status, 2);
    const { domains } = JSON.parse(out) as Report;
    assert.deepEqual(
      domains.map(({ domain }) => domain),
      NAMES,
    );
    const findings = domains.flatMap((each) => each.findings);
    assert.ok(findings.length > 0 && findings.every(({ severity }) => severity === 'unknown'));
  });

  for (const words of [
    ['--nameserver', 'ns.example'],
    ['--nameserver', '127.0.0.1:0'],
    Array.from({ length: 9 }, (_value, index) => ['--nameserver', `127.0.0.${index + 1}`]).flat(),
    ['--connect', 'a.example'],
    ['--connect', '127.0.0.1:'],
    ['--connect', '127.0.0.1:65536'],
    ['--connect', '[127.0.0.1]:443'],
    ['--connect', '::1:x'],
    ['--ca', '/nowhere/ca.pem'],
    ['--ca', '/dev/null'],
    ['a..example'],
  ]) {
    test(`${words.join(' ').slice(0, 40)} is refused`, async () => {
      const { status, out, err } = await service.run('check', ...words);
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, /^automx2: /);
    });
  }

  test('with a name server', { skip: nsdMissing }, async (t) => {
    const escapes = '\\027[31m\\007\\155x';
    const { server } = await startNsd(t, { [SERVICE]: '@ A 127.0.0.1', 'a.example': `@ CAA 0 issue "${escapes}"` });
    const asked = ['--nameserver', server];
    const nobody = `127.0.0.1:${await freePort()}`;

    for (const { what, words, status } of [
      { what: 'an error', words: ['a.example'], status: 1 },
      { what: 'an error in one of several domains', words: ['b.example', 'a.example'], status: 1 },
      { what: 'a domain of which nothing is known, beside a service that is', words: ['b.example'], status: 2 },
      { what: 'a domain that is not served', words: ['b.example', 'd.example'], status: 1 },
      { what: 'an error, in JSON', words: ['a.example', '--json'], status: 1 },
      { what: 'an error, with --quiet', words: ['a.example', '--quiet'], status: 1 },
      { what: 'nothing listens at the address to connect to', words: ['b.example', '--connect', nobody], status: 1 },
    ]) {
      await t.test(`${what}: ends with ${status}`, async () => {
        assert.equal((await service.run('check', ...words, ...asked)).status, status);
      });
    }

    for (const words of [[], ['--json']]) {
      await t.test(`a terminal obeys nothing of what strangers write${words.join(' ')}`, async () => {
        const { out, err } = await service.run('check', 'a.example', ...words, ...asked);
        assert.match(out, /\[31m/);
        assert.doesNotMatch(out + err, OBEYED);
      });
    }

    await t.test('domains stand in the order of the settings, whichever takes longer', async () => {
      const { out } = await service.run('check', '--json', ...asked);
      const { domains } = JSON.parse(out) as Report;
      assert.deepEqual(
        domains.map(({ domain }) => domain),
        NAMES,
      );
    });

    await t.test('--quiet says nothing of what is as it should be, and no total', async () => {
      const { out } = await service.run('check', 'a.example', '--quiet', ...asked);
      assert.ok(
        out.split('\n').every((line) => /^(?:(?:error|warning|unknown) +a\.example |$)/.test(line)),
        out,
      );
    });
  });
});
