import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import type pg from 'pg';
import { isLoopbackHost } from '../../../domain/loopback.ts';
import { checkAnswers } from '../answers.ts';
import {
  type Connection,
  connectionFailure,
  plain,
  type ResultRow,
  type Statement,
  type Transaction,
} from '../connection.ts';
import type { ServerUrl } from '../database-url.ts';
import type { Deadlines } from '../deadlines.ts';
import { type Redact, redactorOf } from '../redaction.ts';
import { POSTGRESQL } from './dialect.ts';
import { POSTGRESQL_FRAMING } from './framing.ts';
import { tlsOptions } from './tls.ts';

/** Where libpq of the distributions looks for the server if a URL names none. */
const DEFAULT_SOCKET_FOLDER = '/var/run/postgresql';

const CODES = {
  unprepared: ['42P01', '42703', '3F000'], // undefined_table, undefined_column, invalid_schema_name
  exists: ['23505', '23503'], // unique_violation, foreign_key_violation
} as const;

/**
 * A pooler that deals transactions out to its own connections (PgBouncer before 1.21, or with max_prepared_statements = 0)
 * runs a statement where nobody has prepared it, or prepares it where somebody has.
 */
const NOT_KEPT = ['26000', '42P05']; // invalid_sql_statement_name, duplicate_prepared_statement

/** "cached plan must not change result type": a column of the tables has another type now. */
const PLAN_OUTDATED = '0A000';

/** "?" to "$1", "$2", ...: no statement of ours holds a question mark otherwise. */
function numbered(sql: string): string {
  let number = 0;
  return sql.replaceAll('?', () => {
    number += 1;
    return `$${number}`;
  });
}

/** A text and its name. Whatever program of whatever version gave a statement that name, it means the same text. */
function named(sql: string): { readonly name: string; readonly text: string } {
  const text = numbered(sql);
  return { name: `automx2_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text };
}

/** The driver's client, with a check of what the server sends. */
const checkedClient = ({ Client }: typeof pg): typeof pg.Client =>
  class extends Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      // The driver calls this for the socket, or for what TLS makes of it; its types lack it.
      const connection = this.connection as unknown as { attachListeners(stream: Socket): void };
      const attach = connection.attachListeners.bind(connection);
      connection.attachListeners = (stream) => {
        checkAnswers(stream, POSTGRESQL_FRAMING);
        attach(stream);
      };
    }
  };

/** A pool of connections to PostgreSQL. They are made when needed, and a lost one is replaced. */
export class PostgresqlConnection implements Connection {
  readonly dialect = POSTGRESQL;
  readonly #newPool: (ssl: false | ConnectionOptions) => pg.Pool;
  readonly #deadlines: Deadlines;
  readonly #redact: Redact;
  readonly #ssl: false | ConnectionOptions;
  /** Whether a server without TLS is to be asked without it. */
  readonly #mayGoPlain: boolean;
  #pool: pg.Pool;
  #isPlain = false;
  /** Whether a password crosses a network, and nobody has been warned that it does so in clear text. */
  #isExposed: boolean;
  readonly #warn: (message: string) => void;
  /** By the SQL they were made of. */
  readonly #named = new Map<string, pg.QueryConfig>();
  /** Whether the server, and any pooler in between, keeps prepared statements, which are planned once. */
  #keepsStatements = true;
  /** Pools that were given up, and may have look-ups in their queues. */
  readonly #retired = new Set<pg.Pool>();

  /** Throws DatabaseUrlError for TLS options that cannot be met. */
  constructor(driver: typeof pg, url: ServerUrl, deadlines: Deadlines, warn: (message: string) => void) {
    this.#warn = warn;
    const user = url.user ?? userInfo().username;
    // Without one to send, the driver gives up and leaves the socket open; a wrong one the server refuses.
    const password = url.password ?? ' ';
    this.#deadlines = deadlines;
    this.#redact = redactorOf(url);
    const Client = checkedClient(driver);
    this.#newPool = (ssl) => {
      const pool = new driver.Pool({
        Client,
        host: url.host ?? url.socket ?? DEFAULT_SOCKET_FOLDER,
        port: url.port ?? 5432,
        user,
        password: () => password, // a function keeps the driver from looking into ~/.pgpass
        database: url.database ?? user,
        ssl,
        application_name: 'automx2',
        client_encoding: 'UTF8',
        max: deadlines.maxConnections,
        connectionTimeoutMillis: deadlines.connectMs,
        idleTimeoutMillis: deadlines.idleMs,
        statement_timeout: deadlines.statementMs,
        query_timeout: deadlines.statementMs + deadlines.marginMs,
        keepAlive: true,
      });
      // An idle connection that is cut has no query to fail; without a listener it would end the process.
      pool.on('error', () => undefined);
      return pool;
    };
    this.#ssl = tlsOptions(url);
    this.#mayGoPlain = this.#ssl !== false && (url.query.get('sslmode') ?? 'prefer') === 'prefer';
    this.#pool = this.#newPool(this.#ssl);
    this.#isExposed = url.password !== undefined && url.host !== undefined && !isLoopbackHost(url.host);
    if (this.#ssl === false) this.#warnOfClearText();
  }

  async query({ sql, parameters, isKept }: Statement): Promise<readonly ResultRow[]> {
    const values = [...parameters];
    return this.#run(async (pool) => {
      if (isKept === true && this.#keepsStatements) {
        try {
          return (await pool.query<ResultRow>({ ...this.#prepared(sql), values })).rows;
        } catch (error) {
          const { code = '' } = error as { readonly code?: string };
          if (NOT_KEPT.includes(code)) this.#stopKeeping();
          else if (code !== PLAN_OUTDATED) throw error;
          // The pool closes connections that met an error, and with them what they have prepared.
        }
      }
      return (await pool.query<ResultRow>(numbered(sql), values)).rows;
    });
  }

  async transact<T>(access: 'read' | 'write', work: () => Transaction<T>): Promise<T> {
    const { changeMs, marginMs } = this.#deadlines;
    return this.#run(async (pool) => {
      const client = await pool.connect();
      // The pool does not listen to a client that it has lent; a cut connection would end the process.
      const ignore = (): void => undefined;
      client.on('error', ignore);
      const run = async ({ sql, parameters }: Statement): Promise<readonly ResultRow[]> => {
        const text = numbered(sql);
        const question = { text, values: [...parameters], query_timeout: changeMs + marginMs } as pg.QueryConfig;
        return (await client.query<ResultRow>(question)).rows;
      };
      try {
        await run(plain(access === 'read' ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN'));
        await run(plain(`SET LOCAL statement_timeout = ${changeMs}`));
        const statements = work();
        let step = statements.next();
        while (step.done !== true) step = statements.next(await run(step.value));
        await run(plain('COMMIT'));
        client.off('error', ignore);
        client.release();
        return step.value;
      } catch (error) {
        // Given up rather than rolled back: the server does that when the connection ends, however broken it is.
        client.release(true);
        throw error;
      }
    });
  }

  version(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    const pools = [this.#pool, ...this.#retired];
    this.#retired.clear();
    // A server that is frozen does not answer our farewell.
    const limit = setTimeoutPromise(this.#deadlines.marginMs, undefined, { ref: false });
    await Promise.race([Promise.all(pools.map((pool) => pool.end())), limit]);
  }

  #prepared(sql: string): pg.QueryConfig {
    const known = this.#named.get(sql) ?? named(sql);
    this.#named.set(sql, known);
    return known;
  }

  /** The server chooses how it wants the password, and so does anyone on the way. */
  #warnOfClearText(): void {
    if (!this.#isExposed) return;
    this.#isExposed = false;
    this.#warn('PostgreSQL without TLS: the password crosses the network in clear text; use sslmode=verify-full');
  }

  #stopKeeping(): void {
    if (!this.#keepsStatements) return;
    this.#keepsStatements = false;
    this.#warn('look-ups cost the database more: a pooler before PostgreSQL does not keep prepared statements');
  }

  async #run<T>(work: (pool: pg.Pool) => Promise<T>): Promise<T> {
    const pool = this.#pool;
    try {
      return await work(pool);
    } catch (error) {
      const { code = '', message } = error as Error & { code?: string };
      if (this.#mayGoPlain && /does not support SSL/.test(message)) {
        // Another look-up may have met the same and changed the pool meanwhile.
        if (pool === this.#pool) this.#change(true);
        this.#warnOfClearText();
        return this.#run(work);
      }
      // Class 28, invalid authorization: the server may want TLS by now.
      if (this.#isPlain && pool === this.#pool && code.startsWith('28')) this.#change(false);
      throw connectionFailure('postgresql', error, CODES, this.#redact);
    }
  }

  /** Goes on with new connections; look-ups that wait for an old one get their turn. */
  #change(toPlain: boolean): void {
    const old = this.#pool;
    this.#isPlain = toPlain;
    this.#pool = this.#newPool(toPlain ? false : this.#ssl);
    this.#retired.add(old);
    setTimeout(() => {
      if (this.#retired.delete(old)) void old.end();
    }, 2 * this.#deadlines.connectMs).unref();
  }
}
