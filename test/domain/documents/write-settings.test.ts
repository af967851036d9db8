import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from '../../../src/domain/documents/read-document.ts';
import { writeSettings } from '../../../src/domain/documents/write-settings.ts';
import type { Row, Rows } from '../../../src/domain/tables.ts';
import { document } from './samples.ts';

/** Rows of a document whose provider, or whose second domain, differs; and `domains` more domains. */
function stored({ provider = {}, domain = {}, domains = 0 }: { provider?: Row; domain?: Row; domains?: number }): Rows {
  const more = Array.from({ length: domains }, (_, at) => `d${at}.example`);
  const rows = readDocument(document({ domains: ['example.com', 'example.net', ...more] }));
  return {
    ...rows,
    provider: rows.provider.map((row) => ({ ...row, ...provider })),
    domain: rows.domain.map((row, at) => (at === 1 ? { ...row, ...domain } : row)),
  };
}

for (const short_name of ['', ' ', 'x'.repeat(33)]) {
  test(`a short name of ${short_name.length} characters that cannot be said is left out alone`, () => {
    const written = writeSettings(stored({ provider: { short_name } }));
    assert.deepEqual(
      written.document.providers.map((provider) => [provider['short_name'], provider.domains]),
      [[undefined, ['example.com', 'example.net']]],
    );
    assert.equal(written.omitted.length, 1);
    assert.match(written.omitted[0] ?? '', /^provider 1: .*short_name/);
    assert.doesNotThrow(() => readDocument(JSON.parse(JSON.stringify(written.document))));
  });
}

test('a domain whose canonical name is wider than the column is left out alone', () => {
  const name = `${'ä'.repeat(20)}.${'ö'.repeat(20)}.${'ü'.repeat(20)}.${'ß'.repeat(20)}.${'é'.repeat(20)}.example`;
  const written = writeSettings(stored({ domain: { name } }));
  assert.deepEqual(
    written.document.providers.map(({ domains }) => domains),
    [['example.com']],
  );
  assert.equal(written.omitted.length, 1);
  assert.match(written.omitted[0] ?? '', /^domain 2: /);
  assert.doesNotThrow(() => readDocument(JSON.parse(JSON.stringify(written.document))));
});

test('a provider without a name is left out, and its domains are named, not all of many', () => {
  const { document: empty, omitted } = writeSettings(stored({ provider: { name: '' }, domains: 5 }));
  assert.deepEqual(empty.providers, []);
  assert.equal(omitted.length, 2);
  assert.match(omitted[1] ?? '', /^provider 1: .*: d0\.example, d1\.example, .* and 2 more$/);
});

test('domains of two providers of one name are named', () => {
  const rows = stored({});
  const twice = { ...rows, provider: rows.provider.flatMap((row) => [row, { ...row, id: 2 }]) };
  const { omitted } = writeSettings(twice);
  assert.match(omitted.join('\n'), /^provider 1: .*: example\.com, example\.net$/m);
});
