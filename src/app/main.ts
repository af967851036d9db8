#!/usr/bin/env node
// This file imports nothing: better-sqlite3 crashes an older Node, and the message has to come first.
const NEEDED = [22, 22, 2] as const;

const actual = process.versions.node.split('.').map(Number);
const difference = NEEDED.map((needed, index) => (actual[index] ?? 0) - needed).find((part) => part !== 0) ?? 0;
if (difference < 0) {
  process.stderr.write(`automx2 needs Node.js ${NEEDED.join('.')} or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 1;
} else {
  // For ps, pgrep and the journal, which would call every program of Node.js "node".
  process.title = 'automx2';
  // Without a listener, this signal starts Node's debugger, which executes what it is sent.
  process.on('SIGUSR1', () => undefined);
  // The driver of PostgreSQL takes what a URL leaves open from these variables, and no value of an option prevents it.
  for (const name of Object.keys(process.env)) if (/^PG[A-Z]/.test(name)) delete process.env[name];
  // A reader of standard output that goes before its end has read enough.
  process.stdout.on('error', () => undefined);
  const { runCommandLine } = await import('./command-line.ts');
  const status = await runCommandLine(process.argv.slice(2), process);
  // A pipe takes a long document in pieces.
  await new Promise((written) => process.stdout.write('', written));
  // Nothing else may hold the process up once its work is done: a frozen server, say, that does not close our connection.
  process.exit(status);
}

export {};
