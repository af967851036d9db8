import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const page = readFileSync(path('doc/clients.md'), 'utf8');
const files = readdirSync(path('test/clients'));

const unique = (values: Iterable<string>): readonly string[] => [...new Set(values)].sort();
const firstGroups = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, first = '']) => first);

test('doc/clients.md names every test of a client, and no other', () => {
  assert.deepEqual(unique(firstGroups(page, /`([\w-]+\.test\.ts)`/g)), unique(files));
});

test('every rule in doc/clients.md is held by a test of its number, and no test has another', () => {
  const tests = files.map((file) => readFileSync(join(path('test/clients'), file), 'utf8')).join('\n');
  const rules = firstGroups(page, /^(\d+)\. /gm);
  assert.ok(rules.length > 0);
  assert.deepEqual(unique(firstGroups(tests, /\bassertion (\d+)\b/g)), unique(rules));
});

test('each client has a folder of requests', () => {
  const clients = files.map((file) => file.replace('.test.ts', ''));
  const general = ['every-client', 'international'];
  const folders = readdirSync(path('test/testdata/requests')).filter((name) => name !== 'README.md');
  assert.deepEqual(unique(clients.filter((name) => !general.includes(name))), unique(folders));
});
