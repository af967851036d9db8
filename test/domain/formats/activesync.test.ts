import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clientFindings } from '../../../src/domain/client-rules.ts';
import { parseEmailAddress } from '../../../src/domain/email-address.ts';
import { type ActiveSync, NO_EXTRAS } from '../../../src/domain/extras.ts';
import { ACTIVESYNC, activeSyncHost } from '../../../src/domain/formats/activesync.ts';
import { MOBILECONFIG_EXCHANGE } from '../../../src/domain/formats/mobileconfig-exchange.ts';
import { directory, domain, domainName, failure, user } from '../samples.ts';
import { descendants, readXml } from './read-xml.ts';

const URL_OF_ALL = 'https://eas.example.org/Microsoft-Server-ActiveSync';
const offering = (activesync: ActiveSync) => ({ extras: { ...NO_EXTRAS, activesync } });
const withUrl = offering({ url: URL_OF_ALL });
const moved = offering({ redirect: domainName('bücher.example') });

test('ActiveSync: a whole document', () =>
  assert.equal(
    ACTIVESYNC.write(user(withUrl).named('Ann <Other>')),
    `<?xml version="1.0" encoding="UTF-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006">
    <Culture>en:us</Culture>
    <User>
      <DisplayName>Ann &lt;Other&gt;</DisplayName>
      <EMailAddress>ann@example.org</EMailAddress>
    </User>
    <Action>
      <Settings>
        <Server>
          <Type>MobileSync</Type>
          <Url>${URL_OF_ALL}</Url>
          <Name>${URL_OF_ALL}</Name>
        </Server>
      </Settings>
    </Action>
  </Response>
</Autodiscover>
`,
  ));

const texts = (document: string, name: string) => descendants(readXml(document), name).map(({ text }) => text);

test('without a name, the address is shown', () =>
  assert.deepEqual(texts(ACTIVESYNC.write(user(withUrl)), 'DisplayName'), ['ann@example.org']));

test('a directory knows the name', () => {
  const entry = { login: 'a1', displayName: 'Ann Other' };
  const document = ACTIVESYNC.write(user({ ...withUrl, directory }, { entry }));
  assert.deepEqual(texts(document, 'DisplayName'), ['Ann Other']);
});

for (const localPart of ['ann', 'Ann+tag', '"<b>&"', 'jörg']) {
  test(`a domain that has moved: ${localPart} asks again with the new one`, () => {
    const document = ACTIVESYNC.write(user(moved, { address: parseEmailAddress(`${localPart}@example.org`) }));
    assert.deepEqual(texts(document, 'Redirect'), [`${localPart}@xn--bcher-kva.example`]);
    assert.deepEqual(texts(document, 'EMailAddress'), [`${localPart}@example.org`]);
    assert.deepEqual(texts(document, 'Settings'), []);
  });
}

describe('who has ActiveSync', () => {
  for (const { name, members, code, isOffered } of [
    { name: 'nothing', members: {}, code: 'protocol_unconfigured', isOffered: [false, false] },
    { name: 'a redirect', members: moved, code: 'protocol_unconfigured', isOffered: [true, false] },
    {
      name: 'a URL that a profile cannot name',
      members: offering({ url: 'https://eas.example.org/push' }),
      code: 'domain_unusable',
      isOffered: [true, true],
    },
  ] as const) {
    test(name, () => {
      const served = domain(members);
      assert.deepEqual(
        [ACTIVESYNC, MOBILECONFIG_EXCHANGE].map((format) => format.isOffered?.(served)),
        isOffered,
      );
      assert.throws(() => MOBILECONFIG_EXCHANGE.write(user(members)), failure(code));
      if (!isOffered[0]) assert.throws(() => ACTIVESYNC.write(user(members)), failure(code));
    });
  }
});

describe('the host in which the whole URL is', () => {
  for (const [url, host] of [
    [URL_OF_ALL, 'eas.example.org'],
    [`${URL_OF_ALL}/`, 'eas.example.org'],
    ['https://eas.example.org/microsoft-server-activesync', 'eas.example.org'],
    ['https://EAS.example.org:443/Microsoft-Server-ActiveSync', 'eas.example.org'],
    ['https://192.0.2.1/Microsoft-Server-ActiveSync', '192.0.2.1'],
    ['https://eas.example.org:8443/Microsoft-Server-ActiveSync', undefined],
    ['https://eas.example.org', undefined],
    ['https://eas.example.org/eas/Microsoft-Server-ActiveSync', undefined],
    [`${URL_OF_ALL}//`, undefined],
    [`${URL_OF_ALL}/x`, undefined],
    [`${URL_OF_ALL}?a=b`, undefined],
    [`${URL_OF_ALL}#a`, undefined],
  ] as const) {
    test(`${url}: ${host ?? 'none'}`, () => assert.equal(activeSyncHost(url), host));
  }
});

describe('what clients cannot use', () => {
  /** Clients and rows of findings that are there with ActiveSync only. */
  const findings = (activesync: ActiveSync) => {
    const before = clientFindings(domain()).map(({ reason }) => reason);
    return (
      clientFindings(domain(offering(activesync)))
        // What Autoconfig's clients make of it is tested with that format.
        .filter(({ clients, reason }) => !before.includes(reason) && !clients.startsWith('Himalaya'))
        .map(({ clients, rows }) => [clients.split(/ (?:and|with)|,/)[0], rows])
    );
  };
  const rows = [{ table: 'automx2_extra', id: 'activesync' }];
  for (const { name, activesync, want } of [
    { name: 'a usual URL', activesync: { url: URL_OF_ALL }, want: [] },
    { name: 'a URL of its own', activesync: { url: 'https://eas.example.org:444/' }, want: [['iPhone', rows]] },
    {
      name: 'a redirect',
      activesync: { redirect: domainName('other.example') },
      want: [['Outlook for iPhone', rows]],
    },
    { name: 'a redirect to itself', activesync: { redirect: domainName('example.org') }, want: [['phones', rows]] },
  ]) {
    test(name, () => assert.deepEqual(findings(activesync), want));
  }
});
