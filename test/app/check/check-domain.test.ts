import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkDomain, type DomainReport } from '../../../src/app/check/check-domain.ts';
import { PACC } from '../../../src/domain/formats/pacc.ts';
import {
  ABSENT,
  ADDRESS,
  aliasOf,
  answered,
  certificate,
  faultsOf,
  found,
  healthyScript,
  hostAt,
  NAME,
  NO_HOST,
  NOW,
  reportOf,
  resolver,
  type Script,
  SERVICE,
  SITE_ADDRESS,
  served,
  srv,
  status,
  UNKNOWN,
  UNKNOWN_HOST,
  unreachable,
  type Web,
} from './scripted.ts';

/** Another answer at hosts and paths that match; elsewhere as before. */
const instead =
  (pattern: RegExp, answer: ReturnType<Web>) =>
  (script: Script): void => {
    const { web } = script;
    script.web = (peer, question) =>
      pattern.test(`${question.scheme}://${peer.name}${question.path}`) ? answer : web(peer, question);
  };
const host =
  (label: string, answer: Script['hosts'][string]) =>
  ({ hosts }: Script): void => {
    hosts[label === '@' ? NAME : `${label}.${NAME}`] = answer;
  };
const service =
  (label: string, answer: Script['srv'][string]) =>
  (script: Script): void => {
    script.srv[`_${label}._tcp.${NAME}`] = answer;
  };
const text =
  (label: string, ...records: readonly string[]) =>
  (script: Script): void => {
    script.txt[`${label}.${NAME}`] = found(...records);
  };
const refused = (fault: string) => answered('<clientConfig/>', { certificate: certificate({ fault }) });
const PAGE = answered('<!DOCTYPE html><html></html>', { contentType: 'text/html' });
const OTHER_DIGEST = `v=UAAC1; a=sha256; d=${'A'.repeat(43)}=`;

test('all is well', async () => {
  const { domain, findings, clients } = await reportOf(healthyScript());
  assert.equal(domain, NAME);
  // The web site leads to no calendars, which those that read SRV need not.
  assert.deepEqual(faultsOf(findings), ['well-known-dav note']);
  assert.deepEqual(
    clients.map(({ outcome }) => outcome),
    ['works', 'works', 'works', 'asks', 'works', 'works', 'works'],
  );
});

describe('one thing is not as it should be', () => {
  for (const { what, change, want } of [
    // DNS: names.
    { what: 'no autoconfig', change: host('autoconfig', NO_HOST), want: ['autoconfig-name error'] },
    { what: 'nobody knows', change: host('autoconfig', UNKNOWN_HOST), want: ['autoconfig-name unknown'] },
    {
      what: 'SRV in place of autodiscover',
      change: host('autodiscover', NO_HOST),
      want: ['autodiscover-name note'],
    },
    {
      what: 'an alias that leads nowhere',
      change: host('autoconfig', aliasOf('gone.example')),
      want: ['alias error'],
    },
    {
      what: 'a name that leads elsewhere, where nobody knows the settings',
      change: host('autoconfig', hostAt('192.0.2.77')),
      want: ['address error', 'autoconfig error'],
    },
    {
      what: 'some of the addresses lead elsewhere',
      change: host('autoconfig', hostAt(ADDRESS, '192.0.2.77')),
      want: ['address warning', 'autoconfig error'],
    },
    {
      what: 'a wildcard that leads elsewhere',
      change: (script) => {
        for (const label of ['strange', 'autoconfig']) host(label, hostAt('192.0.2.77'))(script);
      },
      want: ['address error', 'autoconfig error', 'wildcard warning'],
    },
    {
      what: 'a long TTL',
      change: host('autoconfig', { aliases: [], addresses: found({ address: ADDRESS, ttl: 86_401 }) }),
      want: ['ttl note'],
    },
    {
      what: 'the longest TTL',
      change: host('autoconfig', { aliases: [], addresses: found({ address: ADDRESS, ttl: 86_400 }) }),
      want: [],
    },
    {
      what: 'a service that is an alias',
      change: ({ hosts }) => {
        hosts[SERVICE] = aliasOf('other.example', ADDRESS);
      },
      want: ['service-alias warning'],
    },
    {
      what: 'a service without address',
      change: ({ hosts }) => {
        hosts[SERVICE] = NO_HOST;
      },
      want: ['service-address error'],
    },
    {
      what: 'a service of which nobody knows',
      change: ({ hosts }) => {
        hosts[SERVICE] = UNKNOWN_HOST;
      },
      want: ['service-address unknown'],
    },
    // DNS: services.
    { what: 'no SRV', change: service('imaps', ABSENT), want: ['srv warning'] },
    { what: 'SRV of which nobody knows', change: service('imaps', UNKNOWN), want: ['srv unknown'] },
    {
      what: 'SRV of another server',
      change: service('imaps', found(srv('smtp.example.org', 993))),
      want: ['srv error'],
    },
    {
      what: 'SRV of another port',
      change: service('imaps', found(srv('imap.example.org', 994))),
      want: ['srv error'],
    },
    {
      what: 'SRV of another server beside the right one',
      change: service('imaps', found(srv('imap.example.org', 993), srv('smtp.example.org', 993))),
      want: ['srv error'],
    },
    { what: '"." for a service with a row', change: service('imaps', found(srv('', 0))), want: ['srv error'] },
    {
      what: '"." beside the right one',
      change: service('imaps', found(srv('', 0), srv('imap.example.org', 993))),
      want: ['srv error'],
    },
    {
      what: 'a service without row',
      change: service('pop3s', found(srv('imap.example.org', 995))),
      want: ['srv-unused error'],
    },
    { what: 'nothing is said of it', change: service('pop3s', ABSENT), want: [] },
    { what: 'nobody knows of it', change: service('pop3s', UNKNOWN), want: ['srv-unused unknown'] },
    {
      what: 'a DAV service without row',
      change: service('caldav', found(srv('dav.example.org', 80))),
      want: ['srv-unused note'],
    },
    { what: 'a target without address', change: host('dav', NO_HOST), want: ['srv-target error'] },
    {
      what: 'a target that is an alias',
      change: host('dav', aliasOf('x.example', ADDRESS)),
      want: ['srv-target warning'],
    },
    { what: 'a target of which nobody knows', change: host('dav', UNKNOWN_HOST), want: ['srv-target unknown'] },
    { what: 'no path', change: ({ txt }) => void delete txt[`_caldavs._tcp.${NAME}`], want: ['dav-path warning'] },
    { what: 'another path', change: text('_caldavs._tcp', 'path=/'), want: ['dav-path warning'] },
    { what: 'two paths', change: text('_caldavs._tcp', 'path=/', 'path=/calendars/'), want: ['dav-path warning'] },
    {
      what: 'Autodiscover at another port',
      change: service('autodiscover', found(srv(SERVICE, 444))),
      want: ['autodiscover-srv warning'],
    },
    {
      what: 'two records of Autodiscover',
      change: service('autodiscover', found(srv(SERVICE, 443), srv('b.example', 443))),
      want: ['autodiscover-srv warning', 'srv-target error'],
    },
    { what: 'no mail', change: ({ mx }) => void delete mx[NAME], want: ['mx note'] },
    {
      what: 'an MX of a hoster who answers nothing',
      change: (script) => {
        script.mx[NAME] = found({ preference: 1, exchange: 'mx.hoster.example' });
      },
      want: ['mx note'],
    },
    {
      what: 'another authority may issue',
      change: ({ caa }) => {
        caa[NAME] = found('digicert.com');
      },
      want: ['caa note'],
    },
    // HTTP.
    { what: 'a page', change: instead(/^https:\/\/autoconfig.*xml/, PAGE), want: ['autoconfig error'] },
    {
      what: 'settings that differ in one octet',
      change: (script) => {
        const { web } = script;
        script.web = (peer, question) => {
          const answer = web(peer, question);
          const isMeant = peer.name.startsWith('autoconfig.') && question.path.includes('.xml');
          return isMeant && answer?.state === 'answered' ? answered(`${Buffer.from(answer.body)}\n`) : answer;
        };
      },
      want: ['autoconfig error'],
    },
    {
      what: 'a certificate that is refused',
      change: instead(/^https:\/\/autoconfig.*xml/, refused('CERT_HAS_EXPIRED')),
      want: ['autoconfig error', 'certificate error'],
    },
    {
      what: 'no connection',
      change: instead(/^https:\/\/autodiscover/, unreachable('ECONNREFUSED')),
      want: ['autodiscover error'],
    },
    {
      what: 'no way from here',
      change: instead(/^https:\/\/autodiscover/, unreachable('ENETUNREACH')),
      want: ['autodiscover unknown'],
    },
    {
      what: 'a proxy that limits requests',
      change: instead(/^https:\/\/autodiscover/, unreachable('ETOOMANYREQUESTS')),
      want: ['autodiscover unknown'],
    },
    { what: 'no JSON', change: instead(/json\?/, undefined), want: ['autodiscover-json warning'] },
    { what: 'no profile', change: instead(/mobileconfig/, undefined), want: ['profile error'] },
    {
      what: 'plain http that leads elsewhere',
      change: instead(/^http:/, status(302, `https://${SERVICE}/`)),
      want: ['autodiscover-http warning'],
    },
    {
      what: 'plain http that leads to plain http',
      change: instead(/^http:/, status(302, `http://autodiscover.${NAME}/`)),
      want: ['autodiscover-http warning'],
    },
    {
      what: 'a web site that answers everything',
      change: instead(/^https:\/\/example\.org\//, PAGE),
      want: ['autoconfig-web-site warning', 'autodiscover-web-site warning', 'well-known-dav note'],
    },
    {
      what: 'a web site that fails',
      change: instead(/^https:\/\/example\.org\/\.well-known\/autoconfig/, status(500)),
      want: ['autoconfig-web-site warning'],
    },
    {
      what: 'a web site that hangs',
      change: instead(/^https:\/\/example\.org\/\.well-known\/autoconfig/, unreachable('ETIMEDOUT')),
      want: ['autoconfig-web-site warning'],
    },
    {
      what: 'a web site that refuses connections',
      change: instead(/^https:\/\/example\.org\/\.well-known\/autoconfig/, unreachable('ECONNREFUSED')),
      want: [],
    },
    // PACC.
    { what: 'no digest', change: ({ txt }) => void delete txt[`_ua-auto-config.${NAME}`], want: ['pacc warning'] },
    { what: 'another digest', change: text('_ua-auto-config', OTHER_DIGEST), want: ['pacc error'] },
    {
      what: 'an old digest beside the right one',
      change: (script) => {
        const answer = script.txt[`_ua-auto-config.${NAME}`];
        const [record = ''] = answer?.state === 'found' ? answer.records : [];
        text('_ua-auto-config', OTHER_DIGEST, record)(script);
      },
      want: ['pacc note'],
    },
    {
      what: 'a digest of which nobody knows',
      change: ({ txt }) => {
        txt[`_ua-auto-config.${NAME}`] = UNKNOWN;
      },
      want: ['pacc unknown'],
    },
    { what: 'no document', change: instead(/user-agent-configuration/, undefined), want: ['pacc error'] },
    { what: 'a page for PACC', change: instead(/user-agent-configuration/, PAGE), want: ['pacc error'] },
    {
      what: 'no way to it from here',
      change: instead(/user-agent-configuration/, unreachable('EDEADLINE')),
      want: ['pacc unknown'],
    },
    {
      what: 'an old TLS',
      change: (script) => {
        const { web } = script;
        script.web = (peer, question) => {
          const answer = web(peer, question);
          if (!peer.name.startsWith('ua-auto-config.') || answer?.state !== 'answered') return answer;
          return { ...answer, certificate: certificate({ protocol: 'TLSv1.2' }) };
        };
      },
      want: ['pacc-tls warning'],
    },
    // Mail servers.
    {
      what: 'a mail server without address',
      change: host('imap', NO_HOST),
      want: ['mail-host error', 'srv-target error'],
    },
    {
      what: 'one that does not listen',
      change: (script) => {
        script.tls = () => unreachable('ECONNREFUSED');
      },
      want: ['mail-host warning'],
    },
    {
      what: 'one that this machine cannot ask',
      change: (script) => {
        script.tls = () => unreachable('EADDRNOTAVAIL');
      },
      want: ['mail-host unknown'],
    },
    {
      what: 'one whose certificate is refused',
      change: (script) => {
        script.tls = () => ({ state: 'connected', certificate: certificate({ fault: 'CERT_HAS_EXPIRED' }) });
      },
      want: ['mail-host error'],
    },
  ] satisfies readonly { what: string; change: (script: Script) => void; want: readonly string[] }[]) {
    test(`${what}: ${want.join(', ') || 'nothing to do'}`, async () => {
      const script = healthyScript();
      change(script);
      const { findings } = await reportOf(script);
      const faults = faultsOf(findings).filter((each) => each !== 'well-known-dav note');
      assert.deepEqual(
        faults,
        want.filter((each) => each !== 'well-known-dav note'),
      );
    });
  }

  test('a name at another machine, which gives the right answer: a note; with --connect, nobody knows that', async () => {
    const script = healthyScript();
    host('autoconfig', hostAt('192.0.2.77'))(script);
    const { web } = script;
    script.web = (peer, question) => web({ ...peer, address: ADDRESS }, question);
    const severity = async (connectTo?: { address: string; port: undefined }) => {
      const { findings } = await reportOf(script, connectTo && { connectTo });
      return findings.find(({ check, owner }) => check === 'address' && owner.startsWith('autoconfig.'))?.severity;
    };
    assert.equal(await severity(), 'note');
    assert.equal(await severity({ address: ADDRESS, port: undefined }), 'error');
  });

  test('with --connect, the summary says which address it is about', async () => {
    const { clients } = await reportOf(healthyScript(), { connectTo: { address: ADDRESS, port: undefined } });
    for (const { text } of clients) assert.ok(text.endsWith(`, asked at ${ADDRESS}`), text);
  });
});

describe('PACC, as its clients will do', () => {
  const elsewhere = `https://ua-auto-config.${NAME}/elsewhere`;
  for (const { what, change, want } of [
    { what: 'the document and its digest', change: () => undefined, want: 'works' },
    {
      what: 'the document without digest',
      change: ({ txt }) => void delete txt[`_ua-auto-config.${NAME}`],
      want: 'fails',
    },
    { what: 'the digest without document', change: instead(/user-agent-configuration/, status(404)), want: 'fails' },
    {
      what: 'a redirect to the document',
      change: (script) => {
        instead(/user-agent-configuration/, status(302, elsewhere))(script);
        const { web } = script;
        const document = answered(PACC.writeForDomain(served()));
        script.web = (peer, question) => (question.path === '/elsewhere' ? document : web(peer, question));
      },
      want: 'fails',
    },
  ] satisfies readonly { what: string; change: (script: Script) => void; want: string }[]) {
    test(what, async () => {
      const script = healthyScript();
      change(script);
      const { clients } = await reportOf(script);
      assert.equal(clients.find(({ client }) => client.includes('PACC'))?.outcome, want);
    });
  }
});

describe('the time for a domain', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const mute = {
    ...{ host: never, srv: never, txt: never, mx: never, caa: never },
    ...{ request: never, tls: never, startTls: never, connect: never },
  };
  for (const { what, dns } of [
    { what: 'name servers', dns: mute },
    { what: 'other servers', dns: resolver(healthyScript()) },
  ]) {
    test(`${what} never answer: what they would say is unknown`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const options = { service: SERVICE, connectTo: undefined, deep: false, now: NOW, strangeLabel: 'strange' };
      let report: DomainReport | undefined;
      void checkDomain(served(), [{ title: '', dns }], mute, options).then((done) => {
        report = done;
      });
      const turns = async (): Promise<void> => {
        for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      };
      // What DNS says leads to questions to others.
      await turns();
      assert.equal(report, undefined);
      t.mock.timers.tick(15_000);
      await turns();
      const { findings = [] } = (report as DomainReport | undefined) ?? {};
      assert.deepEqual(
        findings.filter(({ severity }) => severity === 'error' || severity === 'warning'),
        [],
      );
      const unknown = findings.filter(({ severity }) => severity === 'unknown');
      assert.ok(unknown.length > 3 && unknown.every(({ found: reason }) => reason === 'EDEADLINE'));
    });
  }
});

describe('several views', () => {
  test('what both say stands once; what only one says, with its name', async () => {
    const old = healthyScript();
    host('autoconfig', NO_HOST)(old);
    const { findings } = await reportOf(healthyScript(), {}, old);
    const names = findings.filter(({ check }) => check === 'autoconfig-name');
    assert.deepEqual(
      names.map(({ severity, view }) => [severity, view]),
      [
        ['ok', 'view 1'],
        ['error', 'view 2'],
      ],
    );
    const others = findings.filter(({ check }) => check === 'autodiscover-name' || check === 'srv');
    assert.ok(others.length > 0 && others.every(({ view }) => view === undefined));
    // Only the first view is asked for these.
    const web = findings.filter(({ check }) => check === 'autoconfig' || check === 'mail-host');
    assert.ok(web.length > 0 && web.every(({ view }) => view === undefined));
  });

  test('sites are asked at the addresses of the first one', async () => {
    const other = healthyScript();
    host('autoconfig', hostAt(SITE_ADDRESS))(other);
    const first = await reportOf(healthyScript(), {}, other);
    assert.ok(first.findings.some(({ check, severity }) => check === 'autoconfig' && severity === 'ok'));
  });
});
