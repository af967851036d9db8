import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ENGLISH } from '../../src/adapters/http/pages/texts-en.ts';
import { EXAMPLE_ROWS, startTestDaemon } from '../support/test-daemon.ts';

const PAGE = readFileSync(new URL('../../doc/for-users.md', import.meta.url), 'utf8').replaceAll('\n', ' ');

test('every address of the page that doc/for-users.md names is answered', async (t) => {
  const { raw } = await startTestDaemon(t, { rows: EXAMPLE_ROWS });
  const addresses = [...PAGE.matchAll(/https:\/\/(autoconfig\.example\.com)(\/\S*)/g)];
  assert.ok(addresses.length >= 4, String(addresses));
  for (const [url, host, target] of addresses) {
    const answer = await raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*<form/, url);
  }
});

test('what doc/for-users.md quotes stands on the page', () => {
  const words = JSON.stringify(ENGLISH, (_key, value) => (typeof value === 'function' ? value('') : value));
  const quoted = [
    ...(PAGE.split('## By device')[1]
      ?.split('## What the device')[0]
      ?.matchAll(/“([^”]+)”/g) ?? []),
  ];
  assert.ok(quoted.length >= 8, String(quoted));
  for (const [, word = ''] of quoted) assert.ok(words.includes(word), word);
});
