import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './ask.ts';

// The measure: a program that gives one and the same answer with nothing but node:http. It is handed the answer on the
// command line and writes its port to standard output.
const { status, headers, body } = JSON.parse(process.argv[2] ?? '') as Answer;

const answer = (response: ServerResponse): void => {
  response.writeHead(status, headers);
  response.end(body, 'latin1');
};

const server = createServer((request, response) => {
  if (request.method === 'GET') answer(response);
  // A body is read to its end and dropped.
  else request.resume().on('end', () => answer(response));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('SIGTERM', () => process.exit());
