import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CleanupStack } from './cleanup-stack.ts';
import { writeTables } from './results.ts';
import { CASE_NAMES, type Plan, runBench } from './run.ts';
import { DIST, mainOf } from './servers.ts';
import { STORES, type Store } from './stores.ts';
import { findWrk } from './wrk.ts';

const HELP = `Usage: npm run bench -- [--only CASE/STORE]... [--rounds N] [--seconds N] [--quick] [--dist DIR] [--json FILE]

Measures a built daemon against a bare node:http server that returns the same
bytes, with wrk and in turn, and prints tables in Markdown. The first figure is
processor time per request; requests per second depend on the machine's other
work. All of it takes more than half an hour. A wrong answer ends it with
status 1.

  --only CASE/STORE  only that; "CASE" and "/STORE" do, too; may be repeated
  --rounds N         of bare server and daemon each (default 5)
  --seconds N        of each round (default 2)
  --quick            one round of a second, SQLite only, no 100,000 domains,
                     10,000 requests instead of 1,000,000 for the memory
  --dist DIR         another build than dist/ of this checkout; its packages
                     are those in the node_modules that it finds
  --json FILE        write each round's figures there, too

Cases: ${CASE_NAMES.join(', ')}
Stores: ${STORES.map(({ name }) => name).join(', ')};
an engine (sqlite, postgresql, mariadb) stands for all of its own
`;

/** Wrong words on the command line, or something that is not installed. */
class Refusal extends Error {}

interface CommandLine extends Plan {
  readonly json: string | undefined;
}

/** Undefined: only help is wanted. */
function readCommandLine(): CommandLine | undefined {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      dist: { type: 'string', default: DIST },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return undefined;
  const number = (text: string | undefined, byDefault: number): number => {
    if (text !== undefined && !/^[1-9]\d{0,3}$/.test(text))
      throw new Refusal('--rounds and --seconds must be numbers from 1 to 9999');
    return text === undefined ? byDefault : Number(text);
  };
  const filters = (values.only ?? []).map((text) => {
    const [name = '', store = ''] = text.split('/');
    const isKnown = [...CASE_NAMES, ''].includes(name);
    if (!isKnown || !STORES.some((each) => isNamed(each, store))) throw new Refusal(`--only ${text}: see --help`);
    return { name, store };
  });
  const main = mainOf(resolve(values.dist));
  if (!existsSync(main)) throw new Refusal(`no program in ${values.dist}; "npm run build" makes dist/`);
  return {
    main,
    rounds: number(values.rounds, values.quick ? 1 : 5),
    seconds: number(values.seconds, values.quick ? 1 : 2),
    isQuick: values.quick,
    isWanted: (name, store) =>
      !(values.quick && (store.engine !== 'sqlite' || store.domains > 1_000)) &&
      (filters.length === 0 ||
        filters.some((filter) => (filter.name === '' || filter.name === name) && isNamed(store, filter.store))),
    json: values.json,
  };
}

const isNamed = ({ name, engine }: Store, text: string): boolean => text === '' || text === name || text === engine;

async function main(): Promise<void> {
  const plan = readCommandLine();
  if (plan === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const wrk = findWrk();
  if (wrk === undefined) throw new Refusal('wrk is not installed (Debian: wrk)');
  const cleanup = new CleanupStack();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanup.run().then(() => process.exit(1)));
  }
  try {
    const results = await runBench(plan, wrk, cleanup);
    if (plan.json !== undefined) writeFileSync(plan.json, `${JSON.stringify(results, undefined, 2)}\n`);
    process.stdout.write(writeTables(results));
  } finally {
    await cleanup.run();
  }
}

try {
  await main();
} catch (error) {
  const isOurs =
    error instanceof Refusal || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.stderr.write(`bench: ${isOurs ? (error as Error).message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
