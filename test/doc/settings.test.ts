import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMANDS, SERVE } from '../../src/app/commands/index.ts';
import { readDocument } from '../../src/domain/documents/read-document.ts';

const page = readFileSync(new URL('../../doc/settings.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm)].map(([block]) => block.replace(/^ {4}/gm, '').trim());

test('the documents of doc/settings.md are read, with servers for some domains only, and with extras', () => {
  const documents = blocks.filter((block) => block.startsWith('{'));
  const counts = documents.map((text) => {
    const rows = readDocument(JSON.parse(text));
    return [rows.provider.length, rows.domain.length, rows.davserver_domain.length, rows.automx2_extra.length];
  });
  assert.deepEqual(counts, [
    [2, 3, 1, 0],
    // Two for each of two domains, and their ways to log in to two servers; one each besides.
    [1, 3, 0, 2 * 4 + 3],
  ]);
});

test('the commands of doc/settings.md, and their options, are there', () => {
  const calls = [...blocks.join('\n').matchAll(/\bautomx2 (?!:)([^|&{}\n]*)/g)].map(([, words = '']) =>
    words
      .replace(/>.*/, '')
      .replace(/--config \S+/, '')
      .trim()
      .split(/\s+/),
  );
  assert.ok(calls.length > 10);
  for (const words of calls) {
    const { name, options } = COMMANDS.find(({ name: known }) => known === words[0]) ?? SERVE;
    const unknown = words.filter((word) => word.startsWith('--') && !Object.hasOwn(options, word.slice(2)));
    assert.deepEqual(unknown, [], words.join(' '));
    assert.ok(name !== SERVE.name || words.every((word) => word.startsWith('--') || word === ''), words.join(' '));
  }
});
