import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { DESKTOP, NO_BROWSER, startBrowser } from '../support/browser.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

const ATTACKS = [
  `</style></title></textarea></svg><script>hit('element')</script>`,
  `"onfocus="hit('attribute')"autofocus x="`,
  `'><img src=x onerror=hit('image')><base href=//evil.example>`,
  `<iframe srcdoc="<script>parent.hit('frame')</script>"></iframe>`,
  `javascript:hit('link')`,
  `<meta http-equiv=refresh content=0;url=//evil.example><link rel=stylesheet href=//evil.example>`,
  `<style>*{display:none}</style><!-- ]]> &lt;script&gt; {{7*7}}`,
];

/** Controls that turn the direction of the text around them: no page shows them. */
const TURNING = '\u202e\u2066\u2069';

const sql = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A domain with these texts wherever an operator, or whoever writes into the database, has the choice. */
const rows = (id: number, domain: string, text: string): string => `
INSERT INTO provider (id, name, short_name) VALUES (${id}, ${sql(text + TURNING)}, ${sql(text)});
INSERT INTO domain (id, name, provider_id) VALUES (${id}, '${domain}', ${id});
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (${3 * id}, 10, 'imap', 'imap.${domain}', 993, 'SSL', ${sql(text + TURNING)}, 'plain'),
  (${3 * id + 1}, 10, 'smtp', 'smtp.${domain}', 465, 'SSL', ${sql(text)}, 'plain'),
  (${3 * id + 2}, 10, 'pop', ${sql(text)}, 995, 'SSL', 'fred', 'plain');
INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name) VALUES
  (${2 * id}, ${sql(`https://dav.${domain}/${text}`)}, 443, 'caldav', 1, 0, ${sql(text)}),
  (${2 * id + 1}, ${sql(text)}, 443, 'carddav', 1, 0, 'fred');
INSERT INTO server_domain (server_id, domain_id) VALUES (${3 * id}, ${id}), (${3 * id + 1}, ${id}), (${3 * id + 2}, ${id});
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (${2 * id}, ${id}), (${2 * id + 1}, ${id});
`;

/** Elements and their attributes' names, in order. */
const skeleton = (page: Page): Promise<readonly string[]> =>
  page.locator('*').evaluateAll((all) => all.map((each) => [each.localName, ...each.getAttributeNames()].join(' ')));

const cells = (page: Page): Promise<readonly string[]> => page.locator('td').allTextContents();

describe('hostile texts on the page', { skip: NO_BROWSER }, async () => {
  const domains = ATTACKS.map((attack, index) => ({ domain: `attack${index}.example`, attack }));
  const { port } = await startTestDaemon(
    { after },
    {
      rows:
        rows(1, 'harmless.example', 'no host name') +
        domains.map(({ domain, attack }, index) => rows(index + 2, domain, attack)).join(''),
    },
  );
  const browser = await startBrowser({ after });
  const { page, console } = await browser.open({ viewport: DESKTOP });
  const hits: string[] = [];
  await page.exposeFunction('hit', (what: string) => void hits.push(what));
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));

  const open = async (domain: string, address: string, name: string): Promise<void> => {
    const query = `?emailaddress=${encodeURIComponent(address)}&name=${encodeURIComponent(name)}`;
    await page.goto(`http://autoconfig.${domain}:${port}/${query}`);
  };

  await open('harmless.example', 'fred@harmless.example', 'Fred');
  const harmless = await skeleton(page);

  for (const { domain, attack } of domains) {
    test(`are texts: ${attack}`, async () => {
      const [said, asked] = [console.length, requests.length];
      // A quoted local part may hold anything; without blanks it has a code.
      const address = `"${attack.replaceAll(' ', '').slice(0, 50).replaceAll(/["\\]/g, '\\$&')}"@${domain}`;
      const name = [...attack].slice(0, 64).join('');
      await open(domain, address, name + TURNING);
      assert.deepEqual(await skeleton(page), harmless);
      assert.equal(await page.locator('#address').inputValue(), address);
      assert.equal(await page.locator('#name').inputValue(), name);
      const url = `https://dav.${domain}/`;
      const shown = await cells(page);
      assert.deepEqual([shown[3], shown[8], shown[11]], [attack, attack, attack]);
      assert.ok(shown[10]?.startsWith(url));
      const schemes = await page.locator('[href]').evaluateAll((all) => all.map(({ href }) => new URL(href).protocol));
      assert.deepEqual([...new Set(schemes)].sort(), ['caldavs:', 'http:']);
      assert.deepEqual([hits, console.slice(said), requests.slice(asked)], [[], [], [page.url()]]);
    });
  }
});
