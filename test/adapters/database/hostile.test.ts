import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { connect } from '../../../src/adapters/database/connect.ts';
import { plain } from '../../../src/adapters/database/connection.ts';
import { parseDatabaseUrl } from '../../../src/adapters/database/database-url.ts';
import { DEADLINES } from '../../../src/adapters/database/deadlines.ts';
import {
  hostileServer,
  int16,
  int32,
  myMessage,
  myServing,
  PG_COLUMN,
  PG_DONE,
  PG_ROW,
  pgMessage,
  pgServing,
  times,
  withoutEnd,
} from '../../support/hostile-database.ts';

/** Deadlines that must not be what ends it. */
const PATIENT = { ...DEADLINES, connectMs: 60_000, statementMs: 60_000 };

async function ask(t: TestContext, scheme: string, query: string, onConnection: (socket: Socket) => void) {
  const port = await hostileServer(t, onConnection);
  const url = parseDatabaseUrl(`${scheme}://automx2:geheim@127.0.0.1:${port}/db${query}`);
  const connection = await connect(url, PATIENT);
  t.after(() => connection.close());
  return connection.query(plain('SELECT 1'));
}

type Case = { readonly what: string; readonly onConnection: (socket: Socket) => void };

describe('a server that speaks PostgreSQL badly, or too much of it', () => {
  const login = (octets: Buffer) => pgServing(() => undefined, octets);
  const answer = (...octets: readonly Buffer[]) => pgServing((socket) => socket.write(Buffer.concat(octets)));
  for (const { what, onConnection } of [
    { what: 'an authentication nobody knows', onConnection: login(pgMessage('R', int32(99))) },
    { what: 'an authentication without kind', onConnection: login(pgMessage('R')) },
    { what: 'a length of 0', onConnection: login(Buffer.from('5200000000', 'hex')) },
    { what: 'a length of 2 GiB', onConnection: login(Buffer.from('527fffffff', 'hex')) },
    { what: 'a length of 4 GiB', onConnection: login(Buffer.from('52ffffffff', 'hex')) },
    { what: 'an error without end mark', onConnection: login(pgMessage('E', Buffer.from('SFATAL\0Mno'))) },
    { what: 'an error that ends in the middle', onConnection: answer(pgMessage('E', Buffer.from('Mtext\0'))) },
    { what: 'a notice without anything', onConnection: login(pgMessage('N')) },
    { what: 'parameters without value', onConnection: login(pgMessage('S', Buffer.from('a\0'))) },
    { what: 'a short key', onConnection: login(pgMessage('K', int16(1))) },
    { what: 'a kind nobody knows', onConnection: login(pgMessage('?')) },
    { what: 'a row that ends early', onConnection: answer(PG_COLUMN, pgMessage('D', int16(1), int32(9))) },
    { what: 'a row of -1 columns', onConnection: answer(PG_COLUMN, pgMessage('D', int16(-1))) },
    { what: 'a row with a value of -2', onConnection: answer(PG_COLUMN, pgMessage('D', int16(1), int32(-2))) },
    { what: '-1 columns', onConnection: answer(pgMessage('T', int16(-1))) },
    { what: 'columns that end early', onConnection: answer(pgMessage('T', int16(3), Buffer.from('a\0'))) },
    { what: '-1 parameters', onConnection: answer(pgMessage('t', int16(-1))) },
    { what: 'a copy', onConnection: answer(pgMessage('G', Buffer.from([0]), int16(0))) },
    { what: 'rows before columns', onConnection: answer(PG_ROW, PG_ROW, PG_DONE) },
    {
      what: 'rows without end',
      onConnection: pgServing((s) => withoutEnd(s, Buffer.concat([PG_COLUMN, times(1_000, PG_ROW)]))),
    },
    {
      what: 'parameters without end',
      onConnection: (s) => withoutEnd(s, times(1_000, pgMessage('S', Buffer.from('a\0b\0')))),
    },
    { what: 'HTTP', onConnection: (s) => s.once('data', () => s.write('HTTP/1.1 400 Bad Request\r\n\r\n')) },
  ] satisfies readonly Case[]) {
    test(`${what}: store_unavailable`, async (t) => {
      const closed = Promise.withResolvers<void>();
      const answered = ask(t, 'postgresql', '?sslmode=disable', (socket) => {
        socket.on('close', () => closed.resolve());
        onConnection(socket);
      });
      await assert.rejects(answered, { code: 'store_unavailable' });
      await closed.promise;
    });
  }

  test('an answer octet by octet', async (t) => {
    const onStatement = async (socket: Socket): Promise<void> => {
      for (const octet of Buffer.concat([PG_COLUMN, PG_ROW, PG_DONE])) {
        await new Promise((resolve) => socket.write(Buffer.from([octet]), resolve));
      }
    };
    const rows = await ask(
      t,
      'postgresql',
      '?sslmode=disable',
      pgServing((socket) => void onStatement(socket)),
    );
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ a: 'x' }],
    );
  });
});

describe('a server that speaks MySQL badly, or too much of it', () => {
  const answer = (...octets: readonly Buffer[]) => myServing((socket) => socket.write(Buffer.concat(octets)));
  /** In an order that never ends: columns of a statement. */
  const everyNumber = Array.from({ length: 256 }, (_, number) =>
    myMessage((number + 1) % 256, Buffer.from('\0\x01\0\0\0\xff\xff\xff\xff\0\0\0', 'latin1')),
  );
  const greeting = (octets: Buffer) => myServing(() => undefined, octets);
  for (const { what, onConnection } of [
    { what: 'an empty greeting', onConnection: greeting(myMessage(0, Buffer.alloc(0))) },
    { what: 'a greeting of another version', onConnection: greeting(myMessage(0, Buffer.from('\x09x'))) },
    { what: 'a greeting without end', onConnection: (s) => withoutEnd(s, Buffer.alloc(65_536, 0xff)) },
    {
      what: 'messages out of order',
      onConnection: answer(myMessage(1, Buffer.from([1])), myMessage(9, Buffer.from([1]))),
    },
    { what: 'an answer that ends early', onConnection: answer(myMessage(1, Buffer.from([0, 1]))) },
    { what: 'a message of 16 MiB', onConnection: answer(Buffer.from('ffffff01', 'hex')) },
    { what: 'messages without end', onConnection: myServing((s) => withoutEnd(s, Buffer.concat(everyNumber))) },
    { what: 'HTTP', onConnection: (s) => s.end('HTTP/1.1 400 Bad Request\r\n\r\n') },
  ] satisfies readonly Case[]) {
    test(`${what}: store_unavailable`, async (t) => {
      const closed = Promise.withResolvers<void>();
      const answered = ask(t, 'mysql', '', (socket) => {
        socket.on('close', () => closed.resolve());
        onConnection(socket);
      });
      await assert.rejects(answered, { code: 'store_unavailable' });
      await closed.promise;
    });
  }
});
