import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { askHost, type HostAnswer } from '../../support/ask-host.ts';
import { autodiscoverRequest, EXAMPLE_ROWS, startTestDaemon } from '../../support/test-daemon.ts';

/** The usual rows with SMTP as PACC can name it; one of the two DAV servers it cannot, nor the logins of login.example. */
const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (5, 'bücher.example', 1), (6, 'none.example', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (6, 5), (3, 5);
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (6, 10, 'imap', 'imap.%EMAILDOMAIN%', 993, 'SSL', '', 'plain');
UPDATE server SET port = 465, socket_type = 'SSL' WHERE id = 3;`;

const daemon = await startTestDaemon({ after }, { rows: ROWS });

const PATH = '/.well-known/user-agent-configuration.json';
const COM =
  '{"authentication":{"password":true},"info":{"provider":{"name":"Example & Söhne","shortName":"Example"}},"protocols":' +
  '{"caldav":{"url":"https://dav.example.com/cal/"},"imap":{"host":"imap.example.com"},' +
  '"smtp":{"host":"smtp.example.com"},"submit":{"host":"smtp.example.com"}}}';

const ask = (host: string, target = PATH, method = 'GET', ...lines: readonly string[]): Promise<HostAnswer> =>
  askHost(daemon, host, target, method, ...lines);

const HOST = 'ua-auto-config.example.com';

describe('PACC: the domain is the one that Host names', () => {
  for (const host of [
    HOST,
    'example.com',
    'autoconfig.example.com',
    'autodiscover.example.com',
    'UA-Auto-Config.Example.COM.',
    'ua-auto-config.example.com:8443',
  ]) {
    test(`${host}: the same octets`, async () => {
      const { status, body } = await ask(host);
      assert.deepEqual([status, body], [200, COM]);
    });
  }

  test('a host name with the domain in it is filled with the domain, not with Host', async () => {
    const { body } = await ask('ua-auto-config.xn--bcher-kva.example');
    assert.match(body, /"imap":\{"host":"imap\.xn--bcher-kva\.example"\}/);
  });

  test('an alias of the provider', async () => {
    const { status, body } = await ask('ua-auto-config.example.net');
    assert.equal(status, 200);
    assert.doesNotMatch(body, /dav/);
  });

  for (const { what, host } of [
    { what: 'an unknown domain', host: 'ua-auto-config.unknown.example' },
    { what: 'a part of a domain', host: 'ua-auto-config.sub.example.com' },
    { what: 'two names of services', host: 'ua-auto-config.autoconfig.example.com' },
    { what: 'an address', host: '127.0.0.1' },
    { what: 'a domain whose login is not the address', host: 'ua-auto-config.login.example' },
    { what: 'a domain without servers', host: 'ua-auto-config.none.example' },
  ]) {
    test(`${what}: 404 in a line of text, which nobody keeps`, async () => {
      const { status, headers, body } = await ask(host);
      assert.equal(status, 404);
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
      assert.match(body, /^.+\n$/);
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['vary'], 'Host, X-Forwarded-Host');
      assert.equal(headers['access-control-allow-origin'], undefined);
    });
  }
});

describe('PACC: requests', () => {
  for (const { what, target } of [
    { what: 'a query is not looked at', target: `${PATH}?emailaddress=a@example.net` },
    { what: 'not even one that is malformed', target: `${PATH}?emailaddress=%FF&&=` },
    { what: 'two slashes count as one', target: `/${PATH}` },
    { what: 'a target in absolute form', target: `http://${HOST}${PATH}` },
  ]) {
    test(what, async () => {
      const { status, body } = await ask(HOST, target);
      assert.deepEqual([status, body], [200, COM]);
    });
  }

  for (const target of [
    `${PATH}/`,
    PATH.replace('.json', ''),
    PATH.replace('.json', 'xjson'),
    PATH.replace('user', 'User'),
    '/.well-known/pacc.json',
  ]) {
    test(`${target}: 404`, async () => assert.equal((await ask(HOST, target)).status, 404));
  }

  test('the headers', async () => {
    const { headers } = await ask(HOST);
    const { date: _date, etag = '', ...others } = headers;
    assert.match(etag, /^"[\w-]{27}"$/);
    assert.deepEqual(others, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(COM)),
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      vary: 'Host, X-Forwarded-Host',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    });
  });

  test('HEAD: the same headers, and no body', async () => {
    const [get, head] = [await ask(HOST), await ask(HOST, PATH, 'HEAD')];
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.deepEqual({ ...head.headers, date: '' }, { ...get.headers, date: '' });
  });

  for (const method of ['GET', 'HEAD']) {
    test(`${method} with the tag: 304`, async () => {
      const tag = (await ask(HOST)).headers['etag'] ?? '';
      const { status, headers, body } = await ask(HOST, PATH, method, `If-None-Match: ${tag}`);
      assert.deepEqual([status, body, headers['etag']], [304, '', tag]);
      assert.equal(headers['access-control-allow-origin'], '*');
    });
  }

  test('another domain has another tag', async () => {
    const tags = await Promise.all([HOST, 'example.net'].map(async (host) => (await ask(host)).headers['etag']));
    assert.notEqual(tags[0], tags[1]);
  });

  for (const method of ['POST', 'PUT', 'DELETE']) {
    test(`${method}: 405`, async () => {
      const { status, headers } = await ask(HOST, PATH, method, 'Content-Length: 0');
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD']);
      assert.equal(headers['access-control-allow-origin'], undefined);
    });
  }

  test('OPTIONS: what is allowed', async () => {
    const { headers } = await ask(HOST, PATH, 'OPTIONS');
    assert.equal(headers['allow'], 'GET, HEAD');
  });

  test('the log has the format and the domain', async () => {
    await ask(HOST);
    const line = daemon.log.findLast((each) => each.includes(`INFO GET ${PATH}`)) ?? '';
    assert.match(line, / status=200 .* domain=example\.com format=pacc\n$/);
  });
});

describe('web pages may read what is the same for everyone, and nothing else', () => {
  const CONFIG = '/mail/config-v1.1.xml';
  for (const { what, path, isOpen } of [
    { what: 'Autoconfig without an address in it', path: `${CONFIG}?emailaddress=a@example.net`, isOpen: true },
    { what: 'Autoconfig of the provider database', path: '/v1.1/example.com', isOpen: true },
    { what: 'Autoconfig with the address in a URL', path: `${CONFIG}?emailaddress=a@example.com`, isOpen: false },
    { what: 'Autoconfig of an unknown domain', path: `${CONFIG}?emailaddress=a@unknown.example`, isOpen: false },
    { what: 'Autoconfig without an address', path: CONFIG, isOpen: false },
    { what: 'a profile', path: '/mobileconfig/?emailaddress=a@example.net', isOpen: false },
    {
      what: 'Autodiscover in JSON',
      path: '/autodiscover/autodiscover.json?Email=a@example.net&Protocol=AutodiscoverV1',
      isOpen: false,
    },
    { what: 'the page', path: '/', isOpen: false },
    { what: 'the seeds', path: '/initdb/', isOpen: false },
    { what: 'what is served', path: '/v1/served?domain=example.net', isOpen: false },
  ]) {
    test(`${what}: ${isOpen ? 'yes' : 'no'}`, async () => {
      const { headers } = await fetch(daemon.base + path, { headers: { Origin: 'https://web.example' } });
      assert.equal(headers.get('access-control-allow-origin'), isOpen ? '*' : null);
      assert.equal(headers.get('access-control-allow-credentials'), null);
    });
  }

  test('Autodiscover by GET: no', async () => {
    const { status, headers } = await ask('autodiscover.example.net', '/autodiscover/autodiscover.xml');
    assert.deepEqual([status, headers['access-control-allow-origin']], [200, undefined]);
  });

  test('Autodiscover: no', async () => {
    const body = autodiscoverRequest('a@example.net');
    const { headers } = await fetch(`${daemon.base}/autodiscover/autodiscover.xml`, { method: 'POST', body });
    assert.equal(headers.get('access-control-allow-origin'), null);
  });
});
