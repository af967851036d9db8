import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createQrEncoder } from '../../../src/adapters/qr/qr-encoder.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { codeText } from '../../support/qr-code.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const log = new MemoryLog();
const encoder = createQrEncoder(log);

describe('a code', () => {
  for (const text of [
    'https://autoconfig.example.com/?emailaddress=fred%40example.com#iphone',
    '[1,[1,1],[0,"imap.example.org",993,3,1,"ann@example.org"]]',
    'HTTPS://EXAMPLE.COM',
    '0',
    'ü日😀',
    'x'.repeat(600),
  ]) {
    test(`of ${text.slice(0, 40)} is read by a camera`, async () => {
      const modules = (await encoder.encode(text)) ?? [];
      assert.equal(codeText(modules), text);
      // Nothing dark in the quiet zone of four modules (ISO/IEC 18004 section 6.3.8), and something behind it.
      for (const [y, row] of modules.entries()) {
        assert.equal(row.length, modules.length);
        const edge = (at: number): boolean => at < 4 || at >= modules.length - 4;
        assert.ok(row.every((isDark, x) => !isDark || !(edge(x) || edge(y))));
      }
      assert.equal(modules[4]?.[4], true);
      // Of level M, the second lowest of four, the format information begins with 00 before it is masked with 10.
      assert.deepEqual([modules[12]?.[4], modules[12]?.[5]], [true, false]);
    });
  }

  for (const text of ['x'.repeat(601), 'ü'.repeat(301), '日'.repeat(100_000)]) {
    test(`of ${Buffer.byteLength(text)} octets: none`, async () => assert.equal(await encoder.encode(text), undefined));
  }

  test('nothing is logged', () => assert.deepEqual(log.entries, []));
});

test('without the package: no codes, and one line in the log when the first is wanted', async (t) => {
  const own = new MemoryLog();
  const copy = join(temporaryFolder(t), 'qr-encoder.ts');
  cpSync(fileURLToPath(new URL('../../../src/adapters/qr/qr-encoder.ts', import.meta.url)), copy);
  const elsewhere: { readonly createQrEncoder: typeof createQrEncoder } = await import(pathToFileURL(copy).href);
  const { encode } = elsewhere.createQrEncoder(own);
  assert.deepEqual(own.entries, []);
  assert.deepEqual(await Promise.all(['a', 'b'].map(encode)), [undefined, undefined]);
  assert.equal(await encode('c'), undefined);
  assert.deepEqual(
    own.entries.map(({ level, message }) => [level, /^the package qr is not installed/.test(message)]),
    [['INFO', true]],
  );
});
