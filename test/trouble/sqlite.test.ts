import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { SCHEMA } from '../support/schema.ts';
import { rowsOf, seedOf } from '../support/seed.ts';
import { ask, autoconfigOf, noticed, startService, Traffic } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Troubles with an SQLite file, in both of its journal modes (operators may have chosen WAL), with the program itself while
// clients ask for a domain that is served and known, and for one that is not.

const MODES = ['DELETE', 'WAL'] as const;
type Mode = (typeof MODES)[number];

/** Makes a database that serves example.com for a provider of this name. */
function make(file: string, mode: Mode, provider: string): void {
  const database = new Database(file);
  database.pragma(`journal_mode = ${mode}`);
  database.exec(`${SCHEMA}
    INSERT INTO provider (id, name, short_name) VALUES (1, '${provider}', '${provider}');
    INSERT INTO domain (id, name, provider_id) VALUES (1, 'example.com', 1);
    INSERT INTO server (id, prio, type, name, port, socket_type, user_name, authentication) VALUES
      (1, 10, 'imap', 'imap.example.com', 993, 'SSL', '%EMAILADDRESS%', 'plain');
    INSERT INTO server_domain (server_id, domain_id) VALUES (1, 1);`);
  database.close();
}

const QUESTIONS = {
  known: autoconfigOf('a@example.com'),
  unknown: autoconfigOf('a@example.net'),
  health: { path: '/healthz' },
};

/** Status, and the provider where one is named. */
const look = (status: number | undefined, text: string): string =>
  [status, /<displayName>(.*?)</.exec(text)?.[1]].filter(Boolean).join(' ');

const WELL = { known: '200 Old', unknown: '404', health: '200' };
const NEW = { ...WELL, known: '200 New' };
/** What is known is served from memory, the rest fails. */
const AWAY = { known: '200 Old', unknown: '503', health: '200' };
const BACK = /^WARNING look-ups in the database are answered again$/;

type Seen = Readonly<Record<keyof typeof QUESTIONS, string>>;

const replace = (file: string, mode: Mode): void => {
  make(`${file}.new`, mode, 'New');
  renameSync(`${file}.new`, file);
};

describe('an SQLite file', () => {
  let other: Database.Database | undefined;
  for (const { name, happen, meanwhile, mend, afterwards, log } of [
    {
      name: 'locked by another process',
      happen: (file) => {
        other = new Database(file);
        other.exec('BEGIN EXCLUSIVE');
      },
      mend: () => other?.close(),
      // In WAL mode a writer does not keep readers away.
      meanwhile: { DELETE: AWAY, WAL: WELL },
      afterwards: WELL,
      log: { DELETE: [/^ERROR look-ups in the database fail: sqlite: database is locked$/, BACK], WAL: [] },
    },
    {
      name: 'replaced by another file',
      happen: replace,
      mend: () => undefined,
      meanwhile: { DELETE: NEW, WAL: NEW },
      afterwards: NEW,
      log: { DELETE: [], WAL: [] },
    },
    {
      name: 'deleted, and made anew',
      happen: (file) => rmSync(file),
      meanwhile: { DELETE: AWAY, WAL: AWAY },
      mend: (file, mode) => make(file, mode, 'New'),
      afterwards: NEW,
      log: {
        DELETE: [/^ERROR look-ups in the database fail: sqlite: there is no file \S+$/, BACK],
        WAL: [/^ERROR look-ups in the database fail: sqlite: there is no file \S+$/, BACK],
      },
    },
    {
      name: 'moved away, and back',
      happen: (file) => renameSync(file, `${file}.away`),
      meanwhile: { DELETE: AWAY, WAL: AWAY },
      mend: (file) => renameSync(`${file}.away`, file),
      afterwards: WELL,
      log: {
        DELETE: [/^ERROR look-ups in the database fail: sqlite: there is no file \S+$/, BACK],
        WAL: [/^ERROR look-ups in the database fail: sqlite: there is no file \S+$/, BACK],
      },
    },
    {
      name: 'emptied in its place, and replaced',
      happen: (file) => truncateSync(file),
      meanwhile: { DELETE: AWAY, WAL: AWAY },
      mend: replace,
      afterwards: NEW,
      log: {
        DELETE: [/^ERROR look-ups in the database fail: sqlite: no such table: \w+$/, BACK],
        WAL: [/^ERROR look-ups in the database fail: sqlite: no such table: \w+$/, BACK],
      },
    },
    {
      name: 'overwritten with what is no database, and replaced',
      happen: (file) => writeFileSync(file, 'x'.repeat(65_536)),
      meanwhile: { DELETE: AWAY, WAL: AWAY },
      mend: replace,
      afterwards: NEW,
      log: {
        DELETE: [/^ERROR look-ups in the database fail: sqlite: .* is not an SQLite database$/, BACK],
        WAL: [/^ERROR look-ups in the database fail: sqlite: .* is not an SQLite database$/, BACK],
      },
    },
    {
      name: 'overwritten with another database',
      happen: (file) => {
        make(`${file}.new`, 'DELETE', 'New');
        writeFileSync(file, readFileSync(`${file}.new`));
      },
      mend: () => undefined,
      meanwhile: { DELETE: NEW, WAL: NEW },
      afterwards: NEW,
      log: { DELETE: [], WAL: [] },
    },
  ] satisfies readonly {
    readonly name: string;
    readonly happen: (file: string, mode: Mode) => void;
    readonly meanwhile: Readonly<Record<Mode, Seen>>;
    readonly mend: (file: string, mode: Mode) => void;
    readonly afterwards: Seen;
    readonly log: Readonly<Record<Mode, readonly RegExp[]>>;
  }[]) {
    for (const mode of MODES) {
      test(`${name} (journal mode ${mode})`, async (t) => {
        const file = join(temporaryFolder(t), 'db.sqlite');
        make(file, mode, 'Old');
        const { port, said, stop } = await startService(t, `sqlite:///${file}`);
        const traffic = new Traffic(t, port, QUESTIONS, look);
        assert.deepEqual(await traffic.next(), WELL);
        happen(file, mode);
        assert.deepEqual(await traffic.next(), meanwhile[mode]);
        mend(file, mode);
        assert.deepEqual(await traffic.next(), afterwards);
        if (log[mode].some((pattern) => pattern === BACK)) await said(/look-ups in the database are answered again/);
        const lines = noticed(await stop());
        assert.equal(lines.length, log[mode].length, lines.join('\n'));
        for (const [index, pattern] of log[mode].entries()) assert.match(lines[index] ?? '', pattern);
      });
    }
  }
});

describe('an SQLite file that is locked for long', () => {
  test('only the first request waits for the lock, whatever strangers ask, and a later lock is waited for again', async (t) => {
    const file = join(temporaryFolder(t), 'db.sqlite');
    make(file, 'DELETE', 'Old');
    const { port, stop } = await startService(t, `sqlite:///${file}`);
    assert.equal((await ask(port, QUESTIONS.known)).status, 200);
    const other = new Database(file);
    t.after(() => other.close());
    const invented = async (count: number): Promise<readonly (number | undefined)[]> => {
      const answers = Array.from({ length: count }, (_, index) => ask(port, autoconfigOf(`a@x${index}.example`)));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    other.exec('BEGIN EXCLUSIVE');
    const before = performance.now();
    assert.deepEqual(new Set(await invented(40)), new Set([503]));
    for (let round = 0; round < 10; round++) assert.equal((await ask(port, QUESTIONS.known)).status, 200);
    const ms = performance.now() - before;
    // Each of them waiting would make 10 seconds.
    assert.ok(ms < 2_500, `${ms} ms`);
    other.exec('COMMIT');
    // Statements that succeed make it patient again: a lock that is short fails nobody.
    const limit = Date.now() + 15_000;
    for (let isPatient = false; !isPatient; ) {
      assert.ok(Date.now() < limit, 'in vain');
      assert.deepEqual(await invented(1), [404]);
      other.exec('BEGIN EXCLUSIVE');
      const answer = invented(1);
      await sleep(50);
      other.exec('COMMIT');
      isPatient = (await answer)[0] === 404;
    }
    await stop();
  });
});

const isRoot = process.getuid?.() === 0;

/** A folder on a disk of so many KiB, or undefined where this user may not mount one; it goes when the test ends. */
function smallDisk(t: TestContext, kib: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'automx2-disk-'));
  const isMounted =
    isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k,mode=755`, 'tmpfs', folder]).status === 0;
  t.after(() => {
    // Lazily: a daemon may still have files open.
    if (isMounted) spawnSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  });
  return isMounted ? folder : undefined;
}

const NO_DISK = 'mounting a small disk takes root and mount(8)';

const post = (seed: string) => ({
  path: '/initdb/',
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Host: 'localhost' },
  body: seed,
});

/** Rows of all tables together. SQLite has to find nothing wrong, and mends what a killed process has left. */
function rowsIn(file: string): number {
  const database = new Database(file);
  try {
    assert.deepEqual(database.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    return database
      .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${name}`).get()?.n ?? 0)
      .reduce((sum, count) => sum + count, 0);
  } finally {
    database.close();
  }
}

/** Tables without rows. */
function makeEmpty(file: string, mode: Mode): void {
  const database = new Database(file);
  database.pragma(`journal_mode = ${mode}`);
  database.exec(SCHEMA);
  database.close();
}

const EMPTY = { unknown: '404', health: '200' };
const { known: _known, ...ALWAYS } = QUESTIONS;

/** What an empty database gets at each start. */
const NO_ROW = 'WARNING the database has its tables, but no row yet; to fill it, run: automx2 init SEED.json';

describe('a disk that is full', () => {
  for (const mode of MODES) {
    test(`a seed is refused and leaves nothing, look-ups go on, and a smaller seed is stored (${mode})`, async (t) => {
      const folder = smallDisk(t, 512);
      if (folder === undefined) return t.skip(NO_DISK);
      const file = join(folder, 'db.sqlite');
      makeEmpty(file, mode);
      const { port, stop } = await startService(t, `sqlite:///${file}`);
      const traffic = new Traffic(t, port, ALWAYS, look);
      assert.deepEqual(await traffic.next(), EMPTY);
      for (let round = 0; round < 2; round++) {
        assert.deepEqual(await ask(port, post(seedOf(1_000))), {
          status: 503,
          text: 'The change failed; the log says why\n',
        });
        assert.deepEqual(await traffic.next(), EMPTY);
        assert.equal(rowsIn(file), 0);
      }
      assert.equal((await ask(port, post(seedOf(3)))).status, 200);
      assert.equal((await ask(port, autoconfigOf('a@d2.example'))).status, 200);
      assert.deepEqual(noticed(await stop()), [
        NO_ROW,
        'WARNING the document is not stored: sqlite: database or disk is full',
        'WARNING the document is not stored: sqlite: database or disk is full',
        'WARNING a document is stored in the database domains=3',
      ]);
      assert.equal(rowsIn(file), rowsOf(3));
    });
  }
});

describe('a file that may only be read', () => {
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  /** Another user's file in another user's folder. */
  const ofRoot = (t: TestContext): string | undefined => {
    const folder = temporaryFolder(t);
    chmodSync(folder, 0o755);
    return isRoot ? folder : undefined;
  };
  for (const { name, folderOf, forbid, wrap, skip, inWal } of [
    {
      name: 'of another user',
      folderOf: ofRoot,
      forbid: () => undefined,
      wrap: asNobody,
      skip: 'being two users takes root',
      inWal: () => 'attempt to write a readonly database',
    },
    {
      name: 'on a disk that may',
      folderOf: (t: TestContext) => smallDisk(t, 512),
      forbid: (folder: string) => assert.equal(spawnSync('mount', ['-o', 'remount,ro', folder]).status, 0),
      wrap: [],
      skip: NO_DISK,
      inWal: (file: string) => `${file} cannot be opened: may this user read and write it?`,
    },
  ]) {
    for (const mode of MODES) {
      const isServed = mode === 'DELETE';
      test(`${name}: a seed is refused, look-ups ${isServed ? 'go on' : 'fail, as SQLite must write'} (${mode})`, async (t) => {
        const folder = folderOf(t);
        if (folder === undefined) return t.skip(skip);
        const file = join(folder, 'db.sqlite');
        makeEmpty(file, mode);
        chmodSync(file, 0o644);
        forbid(folder);
        const { port, stop } = await startService(t, `sqlite:///${file}`, { wrap });
        const traffic = new Traffic(t, port, ALWAYS, look);
        const seen = isServed ? EMPTY : { unknown: '503', health: '503' };
        assert.deepEqual(await traffic.next(), seen);
        assert.deepEqual(await ask(port, post(seedOf(3))), {
          status: 503,
          text: 'The change failed; the log says why\n',
        });
        assert.deepEqual(await traffic.next(), seen);
        assert.deepEqual(
          noticed(await stop()),
          isServed
            ? [NO_ROW, 'WARNING the document is not stored: sqlite: attempt to write a readonly database']
            : [
                `ERROR the database is unreachable, look-ups fail until it is back: sqlite: ${inWal(file)}`,
                `ERROR look-ups in the database fail: sqlite: ${inWal(file)}`,
                `WARNING the document is not stored: sqlite: ${inWal(file)}`,
              ],
        );
      });
    }
  }
});
