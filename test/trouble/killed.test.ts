import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { launchProgram } from '../support/program.ts';
import { rowsOf, seedOf } from '../support/seed.ts';
import { mariadb, mysqlIfGiven, postgresql, type TestServer } from '../support/server-database.ts';
import { ask, autoconfigOf, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// The program is killed in the middle of a seed: the whole of it is stored, or nothing, and the next start finds nothing
// wrong.

const TABLES = ['provider', 'server', 'davserver', 'ldapserver', 'domain', 'server_domain', 'davserver_domain'];

interface Engine {
  readonly name: string;
  readonly skip: string | false;
  /** Big enough that storing it takes longer than anything else. */
  readonly domains: number;
  /** Of an empty database of its own. */
  database(t: TestContext): Promise<string>;
  /** Rows of all tables, by the engine's own word. */
  rows(uri: string): Promise<number>;
}

const sqlite = (mode: 'DELETE' | 'WAL'): Engine => ({
  name: `SQLite (${mode})`,
  skip: false,
  domains: 1_500,
  async database(t) {
    const file = join(temporaryFolder(t), 'db.sqlite');
    const database = new Database(file);
    database.pragma(`journal_mode = ${mode}`);
    database.exec('CREATE TABLE made (it INTEGER); DROP TABLE made'); // without any page the mode is not kept
    database.close();
    return `sqlite:///${file}`;
  },
  async rows(uri) {
    const database = new Database(uri.slice('sqlite:///'.length));
    assert.deepEqual(database.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    const counts = TABLES.map((table) =>
      database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get(),
    );
    database.close();
    return counts.reduce((sum, count) => sum + (count?.n ?? 0), 0);
  },
});

const ofServer = (server: TestServer): Engine => ({
  name: server.engine,
  skip: server.server === undefined ? server.missing : false,
  domains: 100,
  database: (t) => server.database(t, 'tcp'),
  async rows(uri) {
    const counts = TABLES.map((table) => `(SELECT count(*) FROM ${table})`);
    return Number((await server.administer(`SELECT ${counts.join(' + ')} AS n`, uri))[0]?.['n']);
  },
});

/** What is there after an attempt. */
type Outcome = 'stored' | 'was there' | 'killed';

/** Begins to store a seed, and kills who does so after a time, if there is one. */
type Way = (t: TestContext, uri: string, seed: string, killAfterMs?: number) => Promise<Outcome>;

const ways: Readonly<Record<string, Way>> = {
  async 'automx2 init SEED.json'(t, uri, seed, killAfterMs) {
    const folder = temporaryFolder(t);
    const [config, file] = [join(folder, 'automx2.conf'), join(folder, 'seed.json')];
    writeFileSync(config, `[automx2]\ndb_uri = ${uri}\n`);
    writeFileSync(file, seed);
    const { child, ended } = launchProgram(t, folder, ['--config', config, 'init', file]);
    if (killAfterMs !== undefined) {
      await Promise.race([sleep(killAfterMs), ended]);
      child.kill('SIGKILL');
    }
    const { status, err } = await ended;
    if (status === 0) return 'stored';
    if (status === null) return 'killed';
    assert.match(err, /holds data already/);
    return 'was there';
  },

  async 'POST /initdb/'(t, uri, seed, killAfterMs) {
    const { port, child, ended, stop } = await startService(t, uri);
    const headers = { 'Content-Type': 'application/json', Host: 'localhost' };
    const answer = ask(port, { path: '/initdb/', method: 'POST', headers, body: seed }).then(
      ({ status }) => status,
      () => undefined, // killed
    );
    if (killAfterMs !== undefined) {
      await Promise.race([sleep(killAfterMs), answer]);
      child.kill('SIGKILL');
      await ended;
    }
    const status = await answer;
    if (status === undefined) return 'killed';
    assert.ok(status === 200 || status === 409, String(status));
    if (killAfterMs === undefined) {
      assert.equal((await ask(port, autoconfigOf('a@d0.example'))).status, 200);
      await stop();
    }
    return status === 200 ? 'stored' : 'was there';
  },
};

/** When to kill, as parts of the time that a run takes which nobody kills; the program's own start is the first third. */
const MOMENTS = [0.9, 0.7, 0.5];

for (const engine of [
  sqlite('DELETE'),
  sqlite('WAL'),
  ofServer(await postgresql()),
  ofServer(await mariadb()),
  ...(await mysqlIfGiven()).map(ofServer),
]) {
  describe(`killed in the middle of a seed: ${engine.name}`, { skip: engine.skip, concurrency: true }, () => {
    for (const [name, way] of Object.entries(ways)) {
      test(`${name}: all of it or nothing is stored`, { timeout: 280_000 }, async (t) => {
        const seed = seedOf(engine.domains);
        const begin = performance.now();
        assert.equal(await way(t, await engine.database(t), seed), 'stored');
        const wholeMs = performance.now() - begin;
        const outcomes: string[] = [];
        const moments = [...MOMENTS];
        for (const moment of moments) {
          const uri = await engine.database(t);
          const first = await way(t, uri, seed, wholeMs * moment);
          // The next start is that of our program: it mends what there is to mend, and stores what is not there.
          const second = await way(t, uri, seed);
          outcomes.push(`${first}, then ${second}`);
          // A machine that was slow before and is not now: earlier, then.
          if (moment === moments.at(-1) && !outcomes.includes('killed, then stored')) moments.push(moment / 2);
          assert.equal(await engine.rows(uri), rowsOf(engine.domains), outcomes.at(-1));
          if (first === 'stored') assert.equal(second, 'was there');
        }
        t.diagnostic(`${Math.round(wholeMs)} ms: ${outcomes.join('; ')}`);
      });
    }
  });
}
