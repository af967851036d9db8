import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { type Extras, NO_EXTRAS } from '../../src/domain/extras.ts';
import { caldav, domain, domainName } from '../domain/samples.ts';
import { DESKTOP, NO_BROWSER, PHONE, startBrowser } from '../support/browser.ts';
import { certificatesMissing, makeCertificates } from '../support/certificates.ts';
import { serveDomains } from '../support/served-domains.ts';
import { reportMissing } from '../support/server-database.ts';
import { EXAMPLE_ROWS, startTestDaemon } from '../support/test-daemon.ts';

reportMissing(certificatesMissing || '', certificatesMissing !== false);

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A rule of axe and the elements that it is about. */
type Finding = readonly [rule: string, targets: readonly string[]];
interface Findings {
  readonly violations: readonly Finding[];
  /** What a program cannot judge. */
  readonly incomplete: readonly Finding[];
}

const findings = (page: Page): Promise<Findings> =>
  page.evaluate<Findings>(`axe.run({ runOnly: ${JSON.stringify(TAGS)}, preload: false }).then(({ violations, incomplete }) => {
    const named = (results) => results.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(' '))]);
    return { violations: named(violations), incomplete: named(incomplete) };
  })`);

/** By how many CSS pixels the page is wider than the window. */
const overhang = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (4, 'noprofile.example', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 4);
`;
/** As long as one may be, without a place to break it. */
const LONG = `${'m'.repeat(64)}@example.com`;

const LONG_URL = `https://help.example.org/${'a'.repeat(200)}`;
const EXTRAS: Extras = {
  ...NO_EXTRAS,
  activesync: { url: 'https://eas.example.org/Microsoft-Server-ActiveSync' },
  jmap: { url: LONG_URL },
  managesieve: { name: domainName('sieve.example.org'), port: 4190, socketType: 'STARTTLS' },
  webmail: { url: 'https://webmail.example.org/' },
  support: { url: LONG_URL },
  instructions: [{ url: LONG_URL, descr: { fr: 'Créer un mot de passe' } }],
  documentation: [{ url: LONG_URL, descr: { en: 'All settings' } }],
};

const PAGES: readonly {
  readonly name: string;
  readonly host?: string;
  readonly path: string;
  readonly status?: number;
}[] = [
  { name: 'an address, with calendars', path: '/?emailaddress=fred@example.com&name=Fred' },
  { name: 'a long address', path: `/?emailaddress=${LONG}` },
  { name: 'a domain', path: '/' },
  { name: 'the form alone', host: 'other.example', path: '/' },
  { name: 'an unknown domain', path: '/?emailaddress=fred@unknown.example', status: 404 },
  { name: 'an invalid address', path: '/?emailaddress=fred', status: 400 },
  { name: 'a domain without a profile', path: '/?emailaddress=fred@noprofile.example' },
];

describe('the page for people, judged by axe', { skip: NO_BROWSER || certificatesMissing }, async () => {
  const { port } = await startTestDaemon({ after }, { rows: ROWS });
  const { certificateFile, keyFile } = makeCertificates({ after }).issue({ names: ['profiles.example'] });
  const signing = { certificate: certificateFile, key: keyFile, password: undefined };
  const signed = await startTestDaemon({ after }, { rows: ROWS, settings: { signing } });
  const more = await serveDomains({ after }, [
    domain({ name: domainName('more.example'), davServers: [caldav], extras: EXTRAS }),
  ]);
  const browser = await startBrowser({ after });

  const cases = [
    { name: 'all that a domain can have', path: '/?emailaddress=fred@more.example', port: more.port },
    ...PAGES.map((each) => ({ ...each, port })),
    { name: 'a signed profile', path: '/?emailaddress=fred@example.com', port: signed.port },
  ];
  for (const locale of ['en-GB', 'de-AT']) {
    // Each language, size and colour with each of the others.
    const looks = [
      { viewport: DESKTOP, colorScheme: locale === 'en-GB' ? 'light' : 'dark' },
      { viewport: PHONE, colorScheme: locale === 'en-GB' ? 'dark' : 'light' },
    ] as const;
    const { page, console } = await browser.open({ locale });
    for (const { name, host = 'autoconfig.example.com', path, status = 200, port } of cases) {
      test(`${locale}: ${name}`, async (t) => {
        const said = console.length;
        const response = await page.goto(`http://${host}:${port}${path}`);
        assert.equal(response?.status(), status);
        assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
        // Without a result, which would be copied.
        await page.evaluate(`${AXE};undefined`);
        for (const { viewport, colorScheme } of looks) {
          await page.setViewportSize(viewport);
          await page.emulateMedia({ colorScheme });
          assert.equal(await overhang(page), 0);
          const { violations, incomplete } = await findings(page);
          assert.deepEqual(violations, []);
          for (const found of incomplete) t.diagnostic(`${viewport.width} ${colorScheme}, not judged: ${found}`);
        }
        // A desktop at 400 % (WCAG 2.2, "Reflow") has the width of a phone, but not its height.
        await page.setViewportSize({ width: PHONE.width, height: 256 });
        assert.equal(await overhang(page), 0);
        // Chromium itself says that the page is an error, and nothing else.
        assert.deepEqual(
          console.slice(said).map((text) => /status of (\d+)/.exec(text)?.[1] ?? text),
          status === 200 ? [] : [String(status)],
        );
      });
    }
  }
});
