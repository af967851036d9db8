import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CLOCK } from '../../../src/app/open-log.ts';
import { readSettings } from '../../../src/app/options.ts';
import { openSigner } from '../../../src/app/profile-signing.ts';
import { type ActiveSync, NO_EXTRAS } from '../../../src/domain/extras.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { MOBILECONFIG } from '../../../src/domain/formats/mobileconfig.ts';
import { MOBILECONFIG_EXCHANGE } from '../../../src/domain/formats/mobileconfig-exchange.ts';
import type { MailDomain } from '../../../src/domain/mail-domain.ts';
import { UserAccount } from '../../../src/domain/user-account.ts';
import type { Directory } from '../../../src/ports/directory.ts';
import { descendants, readXml } from '../../domain/formats/read-xml.ts';
import { directory, domain, domainName } from '../../domain/samples.ts';
import { certificatesMissing, makeCertificates } from '../../support/certificates.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { askedFor, readRequest, send } from '../../support/replay.ts';
import { serveDomains } from '../../support/served-domains.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { autodiscoverRequest } from '../../support/test-daemon.ts';

const URL_OF_ALL = 'https://eas.example.org/Microsoft-Server-ActiveSync';
const named = (name: string, activesync?: ActiveSync, members: Partial<MailDomain> = {}) =>
  domain({
    name: domainName(name),
    extras: activesync === undefined ? NO_EXTRAS : { ...NO_EXTRAS, activesync },
    ...members,
  });

const DOMAINS = [
  named('with.example', { url: URL_OF_ALL }),
  named('moved.example', { redirect: domainName('with.example') }),
  named('port.example', { url: 'https://eas.example.org:8443/Microsoft-Server-ActiveSync' }),
  named('without.example'),
  named('unusable.example', { url: URL_OF_ALL }, { mailServers: [] }),
  named('directory.example', { url: URL_OF_ALL }, { directory }),
  named('plain-directory.example', undefined, { directory }),
];

/** Counts searches; knows one user. */
class Counting implements Directory {
  searches = 0;
  async find(_server: unknown, { localPart }: { readonly localPart: string }) {
    this.searches += 1;
    if (localPart === 'away') throw new Failure('directory_unavailable', 'away');
    return { login: 'a1', displayName: 'Ann Other' };
  }
  async close(): Promise<void> {}
}
const searched = new Counting();
const { base, port } = await serveDomains({ after }, DOMAINS, { directory: searched });

/** The recorded request of an iPhone's Exchange account. */
const mobileSync = (name: string, localPart = 'fred') =>
  send(port, askedFor(readRequest('apple/autodiscover-mobilesync'), { domain: name, localPart }));
const textsIn = (body: string, name: string) => descendants(readXml(body), name).map(({ text }) => text);

interface Answered {
  readonly name: string;
  readonly url?: readonly string[];
  readonly redirect?: readonly string[];
  readonly code?: readonly string[];
}

describe('Autodiscover in XML, for ActiveSync', () => {
  for (const { name, url = [], redirect = [], code = [] } of [
    { name: 'with.example', url: [URL_OF_ALL] },
    { name: 'port.example', url: ['https://eas.example.org:8443/Microsoft-Server-ActiveSync'] },
    { name: 'moved.example', redirect: ['fred@with.example'] },
    ...['without.example', 'unknown.example', 'unusable.example', 'plain-directory.example', 'a..b'].map((each) => ({
      name: each,
      code: ['601'],
    })),
  ] as readonly Answered[]) {
    test(`${name}: ${[...url, ...redirect, ...code]}`, async () => {
      const { status, headers, body } = await mobileSync(name);
      assert.deepEqual([status, headers.get('content-type')], [200, 'text/xml; charset=utf-8']);
      assert.deepEqual(
        ['Url', 'Redirect', 'ErrorCode'].map((each) => textsIn(body, each)),
        [url, redirect, code],
      );
    });
  }

  test('a phone that is redirected starts over with that address, and arrives', async () => {
    const [address = ''] = textsIn((await mobileSync('moved.example')).body, 'Redirect');
    const [localPart = '', name = ''] = address.split('@');
    const { body } = await mobileSync(name, localPart);
    assert.deepEqual([textsIn(body, 'EMailAddress'), textsIn(body, 'Url')], [[address], [URL_OF_ALL]]);
  });

  test('without, it is what it always was, octet by octet', async () => {
    const { body } = await mobileSync('without.example');
    assert.equal(
      body.replace(/Time="\d\d:\d\d:\d\d\.\d{7}"/, 'Time="T"'),
      `<?xml version="1.0" encoding="UTF-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
    <Error Time="T" Id="1">
      <ErrorCode>601</ErrorCode>
      <Message>Provider is not available</Message>
      <DebugData/>
    </Error>
  </Response>
</Autodiscover>
`,
    );
  });

  test('a directory is asked for the name where there is ActiveSync, and else not at all', async () => {
    searched.searches = 0;
    assert.deepEqual(textsIn((await mobileSync('directory.example')).body, 'DisplayName'), ['Ann Other']);
    assert.equal(searched.searches, 1);
    await mobileSync('plain-directory.example');
    assert.equal(searched.searches, 1);
    assert.equal((await mobileSync('directory.example', 'away')).status, 503);
  });

  test('Outlook asks for mail settings, and gets no word of it', async () => {
    const answers = await Promise.all(
      ['with.example', 'without.example'].map(async (name) => {
        const body = autodiscoverRequest(`fred@${name}`);
        const response = await fetch(`${base}/autodiscover/autodiscover.xml`, { method: 'POST', body });
        return (await response.text()).replaceAll(name, 'NAME');
      }),
    );
    assert.equal(answers[0], answers[1]);
    assert.match(answers[0] ?? '', /<Type>IMAP</);
  });
});

describe('Autodiscover in JSON, for ActiveSync', () => {
  for (const { name, status, url } of [
    { name: 'with.example', status: 200, url: URL_OF_ALL },
    { name: 'port.example', status: 200, url: 'https://eas.example.org:8443/Microsoft-Server-ActiveSync' },
    { name: 'directory.example', status: 200, url: URL_OF_ALL },
    // An address to go on with has no place in it.
    { name: 'moved.example', status: 404 },
    { name: 'without.example', status: 404 },
    { name: 'unknown.example', status: 404 },
  ]) {
    test(`outlook/autodetect-activesync: ${name}: ${status}`, async () => {
      const { body, ...answer } = await send(
        port,
        askedFor(readRequest('outlook/autodetect-activesync'), { domain: name }),
      );
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [status, 'application/json']);
      if (url === undefined) assert.doesNotMatch(body, /Url/);
      else assert.equal(body, JSON.stringify({ Protocol: 'ActiveSync', Url: url }));
    });
  }

  test('in the path, in any letter case', async () => {
    const response = await fetch(`${base}/Autodiscover/Autodiscover.json/v1.0/a@with.example?Protocol=ACTIVESYNC`);
    assert.deepEqual(await response.json(), { Protocol: 'ActiveSync', Url: URL_OF_ALL });
  });

  for (const protocol of ['EWS', 'REST', 'AutodiscoverV1']) {
    test(`${protocol} is what it is without`, async () => {
      const answers = await Promise.all(
        ['with.example', 'without.example'].map(async (name) => {
          const response = await fetch(`${base}/autodiscover/autodiscover.json?Email=a@${name}&Protocol=${protocol}`);
          return [response.status, (await response.text()).replaceAll(name, 'NAME')];
        }),
      );
      assert.deepEqual(answers[0], answers[1]);
    });
  }
});

describe('profiles', () => {
  const ask = (name: string, query: string, from = base) =>
    fetch(`${from}/mobileconfig/?emailaddress=ann@${name}${query}`);
  const own = (name: string, format = MOBILECONFIG) => {
    const served = DOMAINS.find((each) => each.name === name) ?? assert.fail();
    return new UserAccount(served, { localPart: 'ann', domain: served.name }).document(format);
  };

  for (const { name, query, isExchange = false, status = 200 } of [
    { name: 'with.example', query: '&account=exchange', isExchange: true },
    { name: 'moved.example', query: '&account=exchange', status: 404 },
    { name: 'port.example', query: '&account=exchange', status: 404 },
    { name: 'without.example', query: '&account=exchange', status: 404 },
    { name: 'unknown.example', query: '&account=exchange', status: 404 },
    // What is not known is not looked at, as always.
    ...['', '&account', '&account=', '&account=imap', '&account=Exchange', '&Account=exchange'].map((query) => ({
      name: 'with.example',
      query,
    })),
  ] as readonly { name: string; query: string; isExchange?: boolean; status?: number }[]) {
    test(`${name} ${query}: ${status}`, async () => {
      const response = await ask(name, query);
      assert.equal(response.status, status);
      if (status !== 200) return;
      assert.equal(response.headers.get('content-type'), 'application/x-apple-aspen-config');
      assert.equal(
        response.headers.get('content-disposition'),
        `attachment; filename="${name}${isExchange ? '-exchange' : ''}.mobileconfig"`,
      );
      assert.equal(await response.text(), own(name, isExchange ? MOBILECONFIG_EXCHANGE : MOBILECONFIG));
    });
  }

  test('are signed in the same way', { skip: certificatesMissing }, async (t) => {
    const folder = temporaryFolder(t);
    const authority = makeCertificates(t);
    const { certificate, key } = authority.issue({ names: ['profiles.example'] });
    const file = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const signing = { certificate: file('a.pem', certificate), key: file('a.key', key), password: undefined };
    const signer = await openSigner({ ...readSettings(undefined), signing }, CLOCK, new MemoryLog());
    assert.ok(signer !== undefined);
    const signed = await serveDomains(t, DOMAINS, { signer });
    const response = await ask('with.example', '&account=exchange', signed.base);
    const profile = file('a.mobileconfig', Buffer.from(await response.arrayBuffer()));
    const root = file('root.pem', authority.root.certificate);
    const words = ['cms', '-verify', '-inform', 'der', '-in', profile, '-CAfile', root, '-purpose', 'any'];
    const { status, stdout } = spawnSync('openssl', words, { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.equal(stdout, own('with.example', MOBILECONFIG_EXCHANGE));
  });
});
