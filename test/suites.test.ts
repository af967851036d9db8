import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testsIn } from './support/import-tests.ts';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** The files that a script's patterns name, and those that these import. */
const filesOf = (script: string): readonly string[] => {
  const patterns = (scripts[script] ?? '').split(' ').filter((word) => /^'?test\//.test(word));
  const files = patterns.flatMap((pattern) => globSync(pattern.replaceAll("'", ''), { cwd }));
  const imported = files.flatMap((file) => {
    const [, folders = ''] = /^await importTests\((.*)\);$/m.exec(readFileSync(`${cwd}/${file}`, 'utf8')) ?? [];
    const names = [...folders.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
    return names.flatMap(testsIn).map((each) => `test/${each}`);
  });
  return [...files, ...imported];
};

test('each test file is run by npm test or by npm run test:trouble', () => {
  const run = new Set([...filesOf('test'), ...filesOf('test:trouble')]);
  const all = globSync('test/**/*.test.ts', { cwd });
  assert.ok(all.length > 50);
  assert.deepEqual(
    all.filter((file) => !run.has(file)),
    [],
  );
});
