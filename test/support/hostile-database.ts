import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A server whose connections the test handles. Resolves to its port. */
export async function hostileServer(t: TestContext, onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Writes as long as the other side takes it. */
export function withoutEnd(socket: Socket, piece: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

export const times = (count: number, piece: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => piece));

/** A message of PostgreSQL. */
export function pgMessage(kind: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5, kind, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export const int16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);
export const int32 = (value: number): Buffer => Buffer.concat([int16(value >> 16), int16(value)]);

const PG_READY = pgMessage('Z', Buffer.from('I'));
const PG_LOGIN = Buffer.concat([pgMessage('R', int32(0)), PG_READY]);

/** A row description of one column of text. */
export const PG_COLUMN = pgMessage(
  'T',
  int16(1),
  Buffer.from('a\0'),
  int32(0),
  int16(0),
  int32(25),
  int16(-1),
  int32(-1),
  int16(0),
);
export const PG_ROW = pgMessage('D', int16(1), int32(1), Buffer.from('x'));
export const PG_DONE = Buffer.concat([pgMessage('C', Buffer.from('SELECT 1\0')), PG_READY]);

/** What a server says that answers statements as the test says. */
export const pgServing =
  (onStatement: (socket: Socket) => void, login: Buffer = PG_LOGIN) =>
  (socket: Socket): void => {
    socket.once('data', () => {
      socket.write(login);
      socket.on('data', (data) => {
        if (data[0] !== 'X'.charCodeAt(0)) onStatement(socket);
      });
    });
  };

/** A message of MySQL, by its number in the answer. */
export const myMessage = (number: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([body.length & 0xff, (body.length >> 8) & 0xff, body.length >> 16, number]), body]);

const MY_OK = Buffer.from('00000002000000', 'hex');
const MY_GREETING = Buffer.concat([
  Buffer.from('\x0a8.0.0\0'),
  Buffer.from('01000000', 'hex'),
  Buffer.from('saltsalt\0'),
  Buffer.from('ffff', 'hex'), // capabilities
  Buffer.from('ff0200', 'hex'), // character set, status
  Buffer.from('0f00', 'hex'), // more capabilities, without those that change the messages
  Buffer.from([21]),
  Buffer.alloc(10),
  Buffer.from('saltsaltsalt\0mysql_native_password\0'),
]);

/** The same for MySQL; the first statement, which sets the deadline, is answered. */
export const myServing =
  (onStatement: (socket: Socket) => void, greeting: Buffer = myMessage(0, MY_GREETING)) =>
  (socket: Socket): void => {
    let received = 0;
    socket.write(greeting);
    socket.on('data', () => {
      received += 1;
      if (received === 1) socket.write(myMessage(2, MY_OK));
      else if (received === 2) socket.write(myMessage(1, MY_OK));
      else onStatement(socket);
    });
  };
