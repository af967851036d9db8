import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { installProfile, payloads } from '../support/apple-profile.ts';
import { NO_BROWSER, startBrowser } from '../support/browser.ts';
import { addressOf, assertSetup, CLIENT_ROWS, DOMAINS } from '../support/mail-client.ts';
import type { Answer } from '../support/replay.ts';
import { startTestDaemon } from '../support/test-daemon.ts';

describe('what the links of the page lead to', { skip: NO_BROWSER }, async () => {
  const { port } = await startTestDaemon({ after }, { rows: CLIENT_ROWS });
  const browser = await startBrowser({ after });
  const { page, console } = await browser.open();

  /** The profile of the page that is shown, as it comes to the device. */
  async function loadProfile(): Promise<Answer> {
    const [response, download] = await Promise.all([
      page.waitForEvent('response'),
      page.waitForEvent('download'),
      page.locator('#iphone a.button').click(),
    ]);
    return {
      status: response.status(),
      headers: new Map(Object.entries(response.headers())),
      body: readFileSync(await download.path(), 'utf8'),
    };
  }

  for (const { name, user, want } of DOMAINS) {
    test(`a profile by which a device is set up: ${name}`, async () => {
      await page.goto(`http://autoconfig.${user.domain}:${port}/?emailaddress=${addressOf(user)}`);
      assertSetup(installProfile(await loadProfile(), user), want);
    });
  }

  test('the name and the address arrive as they were typed into the form', async () => {
    const [address, name] = ['fred+news@example.com', 'Jörg Müß + Söhne 100%'];
    await page.goto(`http://autoconfig.example.com:${port}/`);
    await page.locator('#address').fill(address);
    await page.locator('#name').fill(name);
    await page.getByRole('button').click();
    const [mail] = payloads(await loadProfile());
    assert.deepEqual([mail?.['EmailAddress'], mail?.['EmailAccountName']], [address, name]);
  });

  test('DAVx5 gets the user with the URL', async () => {
    await page.goto(`http://autoconfig.example.com:${port}/?emailaddress=fred%2Bnews@example.com`);
    assert.deepEqual(await page.locator('#dav a').evaluateAll((links) => links.map(({ href }) => href)), [
      'caldavs://fred%2Bnews%40example.com@dav.example.com/cal/fred%2Bnews@example.com/',
      'carddavs://fred%2Bnews%40example.com@dav.example.com:8443/card/',
    ]);
  });

  test('the console stays empty', () => assert.deepEqual(console, []));
});
