import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DirectoryPool, type Pooled } from '../../../src/adapters/ldap/pool.ts';
import { Failure } from '../../../src/domain/failure.ts';

const broken = new Failure('directory_unavailable', 'directory: broken');

class Connection implements Pooled {
  static opened = 0;
  isOpen = false;
  readonly #canOpen: boolean;
  constructor(canOpen = true) {
    this.#canOpen = canOpen;
  }
  async open(): Promise<void> {
    Connection.opened += 1;
    if (!this.#canOpen) throw broken;
    this.isOpen = true;
  }
  close(): void {
    this.isOpen = false;
  }
  destroy(): void {
    this.isOpen = false;
  }
}

const OPTIONS = { requestMs: 60_000, restMs: 60_000 };
const connect = (): Connection => new Connection();
const unavailable = { code: 'directory_unavailable' };

/** Work that ends when the test says so. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const used: Connection[] = [];
  const work = async (connection: Connection): Promise<void> => {
    used.push(connection);
    await promise;
  };
  return { work, open: resolve, used };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const outcomes = (answers: readonly Promise<unknown>[]): Promise<readonly unknown[]> =>
  Promise.all(
    answers.map((answer) =>
      answer.then(
        () => 'answered',
        ({ code }: Failure) => code,
      ),
    ),
  );

describe('connections to directories', () => {
  test('a few for each directory; the others wait, and some more fail at once', async () => {
    const pool = new DirectoryPool<Connection>(OPTIONS);
    const { work, open, used } = gate();
    const all = Array.from({ length: 104 }, () => pool.use('a', connect, work));
    await settled();
    assert.equal(used.length, 4);
    await assert.rejects(pool.use('a', connect, work), unavailable);
    // Another directory is not concerned.
    assert.equal(await pool.use('b', connect, async () => 'answer'), 'answer');
    open();
    await Promise.all(all);
    assert.equal(used.length, 104);
    assert.equal(new Set(used).size, 4);
  });

  test('all directories together: connections in use stay, idle ones give way, the others wait', async () => {
    const pool = new DirectoryPool<Connection>(OPTIONS);
    const { work, open, used } = gate();
    const busy = Array.from({ length: 64 }, (_, index) => pool.use(`busy ${index}`, connect, work));
    await settled();
    const waiting = Array.from({ length: 64 }, (_, index) => pool.use(`waiting ${index}`, connect, work));
    await settled();
    assert.equal(used.length, 64);
    assert.ok(used.every(({ isOpen }) => isOpen));
    open();
    await Promise.all([...busy, ...waiting]);
    assert.equal(used.length, 128);
    assert.equal(used.filter(({ isOpen }) => isOpen).length, 64);
  });

  test('a directory that failed is not asked again for a while, and who waits learns at once', async () => {
    const pool = new DirectoryPool<Connection>(OPTIONS);
    Connection.opened = 0;
    const answers = Array.from({ length: 20 }, () => pool.use('a', () => new Connection(false), settled));
    assert.deepEqual(await outcomes(answers), Array(20).fill('directory_unavailable'));
    assert.equal(Connection.opened, 4);
    await assert.rejects(pool.use('a', connect, settled), unavailable);
    assert.equal(Connection.opened, 4);
    assert.equal(await pool.use('b', connect, async () => 'answer'), 'answer');
  });

  test('and is asked again after it', async () => {
    const pool = new DirectoryPool<Connection>({ ...OPTIONS, restMs: 0 });
    await assert.rejects(
      pool.use('a', () => new Connection(false), settled),
      unavailable,
    );
    assert.equal(await pool.use('a', connect, async () => 'answer'), 'answer');
  });

  test('an old connection that is dead is replaced once; a new one is not', async () => {
    const pool = new DirectoryPool<Connection>({ ...OPTIONS, restMs: 0 });
    const used: Connection[] = [];
    const dying = async (connection: Connection): Promise<void> => {
      used.push(connection);
      connection.isOpen = false;
      throw broken;
    };
    await assert.rejects(pool.use('a', connect, dying), unavailable);
    assert.equal(used.length, 1);
    await pool.use('a', connect, settled);
    await assert.rejects(pool.use('a', connect, dying), unavailable);
    assert.equal(new Set(used).size, 3);
  });

  test('a refusal leaves the connection open', async () => {
    const pool = new DirectoryPool<Connection>(OPTIONS);
    const used: Connection[] = [];
    await assert.rejects(
      pool.use('a', connect, async (connection) => {
        used.push(connection);
        throw broken;
      }),
      unavailable,
    );
    await pool.use('a', connect, async (connection) => void used.push(connection));
    assert.equal(new Set(used).size, 1);
  });

  test('the deadline counts from the request, the wait included', async () => {
    const pool = new DirectoryPool<Connection>({ requestMs: 50, restMs: 60_000 });
    const used: Connection[] = [];
    const never = (connection: Connection): Promise<void> => {
      used.push(connection);
      return new Promise(() => undefined);
    };
    const answers = Array.from({ length: 10 }, () => pool.use('a', connect, never));
    assert.deepEqual(await outcomes(answers), Array(10).fill('directory_unavailable'));
    assert.equal(used.length, 4);
    assert.ok(used.every(({ isOpen }) => !isOpen));
  });

  test('connections in use when it is closed are closed after it', async () => {
    const pool = new DirectoryPool<Connection>(OPTIONS);
    const { work, open, used } = gate();
    const answer = pool.use('a', connect, work);
    await settled();
    pool.close();
    open();
    await answer;
    assert.deepEqual(
      used.map(({ isOpen }) => isOpen),
      [false],
    );
  });
});
