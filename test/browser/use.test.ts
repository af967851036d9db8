import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { TEXTS, type Texts } from '../../src/adapters/http/pages/texts.ts';
import { DESKTOP, NO_BROWSER, PHONE, startBrowser } from '../support/browser.ts';
import { EXAMPLE_ROWS, startTestDaemon } from '../support/test-daemon.ts';

const ADDRESS = 'fred@example.com';

/** The rows of the tables by caption, as a screen reader reads them. */
async function tables(page: Page): Promise<Readonly<Record<string, readonly string[]>>> {
  const all = await page.getByRole('table').all();
  const read = all.map(async (table) => {
    const rows = (await table.getByRole('row').all()).map(async (row) => [
      await row.getByRole('rowheader').innerText(),
      await row.getByRole('cell').innerText(),
    ]);
    return [
      await table.locator('caption').innerText(),
      (await Promise.all(rows)).map((row) => row.join(': ')),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** The tables that the page of ADDRESS has. */
function wantedTables({ manual, dav, login }: Texts): Readonly<Record<string, readonly string[]>> {
  const server = (name: string, port: number, encryption: string): readonly string[] => [
    `${manual.server}: ${name}.example.com`,
    `${manual.port}: ${port}`,
    `${manual.encryption}: ${encryption}`,
    `${manual.userName}: ${ADDRESS}`,
    `${manual.login}: ${login.password}`,
  ];
  return {
    [manual.imap]: server('imap', 993, 'SSL/TLS'),
    [manual.smtp]: server('smtp', 587, 'STARTTLS'),
    [manual.popInstead]: server('pop', 110, 'STARTTLS'),
    [dav.calendar]: [`${dav.url}: https://dav.example.com/cal/${ADDRESS}/`, `${manual.userName}: ${ADDRESS}`],
    [dav.contacts]: [`${dav.url}: https://dav.example.com:8443/card/`, `${manual.userName}: ${ADDRESS}`],
  };
}

/** What has the focus, by name or text, and the line around it. */
const FOCUS = `(({ id, innerText }, { outlineStyle, outlineWidth }) =>
  [id || innerText, outlineStyle, outlineWidth])(document.activeElement, getComputedStyle(document.activeElement))`;

describe('the page for people, used', { skip: NO_BROWSER }, async () => {
  const { port } = await startTestDaemon({ after }, { rows: EXAMPLE_ROWS });
  const browser = await startBrowser({ after });
  const base = `http://autoconfig.example.com:${port}`;
  const query = `?emailaddress=${ADDRESS}`;
  const desktop = await browser.open({ viewport: DESKTOP });
  const open = async (path: string, options?: BrowserContextOptions): Promise<Page> => {
    const { page } = await (options === undefined ? desktop : browser.open({ viewport: DESKTOP, ...options }));
    await page.goto(base + path);
    return page;
  };

  for (const { language, locale } of [
    { language: 'en', locale: 'en-GB' },
    { language: 'de', locale: 'de-DE' },
  ] as const) {
    test(`${language}: a screen reader finds headings in order, labels, and tables with their values`, async () => {
      const page = await open(`/${query}`, { locale });
      const texts = TEXTS[language];
      const { automatic, iphone, mac, android, outlook, manual, dav, support } = texts;
      const headings = await page
        .getByRole('heading')
        .evaluateAll((all) => all.map((each) => each.outerHTML.slice(1, 3)));
      assert.deepEqual(headings, ['h1', 'h2', 'h2', 'h3', 'h2', 'h2', 'h3', 'h3', 'h2', 'h2', 'h2', 'h2']);
      assert.deepEqual(await page.getByRole('heading', { level: 1 }).allInnerTexts(), [texts.title('example.com')]);
      const sections = [iphone, android, mac, outlook, automatic, manual, dav, support].map(({ heading }) => heading);
      assert.deepEqual(await page.getByRole('heading', { level: 2 }).allInnerTexts(), sections);
      for (const name of sections) assert.equal(await page.getByRole('region', { name, exact: true }).count(), 1);
      assert.deepEqual(
        await page.getByRole('navigation', { name: texts.contents }).getByRole('link').allInnerTexts(),
        sections,
      );
      assert.equal(await page.getByLabel(texts.form.address, { exact: true }).inputValue(), ADDRESS);
      assert.equal(await page.getByLabel(texts.form.name, { exact: true }).inputValue(), '');
      assert.deepEqual(
        await Promise.all(
          [texts.profile.code, android.byCode.code].map((name) => page.getByRole('img', { name }).count()),
        ),
        [1, 1],
      );
      assert.deepEqual(await tables(page), wantedTables(texts));
    });
  }

  test('what is wrong with an address is read with its field', async () => {
    const page = await open('/?emailaddress=fred');
    const field = page.getByLabel(TEXTS.en.form.address);
    const describedBy = await field.getAttribute('aria-describedby');
    assert.equal(await page.locator(`#${describedBy}`).innerText(), TEXTS.en.problem.invalid);
    assert.deepEqual([await field.getAttribute('aria-invalid'), await field.inputValue()], ['true', 'fred']);
  });

  test('the form works without scripts, from the start page', async () => {
    const page = await open('/', { javaScriptEnabled: false });
    await page.getByLabel(TEXTS.en.form.address).fill(ADDRESS);
    await page.getByRole('button').click();
    await page.waitForURL(`${base}/?emailaddress=fred%40example.com&name=`);
    assert.deepEqual(await tables(page), wantedTables(TEXTS.en));
  });

  test('by keyboard alone: everything is reached in order, is seen, and Enter sends the form', async () => {
    const page = await open(`/${query}`);
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
    const page = await open(`/${query}`);
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
    const page = await open(`/${query}`);
    await page.getByRole('link', { name: TEXTS.de.language }).click();
    await page.getByRole('button', { name: TEXTS.de.form.show }).click();
    assert.deepEqual(await tables(page), wantedTables(TEXTS.de));
  });

  test('a click on a value selects it and nothing else', async () => {
    const page = await open(`/${query}`);
    for (const cell of await page.getByRole('cell').all()) {
      await cell.click();
      assert.equal(await page.evaluate('getSelection().toString()'), await cell.innerText());
    }
  });

  test('on paper are the tables, without the form and the contents', async () => {
    const page = await open(`/${query}`, {});
    await page.emulateMedia({ media: 'print' });
    const visible = async (selector: string): Promise<readonly boolean[]> =>
      Promise.all((await page.locator(selector).all()).map((each) => each.isVisible()));
    assert.deepEqual(await visible('form, nav, header, .button'), [false, false, false, false, false]);
    assert.deepEqual(await visible('table'), [true, true, true, true, true]);
  });

  test('a phone gets no codes, and no steps to scan them', async () => {
    const page = await open(`/${query}`, { viewport: PHONE });
    assert.equal(await page.getByRole('img').count(), 0);
    assert.equal(await page.getByText(TEXTS.en.android.byCode.heading).isVisible(), false);
    assert.equal(await page.getByRole('link', { name: TEXTS.en.profile.load }).first().isVisible(), true);
  });
});
