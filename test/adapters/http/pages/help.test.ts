import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { TEXTS } from '../../../../src/adapters/http/pages/languages.ts';
import { elementsOf, type HtmlTree, readHtml, textIn } from '../../../domain/formats/read-html.ts';
import { domainName } from '../../../domain/samples.ts';
import { askHost, type HostAnswer } from '../../../support/ask-host.ts';
import { freePort } from '../../../support/database-server.ts';
import { codeIn } from '../../../support/qr-code.ts';
import { EXAMPLE_ROWS, NO_CACHE, startTestDaemon, type TestDaemon } from '../../../support/test-daemon.ts';

/** The usual rows, a domain without usable servers, one with an umlaut, and one whose directory is away. */
const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (4, 'none.example', 1), (5, 'bücher.example', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 5), (3, 5);
INSERT INTO ldapserver (id, name, port, use_ssl, search_base, search_filter, attr_uid) VALUES
  (7, '127.0.0.1', ${await freePort()}, 0, 'dc=x', '(mail={0})', 'uid');
INSERT INTO domain (id, name, provider_id, ldapserver_id) VALUES (6, 'directory.example', 1, 7);
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 6), (3, 6);`;

const daemon = await startTestDaemon({ after }, { rows: ROWS });
const publicHost = domainName('mail.provider.example');
const withPublicHost = await startTestDaemon({ after }, { rows: ROWS, settings: { publicHost } });
const proxied = await startTestDaemon({ after }, { rows: ROWS, settings: { proxyCount: 1 } });

const HOST = 'autoconfig.example.com';
const ADDRESS = '/?emailaddress=fred@example.com';
const { en, de } = TEXTS;

const ask = (target: string, host = HOST, method = 'GET', ...lines: readonly string[]): Promise<HostAnswer> =>
  askHost(daemon, host, target, method, ...lines);
const pageOf = async (target: string, host = HOST, ...lines: readonly string[]): Promise<HtmlTree> =>
  readHtml((await ask(target, host, 'GET', ...lines)).body);

const sectionsOf = (page: HtmlTree) => elementsOf(page, 'section').map(({ attributes }) => attributes.get('id'));
const languageOf = (page: HtmlTree) => page.attributes.get('lang');
const titleOf = (page: HtmlTree) => elementsOf(page, 'h1').map(textIn).join();
const problemOf = (page: HtmlTree) =>
  elementsOf(page, 'p')
    .filter(({ attributes }) => attributes.get('id') === 'problem')
    .map(textIn)
    .join();
const inputsOf = (page: HtmlTree): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    elementsOf(page, 'input').map(({ attributes }) => [attributes.get('name'), attributes.get('value')]),
  );
const linksOf = (page: HtmlTree) => elementsOf(page, 'a').map(({ attributes }) => attributes.get('href') ?? '');
const profileOf = (page: HtmlTree) => [...new Set(linksOf(page).filter((href) => href.includes('mobileconfig')))];
const isRobotsMeta = ({ attributes }: HtmlTree): boolean =>
  attributes.get('name') === 'robots' && attributes.get('content') === 'noindex';

const SECTIONS = ['iphone', 'android', 'mac', 'outlook', 'programs', 'manual', 'dav', 'support'];
const FORM = [en.title(undefined), '', []];
const seen = (page: HtmlTree) => [titleOf(page), problemOf(page), sectionsOf(page)];

describe('which page', () => {
  for (const path of ['/', '/help', '/help/', '//help']) {
    test(`${path}: the domain that Host names, and the address in the query`, async () => {
      const bare = await pageOf(path);
      assert.deepEqual(seen(bare), [en.title('example.com'), '', SECTIONS]);
      assert.deepEqual([profileOf(bare), elementsOf(bare, 'svg').length], [[], 0]);
      const full = await pageOf(`${path}?emailaddress=fred@example.com`);
      assert.deepEqual(seen(full), [en.title('example.com'), '', SECTIONS]);
      assert.deepEqual(profileOf(full), ['/mobileconfig/?emailaddress=fred%40example.com']);
      assert.equal(elementsOf(full, 'svg').length, 2);
    });
  }

  for (const path of ['/helpx', '/help/x', '/Help', '/index.html', '/help//']) {
    test(`${path}: none`, async () => {
      const { status, headers } = await ask(path);
      assert.deepEqual([status, headers['content-type']], [404, 'text/plain; charset=utf-8']);
    });
  }

  for (const { host, title } of [
    ...['example.com', 'autodiscover.example.com', 'ua-auto-config.EXAMPLE.com.:8080'].map((each) => ({
      host: each,
      title: en.title('example.com'),
    })),
    { host: 'autoconfig.xn--bcher-kva.example', title: en.title('bücher.example') },
    ...['other.example', '127.0.0.1', '[::1]', 'x..y', 'none.example', ''].map((each) => ({
      host: each,
      title: en.title(undefined),
    })),
  ]) {
    test(`${host} without an address: ${title}`, async () => {
      const { status, body } = await ask('/', host);
      const page = readHtml(body);
      assert.deepEqual([status, titleOf(page), problemOf(page)], [200, title, '']);
      if (title === en.title(undefined)) assert.deepEqual(seen(page), FORM);
    });
  }

  test('the domain of the address, whatever Host names', async () => {
    for (const host of ['autoconfig.example.com', 'other.example', 'none.example']) {
      const { status, body } = await ask('/?emailaddress=fred@example.net', host);
      assert.deepEqual([status, titleOf(readHtml(body))], [200, en.title('example.net')]);
    }
  });

  test('the same for every local part', async () => {
    const page = async (name: string): Promise<string> => {
      const { body } = await ask(`/?emailaddress=${name}@example.net`);
      return body.replaceAll(name, 'NAME').replaceAll(/<path [^>]*>/g, '');
    };
    const pages = await Promise.all(['fred', 'anna', 'a.bc', 'x-_z', '1234'].map(page));
    assert.equal(new Set(pages).size, 1);
  });

  test('a domain without calendars has no such section', async () =>
    assert.deepEqual(
      sectionsOf(await pageOf('/?emailaddress=fred@example.net')),
      SECTIONS.filter((id) => id !== 'dav'),
    ));

  test('servers that a profile cannot name: no button, and what to do instead', async (t) => {
    const rows = `${ROWS} UPDATE server SET authentication = 'GSSAPI';`;
    const { base } = await startTestDaemon(t, { rows });
    const page = readHtml(await (await fetch(`${base}${ADDRESS}`)).text());
    assert.deepEqual(profileOf(page), []);
    assert.equal(elementsOf(page, 'p').filter((each) => textIn(each) === en.profile.none).length, 2);
    assert.equal(codeIn(page, 'page-code'), undefined);
    assert.ok(codeIn(page, 'thunderbird-code')?.startsWith('[1,'));
  });
});

describe('what is typed', () => {
  for (const { query, inputs, profile } of [
    {
      query: 'emailaddress=fred%40example.com&name=Fred+%26+%3Cb%3E',
      inputs: { emailaddress: 'fred@example.com', name: 'Fred & <b>' },
      profile: '/mobileconfig/?emailaddress=fred%40example.com&name=Fred%20%26%20%3Cb%3E',
    },
    {
      query: 'emailaddress=+fred%2Btag@EXAMPLE.com.&name=%20',
      inputs: { emailaddress: '+fred+tag@EXAMPLE.com.', name: '' },
      profile: '/mobileconfig/?emailaddress=%2Bfred%2Btag%40example.com',
    },
    {
      query: 'emailaddress=%20fred@example.com%20&lang=DE&name=J%C3%B6rg',
      inputs: { emailaddress: 'fred@example.com', name: 'Jörg', lang: 'de' },
      profile: '/mobileconfig/?emailaddress=fred%40example.com&name=J%C3%B6rg',
    },
    {
      query: `emailaddress=fred@example.com&name=${encodeURIComponent('😀'.repeat(65))}`,
      inputs: { emailaddress: 'fred@example.com', name: '😀'.repeat(64) },
      profile: `/mobileconfig/?emailaddress=fred%40example.com&name=${encodeURIComponent('😀'.repeat(64))}`,
    },
  ]) {
    test(`${query.slice(0, 70)} comes back in the form, in links and in steps`, async () => {
      const page = await pageOf(`/?${query}`);
      assert.deepEqual(inputsOf(page), inputs);
      assert.deepEqual(profileOf(page), [profile]);
      const other = inputs.lang === undefined ? 'de' : 'en';
      const { emailaddress, name } = inputs;
      const wanted = new URLSearchParams({ emailaddress, ...(name === '' ? {} : { name }), lang: other });
      const [link = ''] = linksOf(page);
      assert.ok(link.startsWith('?'));
      assert.deepEqual([...new URLSearchParams(link.slice(1))], [...wanted]);
    });
  }

  test('the profile behind the link has the address and the name', async () => {
    const [href = ''] = profileOf(await pageOf('/?emailaddress=fred%2Bx@example.com&name=Fred+%26+Co'));
    const { status, body } = await ask(href);
    assert.equal(status, 200);
    assert.match(body, /<string>fred\+x@example\.com<\/string>/);
    assert.match(body, /<string>Fred &amp; Co<\/string>/);
  });
});

describe('the language', () => {
  for (const { target, header, want } of [
    { target: '/', header: undefined, want: 'en' },
    { target: '/', header: 'de-AT, en;q=0.5', want: 'de' },
    { target: '/?lang=de', header: undefined, want: 'de' },
    { target: '/?lang=en', header: 'de', want: 'en' },
    { target: '/?lang=fr', header: 'de', want: 'de' },
    { target: '/?lang=', header: 'de', want: 'de' },
    { target: `${ADDRESS}&lang=de`, header: undefined, want: 'de' },
    { target: '/?emailaddress=nobody&lang=de', header: undefined, want: 'de' },
    { target: '/?emailaddress=a@unknown.example', header: 'de', want: 'de' },
  ]) {
    test(`${target} with ${header}: ${want}`, async () => {
      const { headers, body } = await ask(
        target,
        HOST,
        'GET',
        ...(header === undefined ? [] : [`Accept-Language: ${header}`]),
      );
      const page = readHtml(body);
      assert.deepEqual([headers['content-language'], languageOf(page)], [want, want]);
      assert.equal(elementsOf(page, 'button').map(textIn).join(), TEXTS[want === 'de' ? 'de' : 'en'].form.show);
      const [link] = elementsOf(page, 'a');
      const other = want === 'de' ? 'en' : 'de';
      assert.deepEqual(
        ['hreflang', 'lang'].map((name) => link?.attributes.get(name)),
        [other, other],
      );
      assert.equal(link === undefined ? '' : textIn(link), TEXTS[other].language);
    });
  }

  test('both say the same: as many steps, values and links, in each section', async () => {
    const pages = await Promise.all(['en', 'de'].map((lang) => pageOf(`${ADDRESS}&lang=${lang}`)));
    const [english, german] = pages.map((page) =>
      elementsOf(page, '*')
        .map(({ name, attributes }) => `${name} ${attributes.get('id')}`)
        .join('\n'),
    );
    assert.equal(english, german);
    assert.equal(elementsOf(pages[1] as HtmlTree, 'h2').map(textIn)[0], de.iphone.heading);
  });
});

describe('what goes wrong is a page with the form', () => {
  for (const { target, status, problem, inputs } of [
    { target: '/?emailaddress=nobody', status: 400, problem: en.problem.invalid, inputs: ['nobody', ''] },
    { target: '/help?emailaddress=a@b@', status: 400, problem: en.problem.invalid, inputs: ['a@b@', ''] },
    { target: '/?emailaddress=%22%3E%3Cb%3E&name=x', status: 400, problem: en.problem.invalid, inputs: ['"><b>', 'x'] },
    { target: '/?emailaddress=%FF@example.com&name=x', status: 400, problem: en.problem.invalid, inputs: ['', ''] },
    { target: '/?emailaddress=a@example.com&name=%FF', status: 400, problem: en.problem.invalid, inputs: ['', ''] },
    {
      target: `/?emailaddress=${'a'.repeat(254)}`,
      status: 400,
      problem: en.problem.invalid,
      inputs: ['a'.repeat(254), ''],
    },
    { target: `/?emailaddress=${'a'.repeat(255)}`, status: 400, problem: en.problem.invalid, inputs: ['', ''] },
    {
      target: '/?emailaddress=a@Unknown.example&name=x',
      status: 404,
      problem: en.problem.unknown(domainName('unknown.example')),
      inputs: ['a@Unknown.example', 'x'],
    },
    {
      target: '/?emailaddress=a@none.example',
      status: 404,
      problem: en.problem.unknown(domainName('none.example')),
      inputs: ['a@none.example', ''],
    },
    {
      target: '/?emailaddress=a@directory.example',
      status: 503,
      problem: en.problem.unavailable,
      inputs: ['a@directory.example', ''],
    },
  ]) {
    test(`${target.slice(0, 60)}: ${status}`, async () => {
      const { headers, body, ...answer } = await ask(target);
      const page = readHtml(body);
      assert.deepEqual([answer.status, ...seen(page)], [status, en.title(undefined), problem, []]);
      const { emailaddress, name } = inputsOf(page);
      assert.deepEqual([emailaddress, name], inputs);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['retry-after'], status === 503 ? '30' : undefined);
      const [input] = elementsOf(page, 'input');
      assert.equal(input?.attributes.get('aria-describedby'), 'problem');
      assert.equal(input?.attributes.get('aria-invalid'), status === 400 ? 'true' : undefined);
    });
  }

  test('the database is away, or not prepared: 503 for an address, the form alone without one, which nobody keeps', async (t) => {
    for (const rows of [undefined, EXAMPLE_ROWS]) {
      const other = await startTestDaemon(t, { rows, settings: NO_CACHE });
      if (rows !== undefined) {
        const locking = new Database(other.file);
        t.after(() => locking.close());
        locking.exec('BEGIN EXCLUSIVE');
      }
      for (const { target, want, problem } of [
        { target: '/', want: [200, undefined, 'no-store'], problem: '' },
        { target: ADDRESS, want: [503, '30', 'no-store'], problem: en.problem.unavailable },
      ]) {
        const { status, headers, body } = await askHost(other, HOST, target);
        assert.deepEqual([status, headers['retry-after'], headers['cache-control']], want);
        assert.deepEqual(seen(readHtml(body)), [en.title(undefined), problem, []]);
      }
    }
  });

  test('the database is away, and the domain of the address is known: the page without the code that needs Host', async (t) => {
    const other = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
    assert.equal((await askHost(other, 'other.example', ADDRESS)).status, 200);
    const locking = new Database(other.file);
    t.after(() => locking.close());
    locking.exec('BEGIN EXCLUSIVE');
    const { status, body } = await askHost(other, 'autoconfig.never-seen.example', ADDRESS);
    const page = readHtml(body);
    assert.deepEqual([status, ...seen(page)], [200, en.title('example.com'), '', SECTIONS]);
    assert.deepEqual([codeIn(page, 'page-code'), profileOf(page).length], [undefined, 1]);
  });
});

describe('headers', () => {
  const VARY = 'Accept-Language, Host, X-Forwarded-Host';
  for (const { target, status, cache } of [
    { target: '/', status: 200, cache: 'public, max-age=300' },
    { target: '/help?lang=de', status: 200, cache: 'public, max-age=300' },
    { target: '/?name=Fred', status: 200, cache: 'no-store' },
    { target: ADDRESS, status: 200, cache: 'no-store' },
    { target: '/?emailaddress=nobody', status: 400, cache: 'no-store' },
    { target: '/?emailaddress=a@unknown.example', status: 404, cache: 'no-store' },
  ]) {
    test(`${target}: exactly these`, async () => {
      const { headers, body, ...answer } = await ask(target);
      const { date: _date, ...others } = headers;
      const [, style = ''] = /<style>(.*?)<\/style>/s.exec(body) ?? [];
      assert.equal(answer.status, status);
      assert.deepEqual(others, {
        'content-type': 'text/html; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
        'content-language': target.includes('lang=de') ? 'de' : 'en',
        'content-security-policy': `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
        'referrer-policy': 'no-referrer',
        'cache-control': cache,
        vary: VARY,
        'x-content-type-options': 'nosniff',
        connection: 'close',
      });
    });
  }

  for (const target of ['/', ADDRESS, '/help?emailaddress=nobody']) {
    test(`HEAD ${target}: the same, and no body`, async () => {
      const [get, head] = [await ask(target), await ask(target, HOST, 'HEAD')];
      assert.deepEqual([head.status, head.body], [get.status, '']);
      assert.deepEqual({ ...head.headers, date: '' }, { ...get.headers, date: '' });
    });
  }

  for (const method of ['POST', 'PUT', 'DELETE']) {
    test(`${method}: 405`, async () => {
      const { status, headers } = await ask(ADDRESS, HOST, method, 'Content-Length: 0');
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD']);
    });
  }

  test('OPTIONS: what is allowed', async () => {
    const { status, headers } = await ask('/help', HOST, 'OPTIONS');
    assert.deepEqual([status, headers['allow']], [200, 'GET, HEAD']);
  });
});

describe('what no page holds', () => {
  for (const target of [
    '/',
    ADDRESS,
    `${ADDRESS}&name=Fred&lang=de`,
    '/?emailaddress=nobody',
    '/?emailaddress=a@unknown.example',
  ]) {
    test(target, async () => {
      const { headers, body } = await ask(target);
      assert.equal(headers['set-cookie'], undefined);
      assert.doesNotMatch(body, /<script|javascript:|password"|@import|url\(| on[a-z]+=| style=/i);
      const page = readHtml(body);
      const types = elementsOf(page, 'input').map(({ attributes }) => attributes.get('type') ?? 'text');
      assert.deepEqual(
        types.filter((type) => !['email', 'text', 'hidden'].includes(type)),
        [],
      );
      assert.equal(elementsOf(page, 'meta').some(isRobotsMeta), target.includes('emailaddress='));
      // All addresses of other places are those of the settings.
      const values = elementsOf(page, '*').flatMap(({ attributes }) => [...attributes.values()]);
      const away = values.filter((value) => /^[a-z][a-z0-9+.-]*:|\/\//i.test(value));
      const wanted = target.startsWith(ADDRESS)
        ? [
            'caldavs://fred%40example.com@dav.example.com/cal/fred@example.com/',
            'carddavs://fred%40example.com@dav.example.com:8443/card/',
          ]
        : [];
      assert.deepEqual(away, wanted);
    });
  }

  test('each label and each link within the page leads to an element of it, each name is there once', async () => {
    for (const target of ['/', ADDRESS, '/?emailaddress=nobody']) {
      const page = await pageOf(target);
      const all = elementsOf(page, '*');
      const ids = all.flatMap(({ attributes }) => attributes.get('id') ?? []);
      assert.equal(new Set(ids).size, ids.length);
      const named = all.flatMap(({ attributes }) => [
        ...['for', 'aria-labelledby', 'aria-describedby'].flatMap((name) => attributes.get(name) ?? []),
        ...[attributes.get('href') ?? ''].filter((href) => href.startsWith('#')).map((href) => href.slice(1)),
      ]);
      assert.deepEqual(
        named.filter((id) => !ids.includes(id)),
        [],
      );
    }
  });
});

describe('the codes', () => {
  const PAGE = 'page-code';

  for (const { name, host, lines = [], hosts } of [
    // Without public_host, with it, and behind a proxy.
    { name: 'a served host', host: 'autoconfig.example.com', hosts: Array(3).fill('autoconfig.example.com') },
    { name: 'the domain itself', host: 'EXAMPLE.com.:8080', hosts: Array(3).fill('example.com') },
    {
      name: 'letters beyond ASCII',
      host: 'autoconfig.BÜCHER.example',
      hosts: Array(3).fill('autoconfig.xn--bcher-kva.example'),
    },
    ...['mail.provider.example', 'evil.example', '', '127.0.0.1', 'none.example'].map((host) => ({
      name: `not served: "${host}"`,
      host,
      hosts: [undefined, publicHost, undefined],
    })),
    {
      name: 'X-Forwarded-Host',
      host: 'localhost',
      lines: ['X-Forwarded-Host: autoconfig.example.net'],
      hosts: [undefined, publicHost, 'autoconfig.example.net'],
    },
    {
      name: 'X-Forwarded-Host that is not served',
      host: 'example.com',
      lines: ['X-Forwarded-Host: evil.example'],
      hosts: ['example.com', 'example.com', undefined],
    },
    {
      name: 'X-Forwarded-Host with more than a host',
      host: 'example.com',
      lines: ['X-Forwarded-Host: evil.example/#.example.com'],
      hosts: ['example.com', 'example.com', undefined],
    },
  ]) {
    test(`${name}: ${hosts.join(' | ')}`, async () => {
      const hostIn = async (which: TestDaemon): Promise<string | undefined> => {
        const { status, body } = await askHost(which, host, `/help${ADDRESS.slice(1)}`, 'GET', ...lines);
        assert.equal(status, 200);
        const code = codeIn(readHtml(body), PAGE);
        if (code === undefined) return undefined;
        const [, found] = /^https:\/\/([a-z0-9.-]+)\/help\?emailaddress=fred%40example\.com#iphone$/.exec(code) ?? [];
        assert.ok(found !== undefined, code);
        return found;
      };
      const found = [];
      for (const which of [daemon, withPublicHost, proxied]) found.push(await hostIn(which));
      assert.deepEqual(found, hosts);
    });
  }

  test('name and language go along, and what the code leads to is this page', async () => {
    const target = '/?emailaddress=fred%2Bx@example.com&name=Fred+%C3%B6&lang=de';
    const code = codeIn(await pageOf(target), PAGE) ?? '';
    assert.equal(code, `https://${HOST}/?emailaddress=fred%2Bx%40example.com&name=Fred%20%C3%B6&lang=de#iphone`);
    const { pathname, search, hash: fragment } = new URL(code);
    const again = await pageOf(pathname + search);
    assert.deepEqual(inputsOf(again), { emailaddress: 'fred+x@example.com', name: 'Fred ö', lang: 'de' });
    assert.ok(sectionsOf(again).includes(fragment.slice(1)));
  });

  test('Thunderbird: what lookup prints', async () => {
    const page = await pageOf(`${ADDRESS}&name=J%C3%B6rg`);
    assert.equal(
      codeIn(page, 'thunderbird-code'),
      '[1,[1,1],[0,"imap.example.com",993,3,1,"fred@example.com"],' +
        '[[[0,"smtp.example.com",587,2,1,"fred@example.com"],["fred@example.com","J\\u00f6rg"]]]]',
    );
  });

  test('no address in ASCII: no code for Thunderbird, and no steps with it', async () => {
    const page = await pageOf('/?emailaddress=j%C3%B6rg@example.com');
    assert.equal(codeIn(page, 'thunderbird-code'), undefined);
    assert.ok(codeIn(page, PAGE)?.includes('j%C3%B6rg%40example.com'));
    assert.ok(!elementsOf(page, 'h3').some((each) => textIn(each) === en.android.byCode.heading));
  });

  test('too long: no code, and the rest of the page', async () => {
    const page = await pageOf(`${ADDRESS}&name=${encodeURIComponent('日'.repeat(64))}`);
    assert.deepEqual([codeIn(page, PAGE), sectionsOf(page)], [undefined, SECTIONS]);
  });
});

describe('help_page = no', () => {
  const isPlain = async ({ base }: TestDaemon): Promise<void> => {
    const root = await fetch(base);
    assert.deepEqual([root.status, root.headers.get('content-type')], [200, 'text/plain; charset=utf-8']);
    assert.match(await root.text(), /^[^\n]+\n$/);
    assert.equal((await fetch(`${base}/help`)).status, 404);
    assert.doesNotMatch(await (await fetch(`${base}${ADDRESS}`)).text(), /fred|example/);
  };

  test('one line of text at "/", and nothing at /help', async (t) =>
    isPlain(await startTestDaemon(t, { rows: ROWS, settings: { helpPage: false } })));

  test('a reload switches it', async (t) => {
    const other = await startTestDaemon(t, { rows: ROWS });
    assert.equal((await fetch(`${other.base}/help`)).status, 200);
    await other.daemon.reload({ ...other.settings, helpPage: false });
    await isPlain(other);
    await other.daemon.reload({ ...other.settings, helpPage: true });
    assert.equal((await fetch(`${other.base}/help`)).status, 200);
  });
});

test('the log has path, format and domain, and neither address nor name', async (t) => {
  const other = await startTestDaemon(t, { rows: ROWS });
  for (const query of [
    '',
    'emailaddress=Zq7Xk9@example.net&name=Zq7Xk9',
    'emailaddress=Zq7Xk9',
    'emailaddress=Zq7Xk9@unknown.example',
  ]) {
    await askHost(other, HOST, `/help?${query}`);
  }
  const lines = other.log.filter((line) => line.includes('INFO GET /help'));
  const domains = lines.map((line) =>
    /^\S+ INFO GET \/help status=(\d+) .* domain=(\S+) format=help\n$/.exec(line)?.slice(1).join(' '),
  );
  assert.deepEqual(domains, ['200 example.com', '200 example.net', undefined, '404 unknown.example']);
  assert.doesNotMatch(other.log.join(''), /Zq7Xk9/);
});
