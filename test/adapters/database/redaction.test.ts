import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { connect } from '../../../src/adapters/database/connect.ts';
import { connectionFailure, plain } from '../../../src/adapters/database/connection.ts';
import type { ServerUrl } from '../../../src/adapters/database/database-url.ts';
import { parseDatabaseUrl } from '../../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../../src/adapters/database/deadlines.ts';
import { redactorOf } from '../../../src/adapters/database/redaction.ts';

const redactor = (url: string) => redactorOf(parseDatabaseUrl(url) as ServerUrl);

describe('texts of drivers, servers and the system', () => {
  const URL = 'postgresql://reader:geheim@db.example.org/mail';
  for (const { what, url = URL, text, want } of [
    {
      what: 'the user',
      text: 'role "reader" is not permitted to log in',
      want: 'role "<user>" is not permitted to log in',
    },
    { what: 'the database', text: "Unknown database 'mail'", want: "Unknown database '<database>'" },
    {
      what: 'the host, in any case',
      text: 'getaddrinfo ENOTFOUND DB.example.ORG',
      want: 'getaddrinfo ENOTFOUND <host>',
    },
    { what: 'nothing of it', text: 'timeout expired', want: 'timeout expired' },
    { what: 'the password', text: 'no geheim here', want: undefined },
    { what: 'the beginning of the host', text: 'no db.exam here', want: undefined },
    { what: 'several lines', text: 'one\ntwo', want: 'one two' },
    { what: 'a long text', text: 'x'.repeat(100_000), want: 'x'.repeat(300) },
    {
      what: 'short parts within words',
      url: 'mysql://a:b@h/d',
      text: "bad 'a'@'h' dab",
      want: "bad '<user>'@'<host>' dab",
    },
    { what: 'a part with characters of patterns', url: 'mysql://a.*(:p@h/d', text: 'x a.*( y', want: 'x <user> y' },
    {
      what: 'a part within another',
      url: 'mysql://mail:geheim@mail.example.org/d',
      text: 'at mail.example.org',
      want: 'at <host>',
    },
    {
      what: 'a socket',
      url: 'postgresql:///d?host=/run/pg',
      text: 'connect ENOENT /run/pg/.s',
      want: 'connect ENOENT <socket>/.s',
    },
  ]) {
    test(`${what}: ${want ?? 'nothing is left'}`, () => assert.equal(redactor(url)(text), want));
  }

  for (const { url, want } of [
    {
      url: 'postgresql://u:p@/d?host=/nowhere/geheim',
      want: /^postgresql: connect ENOENT <socket>\/\.s\.PGSQL\.5432$/,
    },
    { url: 'mysql://u:p@/d?unix_socket=/nowhere/geheim', want: /^mysql: connect ENOENT <socket>$/ },
    { url: 'postgresql://u:ENOENT@/d?host=/nowhere/geheim', want: /^postgresql: no answer$/ },
  ]) {
    test(`${url}, asked: ${want}`, async (t) => {
      const connection = await connect(parseDatabaseUrl(url), DEADLINES);
      t.after(() => connection.close());
      await assert.rejects(connection.query(plain('SELECT 1')), (error: Error) => {
        assert.match(error.message, want);
        assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /nowhere|geheim/);
        return true;
      });
    });
  }

  const PIECES = [
    'geheim',
    '@',
    '%40',
    ':',
    '/',
    '?',
    '#',
    'host',
    'a',
    '.*',
    '[',
    '\\',
    '(',
    'Secret42',
    '127.0.0.1',
    '-',
    ' ',
    'ß',
    '$&',
  ];
  test('whatever the parts are, no message, code or cause holds them', () => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 32);
    let state = seed;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    const piece = (): string => Array.from({ length: 1 + below(4) }, () => PIECES[below(PIECES.length)]).join('');
    for (let round = 0; round < Number(process.env['FUZZ_ROUNDS'] ?? 500); round++) {
      const [user, password, host, database] = [piece(), piece(), piece(), piece()];
      const parts = [user, password, host, database];
      const url: ServerUrl = {
        engine: 'postgresql',
        ...{ user, password, host, database },
        port: undefined,
        socket: undefined,
        query: new Map(),
      };
      const text = Array.from({ length: 4 }, () => [...parts, 'connect', '"', ' ', '\n'][below(8)]).join(' ');
      const error = Object.assign(new Error(text), { code: below(2) === 0 ? text : 'ENOTFOUND', password });
      const { message, cause } = connectionFailure(
        'postgresql',
        error,
        { unprepared: [], exists: [] },
        redactorOf(url),
      );
      const shown = `${message} ${JSON.stringify(cause)}`.replace(/<\w+>/g, '').toLowerCase();
      for (const part of parts.filter(
        (each) => each.length > 3 && text.includes(each) && !/^(?:ENOTFOUND|connect)$/.test(each),
      )) {
        assert.ok(
          !shown.includes(part.toLowerCase()),
          `FUZZ_SEED=${seed} round ${round}: ${JSON.stringify({ parts, text, shown })}`,
        );
      }
    }
  });
});
