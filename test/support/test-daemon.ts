import { connect } from 'node:net';
import { join } from 'node:path';
import type { Deadlines } from '../../src/adapters/database/deadlines.ts';
import type { HttpLimits } from '../../src/adapters/http/server/limits.ts';
import { type Daemon, startDaemon } from '../../src/app/daemon.ts';
import { readSettings, type Settings } from '../../src/app/options.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { SCHEMA } from './schema.ts';
import { execute } from './sqlite-file.ts';
import { type Cleanup, temporaryFolder } from './temporary-folder.ts';

export interface TestDaemon {
  readonly daemon: Daemon;
  readonly settings: Settings;
  readonly base: string;
  readonly port: number;
  /** Path of the SQLite file behind it. */
  readonly file: string;
  readonly log: readonly string[];
  /** Sends octets as they are and resolves with all that comes back until the daemon closes. */
  raw(octets: string | Uint8Array): Promise<string>;
}

export interface TestDaemonOptions {
  /** Rows, as SQL; "": tables only; undefined: no file, or that of `file`. */
  readonly rows?: string | undefined;
  /** An SQLite file that is there; else a new one in a temporary folder. */
  readonly file?: string;
  readonly settings?: Partial<Settings>;
  /** Those that differ from the defaults; smaller ones than an operator may set, too. */
  readonly limits?: Partial<HttpLimits>;
  readonly deadlines?: Deadlines;
  readonly clock?: Clock;
}

/** For tests of the database itself: each request asks it, and what it cannot say is not known from before. */
export const NO_CACHE: Pick<Settings, 'cache'> = { cache: { cacheSeconds: 0, staleSeconds: 0 } };

/** A daemon on a free port over an SQLite file in a temporary folder; stopped when the test ends. */
export async function startTestDaemon(
  t: Cleanup,
  {
    rows,
    file = join(temporaryFolder(t), 'db.sqlite'),
    settings = {},
    limits = {},
    deadlines,
    clock,
  }: TestDaemonOptions = {},
): Promise<TestDaemon> {
  if (rows !== undefined) execute(file, SCHEMA + rows);
  const log: string[] = [];
  const defaults = readSettings();
  const all: Settings = {
    ...defaults,
    database: { engine: 'sqlite', path: file },
    listen: [{ host: '127.0.0.1', port: 0 }],
    logLevel: 'DEBUG',
    limits: { ...defaults.limits, ...limits },
    ...settings,
  };
  const daemon = await startDaemon(all, {
    writeLine: (line) => void log.push(line),
    ...(deadlines === undefined ? {} : { deadlines }),
    ...(clock === undefined ? {} : { clock }),
  });
  t.after(() => daemon.stop());
  const port = daemon.addresses[0]?.port ?? 0;
  return {
    daemon,
    settings: all,
    base: `http://127.0.0.1:${port}`,
    port,
    file,
    log,
    raw: (octets) => exchange(port, octets),
  };
}

/** Sends octets as they are to a port of this machine; the text that came back when the other side closed. */
export function exchange(port: number, octets: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(octets));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

/** Rows of one served domain, example.com with an alias, and all kinds of servers. */
export const EXAMPLE_ROWS = `
INSERT INTO provider (id, name, short_name) VALUES (1, 'Example & Söhne', 'Example');
INSERT INTO domain (id, name, provider_id) VALUES (1, 'example.com', 1), (2, 'example.net', 1), (3, 'login.example', 1);
INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
  (1, 20, 'pop', 'pop.example.com', 110, 'STARTTLS', '%EMAILADDRESS%', 'plain'),
  (2, 10, 'imap', 'imap.example.com', 993, 'SSL', '%EMAILADDRESS%', 'plain'),
  (3, 10, 'smtp', 'smtp.example.com', 587, 'STARTTLS', '%EMAILADDRESS%', 'plain'),
  (4, 10, 'imap', 'imap.login.example', 993, 'SSL', '%EMAILLOCALPART%', 'plain');
INSERT INTO server_domain (server_id, domain_id) VALUES (1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 3), (3, 3);
INSERT INTO davserver (id, url, port, type, use_ssl, domain_required, user_name) VALUES
  (1, 'https://dav.example.com/cal/%EMAILADDRESS%/', 443, 'caldav', 1, 0, '%EMAILADDRESS%'),
  (2, 'https://dav.example.com:8443/card/', 0, 'carddav', 1, 0, NULL);
INSERT INTO davserver_domain (davserver_id, domain_id) VALUES (1, 1), (2, 1);
`;

const SCHEMAS = 'http://schemas.microsoft.com/exchange/autodiscover';

/** An Autodiscover request as Outlook writes it. */
export const autodiscoverRequest = (address: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${SCHEMAS}/outlook/requestschema/2006"><Request>` +
  `<EMailAddress>${address}</EMailAddress>` +
  `<AcceptableResponseSchema>${SCHEMAS}/outlook/responseschema/2006a</AcceptableResponseSchema>` +
  '</Request></Autodiscover>';
