// Replaces daemons that share a port, one after the other, while clients ask on a connection for each request, and
// prints what came of it as JSON. To be run in a network namespace of its own, whose settings differ from the machine's.
// Words: the configuration file, which says where to listen, and the port.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
const CLIENTS = 32;
const REPLACEMENTS = 4;

const [, , config = '', port = ''] = process.argv;
let answered = 0;
const failures: string[] = [];

/** A daemon that listens. */
async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN, '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    let log = '';
    child.stderr.on('data', (chunk) => {
      log += chunk;
      if (log.includes('listening')) resolve();
    });
    child.on('exit', () => reject(new Error(log)));
  });
  child.stderr.removeAllListeners('data').resume();
  return child;
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [status] = await ended;
  if (status !== 0) failures.push(`a daemon ended with ${status}`);
}

function ask(): Promise<void> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      failures.push((error as NodeJS.ErrnoException).code ?? error.message);
      resolve();
    };
    const path = '/mail/config-v1.1.xml?emailaddress=jane@example.com';
    const sent = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      if (response.statusCode === 200) answered += 1;
      else failures.push(`status ${response.statusCode}`);
      response.on('error', fail).on('end', resolve).resume();
    });
    sent.on('error', fail).end();
  });
}

const daemons = [await start(), await start()];
let isOver = false;
const clients = Array.from({ length: CLIENTS }, async () => {
  while (!isOver) await ask();
});
for (let round = 0; round < REPLACEMENTS; round++) {
  const before = answered;
  while (answered < before + 2 * CLIENTS) await new Promise((resolve) => setTimeout(resolve, 5));
  await stop(daemons.shift());
  daemons.push(await start());
}
isOver = true;
await Promise.all(clients);
for (const daemon of daemons) await stop(daemon);
process.stdout.write(JSON.stringify({ answered, failures }));
