import { once } from 'node:events';
import { lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, isIP } from 'node:net';
import { systemReason } from '../../../domain/system-error.ts';
import type { LogFields } from '../../../ports/log.ts';

/** An address to listen on. */
export type ListenAddress =
  /**
   * `host`: name or address, IPv6 without brackets; `port`: 0 lets the system choose; `reusePort`: other processes that
   * set it may listen on the same port, and the kernel distributes connections among them.
   */
  | { readonly host: string; readonly port: number; readonly reusePort?: boolean }
  /** A Unix socket; `mode`, as of a file, says who may connect. */
  | { readonly path: string; readonly mode: number }
  /** A listening socket that another process opened. */
  | { readonly descriptor: number };

/** The options that name addresses. */
export type ListenOption = 'listen' | 'metrics_listen';

/** An address cannot be listened on. `code` is the system's, such as EADDRINUSE. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: string | undefined;

  constructor(option: ListenOption, address: ListenAddress, cause: unknown) {
    super(`${option} ${placeText(address)}: ${systemReason(cause)}`, { cause });
    this.code = (cause as NodeJS.ErrnoException).code;
  }
}

/** As operators write it. */
function placeText(address: ListenAddress): string {
  if ('path' in address) return `unix:${address.path}`;
  if ('descriptor' in address) return `on inherited descriptor ${address.descriptor}`;
  const { host, port } = address;
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** Resolves when the server listens; rejects with ListenError, which names the option. */
export async function listen(server: Server, address: ListenAddress, option: ListenOption = 'listen'): Promise<void> {
  try {
    if ('path' in address) return await listenOnPath(server, address.path, address.mode);
    if ('descriptor' in address) server.listen({ fd: address.descriptor });
    else server.listen(address);
    await once(server, 'listening');
  } catch (cause) {
    throw new ListenError(option, address, cause);
  }
}

async function listenOnPath(server: Server, path: string, mode: number): Promise<void> {
  const attempt = async (): Promise<void> => {
    // The socket is created within this call, and never with a wider mode than `mode`.
    const umask = process.umask(0o777 & ~mode);
    try {
      server.listen(path);
    } finally {
      process.umask(umask);
    }
    await once(server, 'listening');
  };
  try {
    await attempt();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await isStale(path))) throw error;
    unlinkSync(path);
    await attempt();
  }
}

/** Whether no process listens on the socket any more: one that was killed leaves its file behind. */
async function isStale(path: string): Promise<boolean> {
  if (!lstatSync(path).isSocket()) return false;
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

/** Where a server listens, as the option `listen` writes it. */
export function listenText(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return address === null ? 'inherited' : `unix:${address}`;
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}

/** Where a server listens, for the log: `address` and `port`, or `socket`. */
export function listenFields(server: Server): LogFields {
  const address = server.address();
  return address === null || typeof address === 'string'
    ? { socket: address ?? 'inherited' }
    : { address: address.address, port: address.port };
}
