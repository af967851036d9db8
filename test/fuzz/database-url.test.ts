import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { DatabaseUrlError, parseDatabaseUrl } from '../../src/adapters/database/database-url.ts';
import { ROUNDS, randomFrom, SEED } from './random.ts';

const PIECES = [
  ...['sqlite', 'postgresql', 'mysql', 'mariadb', 'oracle', '+pymysql', '+', '://', ':///', ':', '/', '//', '@', '?'],
  ...['&', '=', '#', '%', '%40', '%zz', '%ff', '[::1]', '[', ']', 'localhost', 'h', 'u', '3306', '0', '65536', 'd'],
  ...['host=/run', 'unix_socket=/run/x', 'charset=utf8mb4', 'sslmode=require', 'ssl=false', ':memory:', 'memory:'],
  ...['file:', '.', '\n', '\r', ' ', '\0', 'ü', '😀', '\ud83d', '__proto__', 'constructor', '$&'],
];

const random = randomFrom(SEED);

test('any text is either read or refused', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const text = random.text(PIECES, 20);
    try {
      parseDatabaseUrl(text);
    } catch (error) {
      const told = `FUZZ_SEED=${SEED} round ${round}: ${JSON.stringify(text)} gave ${String(error)}`;
      assert.ok(error instanceof DatabaseUrlError, told);
      assert.doesNotMatch(error.message, /[\r\n]/, told);
    }
  }
});

/** What a password may hold as it is: all but "@", at which it ends. */
const RAW = [
  'a',
  'Z',
  '7',
  '#',
  '/',
  '?',
  ':',
  '+',
  '&',
  '=',
  ';',
  ' ',
  '[',
  ']',
  '!',
  '$&',
  '"',
  "'",
  'é',
  '日',
  '\\',
];

test('what was escaped comes back', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const part = (): string => `x${random.text([...RAW, '@', '%', '%41', '%%', '\n'], 12)}`;
    const [user, password, database] = [part(), part(), part()];
    const url = `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h:1/${encodeURIComponent(database)}`;
    const told = `FUZZ_SEED=${SEED} round ${round}: ${url}`;
    assert.deepEqual(
      parseDatabaseUrl(url),
      { engine: 'mysql', user, password, host: 'h', port: 1, socket: undefined, database, query: new Map() },
      told,
    );
  }
});

test('a raw password comes back, and no refusal shows a part of it', () => {
  for (let round = 0; round < ROUNDS; round++) {
    const password = `x${random.text([...RAW, 'Zq7', 'Xk9', 'Wv4'], 12)}`;
    const told = `FUZZ_SEED=${SEED} round ${round}: ${JSON.stringify(password)}`;
    const url = parseDatabaseUrl(`postgresql://u:${password}@h/d`);
    assert.ok(url.engine !== 'sqlite' && url.password === password && url.host === 'h', told);
    for (const wrong of [
      `oracle://u:${password}@h/d`,
      `mysql://u:${password}@h:x/d`,
      `mysql://u:${password}@h/d?x=1`,
    ]) {
      assert.throws(
        () => parseDatabaseUrl(wrong),
        (error) => error instanceof DatabaseUrlError && !/Zq7|Xk9|Wv4/.test(inspect(error)),
        told,
      );
    }
  }
});
