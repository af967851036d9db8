import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readDocument } from '../src/domain/documents/read-document.ts';
import { OPTION_DEFAULTS } from './support/option-defaults.ts';

const contrib = (name: string): string => fileURLToPath(new URL(`../contrib/${name}`, import.meta.url));

test('the sample configuration names every option with its default, and no other', () => {
  const sample = readFileSync(contrib('automx2.conf'), 'utf8');
  const named = [...sample.matchAll(/^#(\w+) =(?: (.*))?$/gm)].map(([, name, value = '']) => [name, value]);
  assert.deepEqual(named, [...OPTION_DEFAULTS]);
});

for (const name of ['seed-v1.json', 'seed-v2.json']) {
  test(`${name} is a seed`, () => {
    assert.ok(readDocument(JSON.parse(readFileSync(contrib(name), 'utf8'))).domain.length > 1);
  });
}
