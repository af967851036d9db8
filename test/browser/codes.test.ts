import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import decodeQr from 'qr/decode.js';
import { DESKTOP, NO_BROWSER, startBrowser } from '../support/browser.ts';
import { findProgram } from '../support/database-server.ts';
import { runInProcess } from '../support/in-process.ts';
import { reportMissing } from '../support/server-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { EXAMPLE_ROWS, startTestDaemon } from '../support/test-daemon.ts';

const zbarimg = findProgram('zbarimg');
const MISSING = 'zbarimg (Debian: zbar-tools) is not installed';
reportMissing(MISSING, zbarimg === undefined);

const HOST = 'autoconfig.example.com';

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Four octets each, in base64. */
  readonly data: string;
}

/** JavaScript that reads the pixels of a PNG file. */
const pixelsOf = (png: Buffer): string => `(async () => {
  const response = await fetch('data:image/png;base64,${png.toString('base64')}');
  const image = await createImageBitmap(await response.blob());
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return { width, height, data: new Uint8Array(context.getImageData(0, 0, width, height).data).toBase64() };
})()`;

describe('codes on the screen', { skip: NO_BROWSER || (zbarimg === undefined && MISSING) }, async () => {
  const folder = temporaryFolder({ after });
  const { port, file } = await startTestDaemon({ after }, { rows: EXAMPLE_ROWS });
  const config = join(folder, 'automx2.conf');
  writeFileSync(config, `[automx2]\ndb_uri = sqlite:///${file}\n`);
  const browser = await startBrowser({ after });
  // A page whose policy lets images be read.
  const { page: darkroom } = await browser.open();

  for (const deviceScaleFactor of [1, 2]) {
    const { page } = await browser.open({ viewport: DESKTOP, deviceScaleFactor });
    for (const { name, address } of [
      { name: 'an address', address: 'fred@example.com' },
      { name: 'a long address', address: `${'m'.repeat(64)}@example.com` },
      { name: 'a quoted local part', address: String.raw`"a\"b\\c"@example.com` },
    ]) {
      test(`${name}, ${deviceScaleFactor} pixels a CSS pixel: read by two programs, in light and dark`, async () => {
        const query = `?emailaddress=${encodeURIComponent(address)}`;
        await page.goto(`http://${HOST}:${port}/help${query}`);
        const { out } = await runInProcess(['--config', config, 'lookup', address, '--format', 'thunderbird-qr']);
        const wanted = { iphone: `https://${HOST}/help${query}#iphone`, android: out };
        const files: string[] = [];
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          for (const [section, text] of Object.entries(wanted)) {
            const path = join(folder, `${section}-${colorScheme}.png`);
            const photograph = await page.locator(`#${section} svg`).screenshot({ path });
            const { width, height, data } = await darkroom.evaluate<Pixels>(pixelsOf(photograph));
            assert.equal(decodeQr({ width, height, data: Buffer.from(data, 'base64') }), text);
            files.push(path);
          }
        }
        const read = execFileSync(zbarimg ?? '', ['--quiet', '--nodbus', '--raw', ...files], { encoding: 'utf8' });
        assert.equal(read, `${[wanted.iphone, wanted.android, wanted.iphone, wanted.android].join('\n')}\n`);
      });
    }
  }
});
