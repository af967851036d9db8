import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DOMAINS = 100_000;
const MOST_MIB = 300;

/** JavaScript that writes the most memory (RSS, in KiB) that its process had to a file when it ends. */
const reporting = (file: string): string =>
  `import { writeFileSync } from 'node:fs';
  process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`;

test(`a plan for ${DOMAINS} domains of one provider, stored on SQLite, takes at most ${MOST_MIB} MiB`, async (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('a.conf'), `[automx2]\ndb_uri = sqlite:///${path('db.sqlite')}\n`);
  const run = async (...words: readonly string[]): Promise<number> => {
    const environment = {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(reporting(path('kib')))}`,
    };
    const program = launchProgram(t, folder, ['--config', path('a.conf'), ...words], { environment });
    assert.equal((await program.ended).status, 0);
    return Number(readFileSync(path('kib'), 'utf8')) / 1024;
  };
  await run('init');
  const domains = Array.from({ length: DOMAINS }, (_value, index) => `d${index}.example`);
  // All rows are new, and then every domain gets another server in place of one.
  for (const name of ['mail.host.example', 'other.host.example']) {
    const servers = [
      { type: 'imap', name },
      { type: 'pop', name: 'mail.host.example' },
      { type: 'smtp', name: 'mail.host.example' },
    ];
    writeFileSync(path('a.json'), JSON.stringify({ version: 3, providers: [{ name: 'P', domains, servers }] }));
    const mib = await run('apply', path('a.json'), '--prune', '--yes');
    t.diagnostic(`${mib.toFixed(0)} MiB`);
    assert.ok(mib <= MOST_MIB, `${mib} MiB`);
  }
});
