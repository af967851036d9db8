import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, freePort } from './database-server.ts';
import type { Cleanup } from './temporary-folder.ts';

/** A reverse proxy that runs a sample of contrib/ on loopback ports. */
export interface ReverseProxy {
  readonly ports: Readonly<Record<'http' | 'https', number>>;
  /** The certificate to trust, in PEM. */
  readonly ca: string;
  /** Its logs, by file name. */
  logs(): ReadonlyMap<string, string>;
}

/** Where the daemon listens. */
export type Upstream = { readonly port: number } | { readonly path: string };

export interface ProxyKind {
  readonly name: string;
  /** Reason for skipping its tests; false: none. */
  readonly missing: string | false;
  /** Its sample limits how many requests a client makes. */
  readonly limitsRate: boolean;
  /** Its sample serves all domains whose DNS points to it; Caddy's names each. */
  readonly servesAnyDomain: boolean;
  /** Status for a body that is too long. */
  readonly statusesTooLong: readonly number[];
  /** Its sample serves what certbot writes below /var/www/html. */
  readonly servesChallenges: boolean;
  /** Status when the daemon is down. */
  readonly statusWhenDown: number;
  /** Resolves when it listens; stopped when the test ends. */
  start(t: Cleanup, upstream: Upstream): Promise<ReverseProxy>;
}

/** Parameters of the wrappers around the samples. */
interface Place {
  readonly folder: string;
  readonly logs: string;
  /** Documents of the sites. */
  readonly www: string;
  readonly certificate: string;
  readonly key: string;
  readonly http: number;
  readonly https: number;
  readonly upstream: Upstream;
  /** The user that servers started by root switch to. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** Names that its certificate is for. */
export const NAMES: readonly string[] = [
  'example.com',
  'autoconfig.example.com',
  'autodiscover.example.com',
  'ua-auto-config.example.com',
];

const contrib = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../contrib/${name}`, import.meta.url)), 'utf8');

/** The sample with other values; throws if the sample lacks one of the originals. */
function adapted(name: string, replacements: Readonly<Record<string, string>>): string {
  let text = contrib(name);
  for (const [value, other] of Object.entries(replacements)) {
    if (!text.includes(value)) throw new Error(`${name} has no ${value}`);
    text = text.replaceAll(value, other);
  }
  return text;
}

/** The commented lines for the bare domain's own site at the end of a sample; prose lines start with "# ". */
function bareDomainPart(sample: string): string {
  const [, part = ''] = sample.split('# Clients ask at the bare mail domain as well.');
  const lines = part.split('\n').filter((line) => /^#(?:\S|\t| {2})/.test(line));
  if (lines.length === 0) throw new Error('the sample has no part for the bare domain');
  return lines.map((line) => line.slice(1)).join('\n');
}

function makeCertificate(certificate: string, key: string): void {
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  const names = NAMES.map((name) => `DNS:${name}`).join(',');
  execFileSync(
    'openssl',
    [...words, '-subj', '/CN=Test', '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', certificate],
    { stdio: 'pipe' },
  );
}

/** Whether anything accepts connections there. */
export async function listens(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const START_LIMIT_MS = 20_000;

async function startProxy(
  t: Cleanup,
  upstream: Upstream,
  prepare: (place: Place) => {
    readonly command: readonly [string, ...string[]];
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'automx2-proxy-'));
  let stop = async (): Promise<void> => undefined;
  t.after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const place: Place = {
    folder,
    logs: join(folder, 'logs'),
    www: join(folder, 'www'),
    certificate: join(folder, 'certificate.pem'),
    key: join(folder, 'key.pem'),
    http: await freePort(),
    https: await freePort(),
    upstream,
    user: process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined,
  };
  mkdirSync(place.logs);
  mkdirSync(join(place.www, '.well-known', 'acme-challenge'), { recursive: true });
  writeFileSync(join(place.www, 'index.html'), 'a site of its own\n');
  writeFileSync(join(place.www, '.well-known', 'acme-challenge', 'token'), 'proof\n');
  makeCertificate(place.certificate, place.key);
  // Servers started by root switch to another user.
  chmodSync(folder, 0o755);
  if (place.user !== undefined) chownSync(folder, place.user.uid, place.user.gid);
  const { command, environment = {} } = prepare(place);
  const [program, ...words] = command;
  const output = openSync(join(place.logs, 'output'), 'a');
  const child = spawn(program, words, {
    cwd: folder,
    stdio: ['ignore', output, output],
    env: { PATH: process.env['PATH'], HOME: folder, ...environment },
  });
  closeSync(output);
  const ended = once(child, 'exit');
  stop = async () => {
    child.kill('SIGTERM');
    const limit = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(limit);
  };
  const logs = (): ReadonlyMap<string, string> =>
    new Map(readdirSync(place.logs).map((name) => [name, readFileSync(join(place.logs, name), 'utf8')]));
  for (const deadline = Date.now() + START_LIMIT_MS; ; ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`${program} did not start:\n${[...logs().values()].join('\n')}`);
    }
    if ((await listens(place.http)) && (await listens(place.https))) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { ports: place, ca: readFileSync(place.certificate, 'utf8'), logs };
}

/** Whether a program can be tested. Each test is a client with a loopback address of its own, which is Linux's way. */
function missing(program: string, debianPackage: string): string | false {
  if (process.platform !== 'linux') return 'needs 127.0.0.0/8 as Linux has it';
  if (findProgram('openssl') === undefined) return 'openssl (Debian: openssl) is not installed';
  return findProgram(program) === undefined && `${program} (Debian: ${debianPackage}) is not installed`;
}

const hasIpv6 = (): boolean =>
  existsSync('/proc/net/if_inet6') && readFileSync('/proc/net/if_inet6', 'utf8').includes(' lo\n');

const LIVE = '/etc/letsencrypt/live/autoconfig.example.com';

export const NGINX: ProxyKind = {
  name: 'nginx',
  missing: missing('nginx', 'nginx-light'),
  limitsRate: true,
  servesAnyDomain: true,
  statusesTooLong: [413],
  servesChallenges: true,
  statusWhenDown: 502,
  start: (t, upstream) =>
    startProxy(t, upstream, ({ folder, logs, www, certificate, key, http, https, user }) => {
      const ipv6 = (port: number, words = ''): string => (hasIpv6() ? `listen [::1]:${port}${words};` : '');
      const sample = adapted('nginx/automx2.conf', {
        'listen 80;': `listen 127.0.0.1:${http};`,
        'listen [::]:80;': ipv6(http),
        'listen 443 ssl;': `listen 127.0.0.1:${https} ssl;`,
        'listen [::]:443 ssl;': ipv6(https, ' ssl'),
        [`${LIVE}/fullchain.pem`]: certificate,
        [`${LIVE}/privkey.pem`]: key,
        '/var/log/nginx/': `${logs}/`,
        '/var/www/html': www,
        ...('port' in upstream
          ? { 'server 127.0.0.1:4243;': `server 127.0.0.1:${upstream.port};` }
          : {
              'server 127.0.0.1:4243;': '',
              '#server unix:/run/automx2/automx2.sock;': `server unix:${upstream.path};`,
            }),
      });
      mkdirSync(join(folder, 'snippets'));
      writeFileSync(
        join(folder, 'snippets', 'automx2-proxy.conf'),
        adapted('nginx/automx2-proxy.conf', { '/var/log/nginx/': `${logs}/` }),
      );
      writeFileSync(join(folder, 'automx2.conf'), sample);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      );
      // As Debian's nginx.conf, in a folder of its own.
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off;
${user === undefined ? '' : 'user nobody nogroup;'}
worker_processes 1;
pid ${folder}/pid;
error_log ${logs}/error.log;
events { worker_connections 256; }
http {
  ${temporary.join('\n  ')}
  access_log ${logs}/access.log;
  gzip on;
  include ${folder}/automx2.conf;
  server {
    listen 127.0.0.1:${http};
    listen 127.0.0.1:${https} ssl;
    server_name example.com;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    root ${www};
    ${bareDomainPart(sample)}
  }
}
`,
      );
      const words = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(logs, 'start.log')];
      return { command: [findProgram('nginx') ?? 'nginx', ...words] };
    }),
};

/** Where Debian puts Apache's modules. */
const APACHE_MODULES = '/usr/lib/apache2/modules';

export const APACHE: ProxyKind = {
  name: 'Apache',
  missing: missing('apache2', 'apache2'),
  limitsRate: false,
  servesAnyDomain: true,
  statusesTooLong: [413],
  servesChallenges: true,
  statusWhenDown: 503,
  start: (t, upstream) =>
    startProxy(t, upstream, ({ folder, logs, www, certificate, key, http, https, user }) => {
      const sample = adapted('apache/automx2.conf', {
        '<VirtualHost *:80>': `<VirtualHost 127.0.0.1:${http}>`,
        '<VirtualHost *:443>': `<VirtualHost 127.0.0.1:${https}>`,
        [`${LIVE}/fullchain.pem`]: certificate,
        [`${LIVE}/privkey.pem`]: key,
        '/var/www/html': www,
        ...('port' in upstream
          ? { 'Define AUTOMX2 http://127.0.0.1:4243': `Define AUTOMX2 http://127.0.0.1:${upstream.port}` }
          : {
              'Define AUTOMX2 http://127.0.0.1:4243': '',
              '#Define AUTOMX2 unix:/run/automx2/automx2.sock|': `Define AUTOMX2 unix:${upstream.path}|`,
            }),
      });
      writeFileSync(join(folder, 'automx2.conf'), sample);
      // The modules that the sample enables, and those of Debian's Apache that matter here.
      const [, enabled = ''] = /a2enmod (.*)/.exec(sample) ?? [];
      const modules = ['mpm_event', 'authz_core', 'dir', 'filter', 'deflate', ...enabled.split(' ')];
      const bare = `ServerName example.com
  DocumentRoot ${www}
  CustomLog ${logs}/site.log "%h %r %>s" env=!AUTOMX2
  Use Automx2Paths`;
      writeFileSync(
        join(folder, 'apache2.conf'),
        `ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/pid
Mutex file:${folder} default
${modules.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`).join('\n')}
${user === undefined ? '' : 'User nobody\nGroup nogroup'}
ServerName localhost
Listen 127.0.0.1:${http}
Listen 127.0.0.1:${https}
ErrorLog ${logs}/error.log
LogLevel warn
<Directory />
  Require all denied
</Directory>
<Directory ${www}>
  Require all granted
</Directory>
DirectoryIndex index.html
KeepAliveTimeout 1
AddOutputFilterByType DEFLATE text/html text/plain text/xml
Include ${folder}/automx2.conf
<VirtualHost 127.0.0.1:${http}>
  ${bare}
</VirtualHost>
<VirtualHost 127.0.0.1:${https}>
  ${bare}
  SSLEngine on
  SSLCertificateFile ${certificate}
  SSLCertificateKeyFile ${key}
</VirtualHost>
`,
      );
      return {
        command: [findProgram('apache2') ?? 'apache2', '-DFOREGROUND', '-f', join(folder, 'apache2.conf')],
        environment: { APACHE_LOG_DIR: logs },
      };
    }),
};

export const CADDY: ProxyKind = {
  name: 'Caddy',
  missing: missing('caddy', 'caddy'),
  limitsRate: false,
  servesAnyDomain: false,
  // Caddy 2.6 treats a truncated body as a failure of the daemon.
  statusesTooLong: [413, 502],
  servesChallenges: false,
  statusWhenDown: 502,
  start: (t, upstream) =>
    startProxy(t, upstream, ({ folder, logs, www, certificate, key, http, https }) => {
      const tls = `tls ${certificate} ${key}`;
      const sample = adapted('caddy/Caddyfile', {
        // The global options.
        '\n{\n': `\n{\n\tadmin off\n\thttp_port ${http}\n\thttps_port ${https}\n\tdefault_bind 127.0.0.1\n`,
        '#tls /etc/ssl/automx2/fullchain.pem /etc/ssl/automx2/privkey.pem': tls,
        '/var/log/caddy/': `${logs}/`,
        'reverse_proxy 127.0.0.1:4243':
          'port' in upstream ? `reverse_proxy 127.0.0.1:${upstream.port}` : `reverse_proxy unix/${upstream.path}`,
      });
      const bare = `root * ${www}
	log {
		output file ${logs}/site.log
		import automx2_log_format
	}
	${bareDomainPart(sample)}
	file_server`;
      writeFileSync(
        join(folder, 'Caddyfile'),
        `${sample}
http://example.com {
	${bare}
}
https://example.com {
	${tls}
	${bare}
}
`,
      );
      const caddy = findProgram('caddy') ?? 'caddy';
      const words = ['--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
      execFileSync(caddy, ['validate', ...words], { stdio: 'pipe', env: { HOME: folder } });
      return { command: [caddy, 'run', ...words] };
    }),
};
