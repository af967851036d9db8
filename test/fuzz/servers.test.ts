import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { Client } from 'ldapts';
import pg from 'pg';
import { checkAnswers } from '../../src/adapters/database/answers.ts';
import { POSTGRESQL_FRAMING } from '../../src/adapters/database/postgresql/framing.ts';
import { Messages } from '../../src/adapters/ldap/messages.ts';
import { int16, int32, PG_COLUMN, PG_DONE, PG_ROW, pgMessage } from '../support/hostile-database.ts';
import { ber, entry, message, result, text } from '../support/hostile-directory.ts';

const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 2_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 32);

function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Some of the messages, with some octets changed, cut at some places. */
function spoiled(messages: readonly Buffer[], below: (limit: number) => number): readonly Buffer[] {
  const octets = Buffer.concat(
    Array.from({ length: 1 + below(4) }, () => messages[below(messages.length)] ?? Buffer.alloc(0)),
  );
  const values = [0, 1, 0x7f, 0x80, 0x84, 0xff, below(256)];
  for (let change = below(4); change > 0; change--) octets[below(octets.length)] = values[below(values.length)] ?? 0;
  const middle = below(octets.length);
  return [octets.subarray(0, middle), octets.subarray(middle)].filter(({ length }) => length > 0);
}

const PG_MESSAGES = [
  ...[PG_COLUMN, PG_ROW, PG_DONE, pgMessage('1'), pgMessage('n'), pgMessage('t', int16(1), int32(25))],
  ...[0, 3, 5, 10, 11, 12].map((kind) => pgMessage('R', int32(kind), Buffer.from('SCRAM-SHA-256\0\0'))),
  pgMessage('E', Buffer.from('SFATAL\0C28P01\0Mno\0\0')),
  pgMessage('S', Buffer.from('a\0b\0')),
  pgMessage('K', int32(1), int32(2)),
];

test('whatever PostgreSQL sends, the driver takes it or the connection is closed', () => {
  const below = dice(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const socket = new Socket();
    socket.on('error', () => undefined);
    checkAnswers(socket, POSTGRESQL_FRAMING);
    const connection = new pg.Connection({ stream: () => socket } as pg.ConnectionConfig);
    (connection as unknown as { attachListeners(stream: Socket): void }).attachListeners(socket);
    const chunks = spoiled(PG_MESSAGES, below);
    try {
      for (const chunk of chunks) if (!socket.destroyed) socket.emit('data', chunk);
    } catch (error) {
      assert.fail(`FUZZ_SEED=${SEED} round ${round}: ${Buffer.concat(chunks).toString('hex')} gave ${String(error)}`);
    }
    socket.destroy();
  }
});

const LDAP_MESSAGES = [
  message(1, entry('uid', 'login')),
  message(2, result(0x61, 0)),
  message(1, result(0x65, 4)),
  message(1, ber(0x73, text('ldap://x'))),
  message(
    1,
    Buffer.concat([result(0x65, 0), ber(0xa0, ber(0x30, text('1.2.3'), ber(0x01, Buffer.from([0xff])), text('x')))]),
  ),
];

test('whatever a directory sends, the driver takes it or it is refused', () => {
  const below = dice(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const client = new Client({ url: 'ldap://127.0.0.1' });
    const take = (client as unknown as { socketDataHandler(octets: Buffer): void }).socketDataHandler;
    const messages = new Messages();
    for (const chunk of spoiled(LDAP_MESSAGES, below)) {
      try {
        messages.read(chunk, (whole) => take(whole));
      } catch (error) {
        assert.ok(
          error instanceof Error && /^(?:malformed|answer too large|more entries)/.test(error.message),
          `FUZZ_SEED=${SEED} round ${round}: ${String(error)}`,
        );
        break;
      }
    }
  }
});
