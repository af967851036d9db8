import { connect, isIP, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { TLSSocket } from 'node:tls';
import type mysql from 'mysql2/promise';
import { Failure } from '../../../domain/failure.ts';
import { checkAnswers } from '../answers.ts';
import {
  type Connection,
  connectionFailure,
  driverCode,
  type ResultRow,
  type Statement,
  type Transaction,
} from '../connection.ts';
import { DatabaseUrlError, type ServerUrl } from '../database-url.ts';
import type { Deadlines } from '../deadlines.ts';
import { readPem } from '../pem.ts';
import { type Redact, redactorOf } from '../redaction.ts';
import { MYSQL } from './dialect.ts';
import { MYSQL_FRAMING } from './framing.ts';

const CODES = {
  unprepared: ['ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR'],
  exists: ['ER_DUP_ENTRY', 'ER_NO_REFERENCED_ROW_2', 'ER_ROW_IS_REFERENCED_2'],
} as const;

/** Look-ups that may wait for a connection; more fail at once. */
const MAX_QUEUE = 1_000;

/** InnoDB locks gaps between rows, so two changes of empty tables wait for each other; it ends one of them, to be repeated. */
const DEADLOCK = 'ER_LOCK_DEADLOCK';
const MAX_ATTEMPTS = 3;

/** TLS as `ssl_ca` and `ssl_verify_identity` ask for it; undefined: none. */
function tlsOptions({ query, host }: ServerUrl): mysql.SslOptions | undefined {
  const file = query.get('ssl_ca');
  const word = query.get('ssl_verify_identity')?.toLowerCase() ?? 'false';
  if (!['true', '1', 'false', '0'].includes(word)) {
    throw new DatabaseUrlError('ssl_verify_identity must be true or false');
  }
  const verifyIdentity = word === 'true' || word === '1';
  if (file === undefined && !verifyIdentity) return undefined;
  // The driver compares names only; with an address it would look for "localhost" in the certificate.
  if (verifyIdentity && (host === undefined || isIP(host) !== 0)) {
    throw new DatabaseUrlError('ssl_verify_identity needs a host name, not an address or a socket');
  }
  return {
    rejectUnauthorized: true,
    verifyIdentity,
    ...(file === undefined
      ? {}
      : { ca: readPem(file, (problem, cause) => new DatabaseUrlError(`ssl_ca ${problem}`, { cause })) }),
  };
}

/** A socket with a check of what the server sends, as long as that is not TLS. */
function checkedSocket({ socket, host = 'localhost', port = 3306 }: ServerUrl): Socket {
  const stream = socket === undefined ? connect(port, host) : connect(socket);
  stream.setNoDelay(true).setKeepAlive(true);
  checkAnswers(stream, MYSQL_FRAMING);
  return stream;
}

/** Sets the server's own deadline. MySQL and MariaDB name and count it differently; each skips the other's comment. */
const setDeadline = (ms: number): string =>
  `SET @automx2 = 0 /*!50708 , SESSION max_execution_time = ${ms} *//*M! , SESSION max_statement_time = ${ms / 1_000} */`;

/** A pool of connections to MySQL or MariaDB. They are made when needed, and a lost one is replaced. */
export class MysqlConnection implements Connection {
  readonly dialect = MYSQL;
  readonly #pool: mysql.Pool;
  readonly #deadlines: Deadlines;
  readonly #redact: Redact;
  readonly #open = new Set<{ destroy(): void }>();

  /** Throws DatabaseUrlError for options that cannot be met. */
  constructor(driver: typeof mysql, url: ServerUrl, deadlines: Deadlines) {
    this.#deadlines = deadlines;
    this.#redact = redactorOf(url);
    const ssl = tlsOptions(url);
    try {
      this.#pool = driver.createPool({
        ...(url.socket === undefined
          ? { host: url.host ?? 'localhost', port: url.port ?? 3306 }
          : { socketPath: url.socket }),
        stream: () => checkedSocket(url),
        user: url.user ?? userInfo().username,
        password: url.password ?? '',
        database: url.database ?? '',
        charset: url.query.get('charset') ?? 'utf8mb4',
        ...(ssl === undefined ? {} : { ssl }),
        connectionLimit: deadlines.maxConnections,
        connectTimeout: deadlines.connectMs,
        idleTimeout: deadlines.idleMs,
        maxIdle: 1, // the driver closes idle connections only above this
        queueLimit: MAX_QUEUE,
        supportBigNumbers: true,
        disableEval: true, // row parsers are built as source text otherwise
        flags: ['-LOCAL_FILES'], // no server may ask us for a file
      });
    } catch {
      // The one value that the driver checks by itself. No cause: the driver's message holds it.
      throw new DatabaseUrlError('charset must be one that the driver knows, such as utf8mb4');
    }
    this.#pool.pool.on('connection', (connection) => {
      // An idle connection that is cut has no query to fail; the driver listens only once.
      connection.on('error', () => undefined);
      this.#open.add(connection);
      // The driver's own "end" does not come for a connection that was reset; its type lacks the socket.
      const { stream } = connection as unknown as { readonly stream: Socket };
      // The driver makes it of ours, and gives no other occasion; the server has shown its certificate by now.
      if (stream instanceof TLSSocket) checkAnswers(stream, MYSQL_FRAMING);
      stream.on('close', () => this.#open.delete(connection));
      connection.query(setDeadline(deadlines.statementMs), () => undefined);
    });
  }

  async query({ sql, parameters }: Statement): Promise<readonly ResultRow[]> {
    const { statementMs, marginMs } = this.#deadlines;
    return this.#run(async (connection) => {
      // The driver's own deadline leaves out the time that the server takes to prepare the statement.
      const answer = connection.execute<mysql.RowDataPacket[]>(sql, [...parameters]);
      const [rows] = await within(statementMs + marginMs, answer, 'no answer in time');
      return rows;
    });
  }

  async transact<T>(access: 'read' | 'write', work: () => Transaction<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#run((connection) => this.#transact(connection, access, work()));
      } catch (error) {
        if (driverCode(error) !== DEADLOCK || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  version(): undefined {
    return undefined;
  }

  async close(): Promise<void> {
    // A server that is frozen does not answer our farewell.
    await within(this.#deadlines.marginMs, this.#pool.end(), 'no farewell').catch(() => undefined);
    for (const connection of this.#open) connection.destroy();
  }

  async #transact<T>(
    connection: mysql.PoolConnection,
    access: 'read' | 'write',
    statements: Transaction<T>,
  ): Promise<T> {
    const { changeMs, marginMs, statementMs } = this.#deadlines;
    const inTime = <A>(answer: Promise<A>): Promise<A> => within(changeMs + marginMs, answer, 'no answer in time');
    await inTime(connection.query(setDeadline(changeMs)));
    await inTime(connection.query(access === 'read' ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION'));
    let step = statements.next();
    while (step.done !== true) {
      const { sql, parameters } = step.value;
      const [rows] = await inTime(connection.execute(sql, [...parameters]));
      step = statements.next(Array.isArray(rows) ? (rows as ResultRow[]) : []);
    }
    await inTime(connection.commit());
    await inTime(connection.query(setDeadline(statementMs)));
    return step.value;
  }

  /** Lends a connection. After any error it is destroyed: a query that ran out of time would still hold it. */
  async #run<T>(work: (connection: mysql.PoolConnection) => Promise<T>): Promise<T> {
    try {
      const connection = await this.#lend();
      try {
        const result = await work(connection);
        connection.release();
        return result;
      } catch (error) {
        connection.destroy();
        throw error;
      }
    } catch (error) {
      throw connectionFailure('mysql', error, CODES, this.#redact);
    }
  }

  /** The driver knows no deadline for the wait in its queue; a connection that comes too late goes back. */
  async #lend(): Promise<mysql.PoolConnection> {
    const { connectMs, marginMs } = this.#deadlines;
    const pending = this.#pool.getConnection();
    try {
      return await within(connectMs + marginMs, pending, 'no connection became free in time');
    } catch (error) {
      pending.then((connection) => connection.release()).catch(() => undefined);
      throw error;
    }
  }
}

/** The answer if it comes within `ms`, else a failure; a later one is dropped. */
async function within<T>(ms: number, answer: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Failure('store_unavailable', `mysql: ${message}`)), ms);
  });
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
