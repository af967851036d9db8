import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clientFindings } from '../../src/domain/client-rules.ts';
import { ALL_EXTRAS, domain, imap, smtp } from '../domain/samples.ts';
import { GIVES_UP, OFFERS } from '../support/client-extras.ts';

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

/** Rows of the table of what else an answer can hold, without its two first ones: cells by client. */
const offerRows = new Map(
  (page.split('## What else an Autoconfig answer can hold')[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([client = '', ...cells]) => [client, cells] as const),
);

test('doc/clients.md says in bold what the tests of a client say it cannot take', () => {
  const inBold = [...offerRows].map(([client, cells]) => {
    assert.equal(cells.length, OFFERS.length, client);
    return [client, OFFERS.filter((_offer, index) => cells[index]?.startsWith('**'))];
  });
  assert.deepEqual(Object.fromEntries(inBold), GIVES_UP);
});

test('lint names each client that cannot take something', () => {
  const mailServers = [imap, smtp].map((server) => {
    return { ...server, authentications: ['OAuth2', 'password-cleartext'] as const };
  });
  const named = clientFindings(domain({ mailServers, extras: ALL_EXTRAS })).flatMap(({ clients }) =>
    clients.split(', '),
  );
  for (const [client, offers] of Object.entries(GIVES_UP))
    assert.equal(named.includes(client), offers.length > 0, client);
});
