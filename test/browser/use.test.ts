import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { LANGUAGES, TEXTS } from '../../src/adapters/http/pages/languages.ts';
import type { Texts } from '../../src/adapters/http/pages/texts.ts';
import { DESKTOP, NO_BROWSER, PHONE, startBrowser } from '../support/browser.ts';
import { EXAMPLE_ROWS, startTestDaemon } from '../support/test-daemon.ts';

const ADDRESS = 'fred@example.com';

const ROWS = `${EXAMPLE_ROWS}
INSERT INTO domain (id, name, provider_id) VALUES (4, 'noprofile.example', 1);
INSERT INTO server_domain (server_id, domain_id) VALUES (2, 4);
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (1, 4);
`;

/** What a screen reader says: each element as a line, below its region. */
const said = (page: Page): Promise<string> => page.locator('main').ariaSnapshot();

/** Captions, row headers and cells of the tables in what a screen reader says. */
const tables = (text: string): readonly string[] =>
  [...text.matchAll(/- (?:caption: (.+)|rowheader "(.+)"|cell "(.+)")$/gm)].map(
    ([, caption, rowHeader, cell]) => caption ?? rowHeader ?? cell ?? '',
  );

/** The tables that the page of ADDRESS has. */
function wantedTables({ manual, dav, login }: Texts): readonly string[] {
  const user = [manual.userName, ADDRESS];
  const server = (name: string, port: number, encryption: string): readonly string[] => [
    ...[manual.server, `${name}.example.com`, manual.port, String(port), manual.encryption, encryption],
    ...[...user, manual.login, login.password],
  ];
  return [
    ...[manual.imap, ...server('imap', 993, 'SSL/TLS')],
    ...[manual.smtp, ...server('smtp', 587, 'STARTTLS')],
    ...[manual.popInstead, ...server('pop', 110, 'STARTTLS')],
    ...[dav.calendar, dav.url, `https://dav.example.com/cal/${ADDRESS}/`, ...user],
    ...[dav.contacts, dav.url, 'https://dav.example.com:8443/card/', ...user],
  ];
}

/** What has the focus, by name or text, and the line around it. */
const FOCUS = `(({ id, innerText }, { outlineStyle, outlineWidth }) =>
  [id || innerText, outlineStyle, outlineWidth])(document.activeElement, getComputedStyle(document.activeElement))`;

describe('the page for people, used', { skip: NO_BROWSER }, async () => {
  const { port } = await startTestDaemon({ after }, { rows: ROWS });
  const browser = await startBrowser({ after });
  const base = `http://autoconfig.example.com:${port}`;
  const query = `?emailaddress=${ADDRESS}`;
  const { page } = await browser.open({ viewport: DESKTOP });

  for (const language of LANGUAGES) {
    test(`${language}: a screen reader finds headings in order, labels, and tables with their values`, async () => {
      await page.goto(`${base}/${query}&lang=${language}`);
      const texts = TEXTS[language];
      const { automatic, iphone, mac, profile, android, outlook, manual, dav, support, form } = texts;
      const text = await said(page);
      const names = (role: string): readonly string[] =>
        [...text.matchAll(new RegExp(`- ${role} "(.+?)"(?: .*|:.*)?$`, 'gm'))].map(([, name = '']) => name);
      const headings = [iphone, android, mac, outlook, automatic, manual, dav, support].map(({ heading }) => heading);
      assert.deepEqual(names('region'), headings);
      assert.deepEqual(names('link').slice(0, headings.length), headings);
      const levels = [...text.matchAll(/- heading ".+" \[level=(\d)\]/g)].map(([, level]) => level);
      assert.deepEqual(levels.join(''), '122322332222');
      assert.deepEqual(names('navigation'), [texts.contents]);
      assert.deepEqual(names('textbox'), [form.address, form.name]);
      assert.deepEqual(names('img'), [profile.code, android.byCode.code]);
      assert.deepEqual(tables(text), wantedTables(texts));
    });
  }

  test('what is wrong with an address is read with its field', async () => {
    await page.goto(`${base}/?emailaddress=fred`);
    const field = page.getByLabel(TEXTS.en.form.address);
    const describedBy = await field.getAttribute('aria-describedby');
    assert.equal(await page.locator(`#${describedBy}`).innerText(), TEXTS.en.problem.invalid);
    assert.deepEqual([await field.getAttribute('aria-invalid'), await field.inputValue()], ['true', 'fred']);
  });

  test('an unknown domain is shown as it was typed', async () => {
    await page.goto(`${base}/?emailaddress=fred@bücher.example`);
    assert.equal(await page.locator('#problem').innerText(), TEXTS.en.problem.unknown('bücher.example'));
  });

  test('calendars come with the profile, where there is one', async () => {
    const count = async (address: string): Promise<number> => {
      await page.goto(`${base}/?emailaddress=${address}`);
      return page.locator('#dav').getByText(TEXTS.en.dav.withProfile).count();
    };
    assert.deepEqual([await count(ADDRESS), await count('fred@noprofile.example')], [1, 0]);
  });

  test('the form works without scripts, from the start page', async () => {
    const { page } = await browser.open({ javaScriptEnabled: false });
    await page.goto(`${base}/`);
    await page.getByLabel(TEXTS.en.form.address).fill(ADDRESS);
    await page.getByRole('button').click();
    await page.waitForURL(`${base}/?emailaddress=fred%40example.com&name=`);
    assert.deepEqual(tables(await said(page)), wantedTables(TEXTS.en));
  });

  test('by keyboard alone: everything is reached in order, is seen, and Enter sends the form', async () => {
    await page.goto(`${base}/${query}`);
    const wanted = await page
      .locator('a, button, input')
      .evaluateAll((elements) => elements.map((each) => each.id || each.innerText));
    assert.deepEqual(wanted.slice(0, 4), [TEXTS.de.language, 'address', 'name', TEXTS.en.form.show]);
    for (const name of wanted) {
      await page.keyboard.press('Tab');
      assert.deepEqual(await page.evaluate(FOCUS), [name, 'solid', '3px']);
    }
    await page.goto(`${base}/`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type(ADDRESS);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${base}/?emailaddress=fred%40example.com&name=`);
  });

  test('the links of the contents lead to their sections', async () => {
    await page.goto(`${base}/${query}`);
    for (const link of await page.getByRole('navigation').getByRole('link').all()) {
      await link.click();
      const { id, top } = await page.evaluate<{ id: string; top: number }>(
        '(() => { const e = document.querySelector(":target"); return { id: e.id, top: e.getBoundingClientRect().top } })()',
      );
      assert.equal(`#${id}`, await link.getAttribute('href'));
      assert.ok(top > -1 && top < DESKTOP.height, `${id} is at ${top}`);
    }
  });

  test('the other language is one click away, and stays', async () => {
    await page.goto(`${base}/${query}`);
    await page.getByRole('link', { name: TEXTS.de.language }).click();
    await page.getByRole('button', { name: TEXTS.de.form.show }).click();
    assert.deepEqual(tables(await said(page)), wantedTables(TEXTS.de));
  });

  test('a click on a value selects it and nothing else', async () => {
    await page.goto(`${base}/${query}`);
    const [mail, calendars] = [page.locator('#manual table').first(), page.locator('#dav table').first()];
    for (const cell of await mail.or(calendars).locator('td').all()) {
      await cell.click();
      assert.equal(await page.evaluate('getSelection().toString()'), await cell.innerText());
    }
  });

  test('on paper are the tables, without the form and the contents', async () => {
    await page.goto(`${base}/${query}`);
    await page.emulateMedia({ media: 'print' });
    const visible = async (selector: string): Promise<readonly boolean[]> =>
      Promise.all((await page.locator(selector).all()).map((each) => each.isVisible()));
    assert.deepEqual(await visible('form, nav, header, .button'), [false, false, false, false, false]);
    assert.deepEqual(await visible('table'), [true, true, true, true, true]);
    await page.emulateMedia({ media: null });
  });

  test('a phone gets no codes, and no steps to scan them', async () => {
    await page.goto(`${base}/${query}`);
    await page.setViewportSize(PHONE);
    assert.equal(await page.getByRole('img').count(), 0);
    assert.equal(await page.getByText(TEXTS.en.android.byCode.heading).isVisible(), false);
    assert.equal(await page.getByRole('link', { name: TEXTS.en.profile.load }).first().isVisible(), true);
  });
});
