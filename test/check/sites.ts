import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../support/certificates.ts';
import { findProgram } from '../support/database-server.ts';
import { listens } from '../support/proxy-server.ts';
import { type Cleanup, temporaryFolder } from '../support/temporary-folder.ts';
import { type Fault, type Kind, nameOf, type Place } from './fault.ts';
import type { Addresses } from './zones.ts';

export type Shown = Readonly<Record<Kind, { readonly chain: string; readonly key: string }>>;

/** The paths that a domain's own site passes on. */
const PASSED_ON =
  '^/(?:\\.well-known/(?:autoconfig/mail/config-v1\\.1|mail-v1)\\.xml|autodiscover/autodiscover\\.(?:xml|json(?:/v1\\.0/.+)?)|mobileconfig/?|\\.well-known/(?:caldav|carddav|user-agent-configuration\\.json))$';

/** As a sample of contrib/ for nginx does, but with no limit of requests. */
export const PASS_ON = 'include proxy;';

const proxyLines = (port: number): string => `proxy_pass http://127.0.0.1:${port};
proxy_http_version 1.1;
proxy_set_header Connection close;
proxy_set_header Host $host;
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_set_header X-Forwarded-Host $host;
`;

/** Everything goes to the daemon. */
const SERVICE = `location / { ${PASS_ON} }`;
/** The rate is that of the sample. */
const FEW_REQUESTS = 'limit_req zone=few burst=2 nodelay; limit_req_status 429;';
/** A web site of its own, which knows our paths. */
const SITE = `location ~* "${PASSED_ON}" { ${PASS_ON} } location / { return 404 "no such page\\n"; }`;

interface Block {
  readonly address: string;
  /** Undefined: whatever no other block names. */
  readonly names?: readonly string[];
  readonly certificate: { readonly chain: string; readonly key: string };
  readonly lines: string;
}

function block({ address, names, certificate, lines }: Block): string {
  const words = names === undefined ? ' default_server' : '';
  return `server {
  listen ${address}:80${words};
  listen ${address}:443 ssl${words};
  server_name ${names?.join(' ') ?? '_'};
  ssl_certificate ${certificate.chain};
  ssl_certificate_key ${certificate.key};
  ${lines}
}
`;
}

/** The blocks of the sites that are not healthy. */
const blocksOf = (fault: Fault, addresses: Addresses, shown: Shown): readonly string[] =>
  (fault.web ?? []).map(({ names, at, certificate = 'good', lines = '' }) => {
    const place: Place = at ?? (names.includes('@') ? 'SITE' : 'SERVICE');
    return block({
      address: addresses[place],
      names: names.map((name) => (name === '@' ? nameOf(fault) : `${name}.${nameOf(fault)}`)),
      certificate: shown[certificate],
      lines: `${lines}\n  ${place === 'SITE' ? SITE : SERVICE}`,
    });
  });

const filesOf = ({ chainFile, keyFile }: Certificate): Shown[Kind] => ({ chain: chainFile, key: keyFile });

/** The files that a web server shows. */
export const shownFiles = (certificates: Readonly<Record<Kind, Certificate>>): Shown => ({
  ...(Object.fromEntries(
    Object.entries(certificates).map(([kind, certificate]) => [kind, filesOf(certificate)]),
  ) as Shown),
  noIntermediate: { ...filesOf(certificates.noIntermediate), chain: certificates.noIntermediate.certificateFile },
});

const START_LIMIT_MS = 20_000;
const POLL_MS = 20;

/** Runs nginx with a site for each name; resolves when it listens. */
export async function startSites(
  t: Cleanup,
  faults: readonly Fault[],
  { addresses, shown, daemonPort }: { addresses: Addresses; shown: Shown; daemonPort: number },
): Promise<void> {
  let stop = async (): Promise<void> => undefined;
  t.after(() => stop());
  const folder = temporaryFolder(t);
  const good = { certificate: shown.good };
  const blocks = [
    block({ ...good, address: addresses.SERVICE, lines: SERVICE }),
    block({ ...good, address: addresses.SITE, lines: SITE }),
    block({ ...good, address: addresses.OLD, lines: `ssl_protocols TLSv1.2; ${SERVICE}` }),
    block({ ...good, address: addresses.LIMITED, lines: `${FEW_REQUESTS} ${SERVICE}` }),
    `server { listen ${addresses.PLAIN}:443; ${SERVICE} }\n`,
    ...faults.flatMap((fault) => blocksOf(fault, addresses, shown)),
  ];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'proxy'), proxyLines(daemonPort));
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/logs/error.log;
events { worker_connections 512; }
http {
${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
access_log ${folder}/logs/access.log;
server_names_hash_bucket_size 256;
ssl_protocols TLSv1.2 TLSv1.3;
limit_req_zone $server_addr zone=few:1m rate=10r/s;
default_type text/plain;
${blocks.join('')}}
`,
  );
  const output = openSync(join(folder, 'logs', 'output'), 'a');
  const words = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'logs', 'start.log')];
  const child = spawn(findProgram('nginx') ?? 'nginx', words, { stdio: ['ignore', output, output] });
  closeSync(output);
  const ended = once(child, 'exit');
  stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  for (const deadline = Date.now() + START_LIMIT_MS; !(await listens(443, addresses.SERVICE)); ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`nginx did not start:\n${readFileSync(join(folder, 'logs', 'output'), 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
