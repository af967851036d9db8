import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { Peer } from '../../src/ports/prober.ts';
import type { Cleanup } from './temporary-folder.ts';

/** The peer that a server of Node's is; closed when the test ends. */
export async function listening(t: Cleanup, server: Server, name: string): Promise<Peer> {
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port, name };
}

/** A small TCP server that does to each connection what the test says; closed when the test ends. */
export async function scriptedPeer(t: Cleanup, talk: (socket: Socket) => void): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    talk(socket);
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listening(t, server, 'mail.example.com');
}

/** Writes as long as the other side takes it. */
export function withoutEnd(stream: Writable, piece: string): void {
  const more = (): void => {
    while (!stream.destroyed && stream.write(piece));
  };
  stream.on('drain', more);
  more();
}
