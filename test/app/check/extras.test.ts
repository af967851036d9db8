import assert from 'node:assert/strict';
import { createServer as createSecureServer } from 'node:https';
import { after, describe, test } from 'node:test';
import { SocketProber } from '../../../src/adapters/probe/socket-prober.ts';
import { Findings } from '../../../src/app/check/finding.ts';
import { checkMailHosts } from '../../../src/app/check/mail-hosts.ts';
import { checkOAuth2, metadataFaults, metadataUrl } from '../../../src/app/check/oauth2.ts';
import { createGate } from '../../../src/app/gate.ts';
import { type Extras, NO_EXTRAS, type OAuth2 } from '../../../src/domain/extras.ts';
import type { ServedDomain } from '../../../src/domain/served-domain.ts';
import { domainName } from '../../domain/samples.ts';
import { certificatesMissing, makeCertificates } from '../../support/certificates.ts';
import { listening } from '../../support/scripted-peer.ts';
import {
  ABSENT,
  answered,
  certificate,
  contextFor,
  emptyScript,
  faultsOf,
  found,
  healthyScript,
  hostAt,
  NAME,
  NO_HOST,
  reportOf,
  type Script,
  SITE_ADDRESS,
  served,
  srv,
  status,
  UNKNOWN,
  UNKNOWN_HOST,
  unreachable,
  type Web,
} from './scripted.ts';

const withExtras = (extras: Partial<Extras>): ServedDomain => served({ extras: { ...NO_EXTRAS, ...extras } });

const [JMAP_ADDRESS, ISSUER_ADDRESS] = ['192.0.2.4', '192.0.2.5'];
const JMAP_URL = `https://jmap.${NAME}:8443/session`;
const SESSION = `https://jmap.${NAME}:8443/.well-known/jmap`;
const ISSUER = `https://login.${NAME}/realm`;
const METADATA = `https://login.${NAME}/.well-known/oauth-authorization-server/realm`;
const oauth2: OAuth2 = { issuer: ISSUER, scope: 'mail' };
const managesieve = { name: domainName(`sieve.${NAME}`), port: 4190, socketType: 'STARTTLS' } as const;
const ALL = { jmap: { url: JMAP_URL }, oauth2, managesieve };

const json = (value: unknown) => answered(JSON.stringify(value), { contentType: 'application/json; charset=utf-8' });
const RIGHT = {
  issuer: ISSUER,
  code_challenge_methods_supported: ['plain', 'S256'],
  registration_endpoint: `${ISSUER}/register`,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
};

/** Everything as it should be, with the domain's own host leading to JMAP; answers by URL. */
function healthy(settings: ServedDomain, answers: Readonly<Record<string, ReturnType<Web>>> = {}): Script {
  const script = healthyScript(settings);
  script.hosts[`jmap.${NAME}`] = hostAt(JMAP_ADDRESS);
  script.hosts[`login.${NAME}`] = hostAt(ISSUER_ADDRESS);
  script.hosts[`sieve.${NAME}`] = hostAt(JMAP_ADDRESS);
  const { web } = script;
  const own: Readonly<Record<string, ReturnType<Web>>> = {
    [SESSION]: status(307, '/session'),
    [METADATA]: json(RIGHT),
    [`https://${NAME}/.well-known/jmap`]: status(307, JMAP_URL),
    ...answers,
  };
  script.web = (peer, question) => {
    const port = question.port === undefined ? '' : `:${question.port}`;
    const url = `${question.scheme}://${peer.name}${port}${question.path}`;
    if (!Object.hasOwn(own, url)) return web(peer, question);
    // Where DNS and the URL lead.
    const address = peer.name === NAME ? SITE_ADDRESS : url === SESSION ? JMAP_ADDRESS : ISSUER_ADDRESS;
    assert.deepEqual([peer.address, peer.port], [address, question.port ?? 443]);
    return own[url];
  };
  return script;
}

const faultsWith = async (
  change: (script: Script) => void,
  answers: Readonly<Record<string, ReturnType<Web>>> = {},
  extras: Partial<Extras> = ALL,
): Promise<readonly string[]> => {
  const settings = withExtras(extras);
  const script = healthy(settings, answers);
  change(script);
  const { findings } = await reportOf(script, { settings });
  return faultsOf(findings).filter((each) => each !== 'well-known-dav note');
};

const service =
  (label: string, answer: Script['srv'][string]) =>
  (script: Script): void => {
    script.srv[`_${label}._tcp.${NAME}`] = answer;
  };
const host =
  (label: string, answer: Script['hosts'][string]) =>
  ({ hosts }: Script): void => {
    hosts[`${label}.${NAME}`] = answer;
  };
const nothing = (): void => undefined;

describe('extras: all is well', () => {
  test('each is looked at', async () => {
    const settings = withExtras(ALL);
    const { findings, clients } = await reportOf(healthy(settings), { settings });
    assert.deepEqual(faultsOf(findings), ['well-known-dav note']);
    const looked = findings.filter(({ check, owner }) => {
      return /^(?:jmap|well-known-jmap|oauth2|managesieve)$/.test(check) || /^_(?:jmap|sieve)\./.test(owner);
    });
    assert.deepEqual(
      looked.map(({ check, owner }) => `${check} ${owner}`),
      [
        `srv _jmap._tcp.${NAME}`,
        `srv _sieve._tcp.${NAME}`,
        `well-known-jmap https://${NAME}/.well-known/jmap`,
        `jmap ${SESSION}`,
        `oauth2 ${METADATA}`,
        `managesieve sieve.${NAME}:4190`,
      ],
    );
    const named = Object.fromEntries(clients.map(({ client, outcome }) => [client, outcome]));
    assert.deepEqual([named['aerc (JMAP)'], named['Himalaya (JMAP)']], ['works', 'works']);
    const certificates = findings.filter(({ check }) => check === 'certificate').map(({ owner }) => owner);
    for (const host of [`jmap.${NAME}:8443`, `login.${NAME}`]) assert.ok(certificates.includes(host), host);
  });

  test('a domain without them is asked for none of it, but for SRV that nobody has announced', async () => {
    const script = healthy(served());
    script.srv[`_jmap._tcp.${NAME}`] = found(srv(`jmap.${NAME}`, 443));
    const { findings } = await reportOf(script);
    assert.deepEqual(faultsOf(findings), ['srv-unused note', 'well-known-dav note']);
    assert.ok(!findings.some(({ check }) => /jmap|oauth2|managesieve/.test(check)));
  });
});

describe('extras: one thing is not as it should be', () => {
  const refused = certificate({ fault: 'CERT_HAS_EXPIRED' });
  for (const { what, change = nothing, answers = {}, want } of [
    // SRV.
    { what: 'no SRV of JMAP', change: service('jmap', ABSENT), want: ['srv warning'] },
    {
      what: 'SRV of JMAP at another port',
      change: service('jmap', found(srv(`jmap.${NAME}`, 443))),
      want: ['srv error'],
    },
    { what: '"." for JMAP', change: service('jmap', found(srv('', 0))), want: ['srv error'] },
    { what: 'nobody knows SRV of ManageSieve', change: service('sieve', UNKNOWN), want: ['srv unknown'] },
    { what: 'no SRV of ManageSieve', change: service('sieve', ABSENT), want: ['srv warning'] },
    // JMAP.
    { what: 'a session', answers: { [SESSION]: json({ capabilities: {} }) }, want: [] },
    { what: 'a demand to log in', answers: { [SESSION]: status(401) }, want: [] },
    { what: 'no JMAP at its host', answers: { [SESSION]: status(404) }, want: ['jmap warning'] },
    {
      what: 'a page at its host',
      answers: { [SESSION]: answered('<html>', { contentType: 'text/html' }) },
      want: ['jmap warning'],
    },
    { what: 'no answer of its host', answers: { [SESSION]: unreachable('ECONNREFUSED') }, want: ['jmap warning'] },
    { what: 'no way to its host', answers: { [SESSION]: unreachable('ENETUNREACH') }, want: ['jmap unknown'] },
    {
      what: 'a certificate of its host that clients refuse',
      answers: { [SESSION]: answered('', { status: 401, certificate: refused }) },
      want: ['certificate error'],
    },
    {
      what: 'its host has no address',
      change: host('jmap', NO_HOST),
      want: ['jmap warning', 'srv-target error'],
    },
    {
      what: 'a domain whose own host does not lead to it: clients of SRV need not',
      answers: { [`https://${NAME}/.well-known/jmap`]: status(404) },
      want: ['well-known-jmap note'],
    },
    {
      what: 'the same without SRV',
      change: service('jmap', ABSENT),
      answers: { [`https://${NAME}/.well-known/jmap`]: status(404) },
      want: ['srv warning', 'well-known-jmap warning'],
    },
    {
      what: 'a domain whose own host leads elsewhere',
      answers: { [`https://${NAME}/.well-known/jmap`]: status(302, `https://www.${NAME}/`) },
      want: ['well-known-jmap note'],
    },
    // ManageSieve.
    {
      what: 'a server of filters without address',
      change: host('sieve', NO_HOST),
      want: ['managesieve error', 'srv-target error'],
    },
    {
      what: 'a server of filters of which nobody knows',
      change: host('sieve', UNKNOWN_HOST),
      want: ['managesieve unknown', 'srv-target unknown'],
    },
    // OAuth2.
    { what: 'no metadata', answers: { [METADATA]: status(404) }, want: ['oauth2 error'] },
    { what: 'a redirect', answers: { [METADATA]: status(302, ISSUER) }, want: ['oauth2 error'] },
    { what: 'metadata that is a page', answers: { [METADATA]: answered('<html>') }, want: ['oauth2 error'] },
    { what: 'metadata that is a list', answers: { [METADATA]: json([RIGHT]) }, want: ['oauth2 error'] },
    {
      what: 'an issuer that refuses connections',
      answers: { [METADATA]: unreachable('ECONNREFUSED') },
      want: ['oauth2 error'],
    },
    { what: 'no way to the issuer', answers: { [METADATA]: unreachable('EDEADLINE') }, want: ['oauth2 unknown'] },
    {
      what: 'an issuer that calls itself otherwise',
      answers: { [METADATA]: json({ ...RIGHT, issuer: `${ISSUER}/` }) },
      want: ['oauth2 error'],
    },
    {
      what: 'an issuer whose certificate clients refuse',
      answers: { [METADATA]: { ...json(RIGHT), certificate: refused } as ReturnType<Web> },
      want: ['certificate error'],
    },
  ] satisfies readonly {
    what: string;
    change?: (script: Script) => void;
    answers?: Readonly<Record<string, ReturnType<Web>>>;
    want: readonly string[];
  }[]) {
    test(`${what}: ${want.join(', ') || 'nothing to do'}`, async () => {
      assert.deepEqual(await faultsWith(change, answers), want);
    });
  }

  test('clients that are told all of OAuth2 do not need the metadata', async () => {
    const endpoints = { authURL: `${ISSUER}/authorize`, tokenURL: `${ISSUER}/token`, clientID: 'mail' };
    const answers = { [METADATA]: status(404) };
    assert.deepEqual(await faultsWith(nothing, answers, { oauth2: { ...oauth2, ...endpoints } }), ['oauth2 warning']);
  });

  test('JMAP at the domain itself is asked once', async () => {
    const url = `https://${NAME}/.well-known/jmap`;
    const settings = withExtras({ jmap: { url: `https://${NAME}/session` } });
    const { findings } = await reportOf(healthy(settings, { [url]: status(307, '/session') }), { settings });
    const jmap = findings.filter(({ owner, check }) => owner === url && check !== 'certificate');
    assert.deepEqual(
      jmap.map(({ check, severity }) => `${check} ${severity}`),
      ['jmap ok'],
    );
  });

  test('a host that is no full name is left to the operator', async () => {
    const extras = { jmap: { url: 'https://192.0.2.1/' }, oauth2: { ...oauth2, issuer: 'https://[2001:db8::1]/' } };
    const faults = await faultsWith(nothing, {}, extras);
    assert.deepEqual(
      faults.filter((each) => /^(?:jmap|oauth2) /.test(each)),
      ['jmap note', 'oauth2 note'],
    );
  });
});

describe('ManageSieve', () => {
  for (const { what, socketType, deep, want } of [
    { what: 'STARTTLS', socketType: 'STARTTLS', deep: false, want: 'connect' },
    { what: 'STARTTLS with --deep', socketType: 'STARTTLS', deep: true, want: 'sieve' },
    { what: 'TLS from the start', socketType: 'SSL', deep: false, want: 'tls' },
  ] as const) {
    test(`${what}: ${want}`, async () => {
      const asked: string[] = [];
      const noted = <T>(word: string, answer: T): T => {
        asked.push(word);
        return answer;
      };
      const settings = served({
        mailServers: [],
        extras: { ...NO_EXTRAS, managesieve: { ...managesieve, socketType } },
      });
      const context = contextFor(healthy(settings), { settings });
      const { prober } = context;
      const findings = await checkMailHosts({
        ...{ ...context, deep },
        prober: {
          ...prober,
          tls: (peer) => noted('tls', prober.tls(peer)),
          startTls: (peer, protocol) => noted(protocol, prober.startTls(peer, protocol)),
          connect: (peer) => noted('connect', prober.connect(peer)),
        },
      });
      assert.deepEqual(asked, [want]);
      assert.deepEqual(
        findings.map(({ check, severity, owner }) => [check, severity, owner]),
        [['managesieve', 'ok', `sieve.${NAME}:4190`]],
      );
    });
  }
});

describe('the metadata of an issuer', () => {
  for (const [issuer, want] of [
    ['https://login.example', 'https://login.example/.well-known/oauth-authorization-server'],
    ['https://login.example/', 'https://login.example/.well-known/oauth-authorization-server'],
    ['https://login.example:8443/a/b', 'https://login.example:8443/.well-known/oauth-authorization-server/a/b'],
    ['https://login.example/a/', 'https://login.example/.well-known/oauth-authorization-server/a'],
  ] as const) {
    test(`${issuer} is at ${want}`, () => assert.equal(metadataUrl(issuer).href, want));
  }

  const { registration_endpoint: _, ...noRegistration } = RIGHT;
  for (const { what, metadata = RIGHT, given = {}, want } of [
    { what: 'right', want: [] },
    { what: 'the same endpoints', given: { authURL: `${ISSUER}/authorize`, tokenURL: `${ISSUER}/token` }, want: [] },
    { what: 'another authURL', given: { authURL: `${ISSUER}/` }, want: ['warning authorization_endpoint'] },
    { what: 'another tokenURL', given: { tokenURL: `${ISSUER}/` }, want: ['warning token_endpoint'] },
    { what: 'no registration', metadata: noRegistration, want: ['warning registration_endpoint'] },
    { what: 'no registration, and a client', metadata: noRegistration, given: { clientID: 'mail' }, want: [] },
    {
      what: 'no S256',
      metadata: { ...RIGHT, code_challenge_methods_supported: ['plain'] },
      want: ['warning code_challenge_methods_supported'],
    },
    {
      what: 'types of all kinds',
      metadata: { issuer: 1, code_challenge_methods_supported: 'S256', registration_endpoint: {} },
      want: ['error issuer', 'warning code_challenge_methods_supported', 'warning registration_endpoint'],
    },
  ] satisfies readonly {
    what: string;
    metadata?: Readonly<Record<string, unknown>>;
    given?: Partial<OAuth2>;
    want: readonly string[];
  }[]) {
    test(`${what}: ${want.join(', ') || 'no fault'}`, () => {
      const faults = metadataFaults(metadata, { ...oauth2, ...given });
      assert.deepEqual(
        faults.map(({ severity, found: text }) => `${severity} ${text.split(' ')[0]}`),
        want,
      );
    });
  }
});

describe('an issuer behind real TLS', { skip: certificatesMissing }, () => {
  if (certificatesMissing !== false) return;
  const host = `login.${NAME}`;
  const authority = makeCertificates({ after });
  const { chain, key } = authority.issue({ names: [host] });

  for (const { what, answer, want } of [
    {
      what: 'right',
      answer: (issuer: string) => JSON.stringify({ ...RIGHT, issuer }),
      want: ['certificate ok', 'oauth2 ok'],
    },
    { what: 'another issuer', answer: () => JSON.stringify(RIGHT), want: ['certificate ok', 'oauth2 error'] },
    {
      what: 'longer than is read',
      answer: (issuer: string) => JSON.stringify({ ...RIGHT, issuer, x: 'x'.repeat(100_000) }),
      want: ['certificate ok', 'oauth2 error'],
    },
  ]) {
    test(what, async (t) => {
      const paths: (string | undefined)[] = [];
      let issuer = '';
      const server = createSecureServer({ cert: chain, key }, (request, response) => {
        paths.push(`${request.headers.host}${request.url}`);
        response.setHeader('content-type', 'application/json').end(answer(issuer));
      });
      const { address, port } = await listening(t, server, host);
      issuer = `https://${host}:${port}/realm`;
      const script = emptyScript();
      script.hosts[host] = hostAt(address);
      const findings = new Findings();
      await checkOAuth2(findings, {
        ...contextFor(script, { settings: withExtras({ oauth2: { ...oauth2, issuer } }) }),
        now: new Date(),
        prober: new SocketProber({ ca: authority.root.certificate, gate: createGate(4) }),
      });
      assert.deepEqual(findings.list.map(({ check, severity }) => `${check} ${severity}`).toSorted(), want);
      assert.deepEqual(paths, [`${host}:${port}/.well-known/oauth-authorization-server/realm`]);
    });
  }
});
