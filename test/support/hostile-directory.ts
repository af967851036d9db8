import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A BER element: a tag, its length and its content. */
export function ber(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([Buffer.from(content.length < 0x80 ? [tag, content.length] : [tag, 0x84, ...length]), content]);
}

export const text = (value: string): Buffer => ber(0x04, Buffer.from(value));
const integer = (value: number): Buffer => ber(0x02, Buffer.from([value]));

/** An LDAP message with the identifier of a request. */
export const message = (id: number, operation: Buffer): Buffer => ber(0x30, integer(id), operation);

/** A response with this result code. */
export const result = (tag: number, code: number): Buffer =>
  ber(tag, ber(0x0a, Buffer.from([code])), text(''), text(''));

/** An entry of one attribute. */
export const entry = (name: string, value: string): Buffer =>
  ber(0x64, text('cn=x'), ber(0x30, ber(0x30, text(name), ber(0x31, text(value)))));

export const SEARCH_DONE = result(0x65, 0);

/** A directory that accepts every bind and answers searches as the test says. Resolves to its port. */
export async function hostileDirectory(
  t: TestContext,
  onSearch: (socket: Socket, id: number) => void,
  { host = '127.0.0.1', onExtended = () => undefined }: { host?: string; onExtended?: typeof onSearch } = {},
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      // Our requests are short, and the driver writes each at once; its length has one octet, or 0x81 and one.
      const start = data[1] === 0x81 ? 3 : 2;
      const [id = 0, tag] = [data[start + 2], data[start + 3]];
      if (tag === 0x60) socket.write(message(id, result(0x61, 0)));
      if (tag === 0x63) onSearch(socket, id);
      if (tag === 0x77) onExtended(socket, id);
    });
  }).listen(0, host);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
