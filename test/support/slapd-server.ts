import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort } from './database-server.ts';

/** A real OpenLDAP server with LDAPS and StartTLS. */
export interface SlapdServer {
  readonly port: number;
  readonly securePort: number;
  /** Path of the authority's certificate. */
  readonly ca: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** A user that may read, and its password. */
export const READER = { user: 'cn=reader,dc=example,dc=com', password: 'geheim' } as const;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The directory's people; `mail` and more as LDIF lines. */
const PEOPLE = `
dn: dc=example,dc=com
objectClass: domain
dc: example

dn: cn=reader,dc=example,dc=com
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: reader
userPassword: ${READER.password}

${[
  { id: 'ann', lines: 'mail: ann@example.com\nuid: ann-login\ncn: Ann Example' },
  { id: 'two', lines: 'mail: two@example.com\nuid: first\nuid: second\ncn: Two & <Names>' },
  { id: 'nouid', lines: 'mail: nouid@example.com\ncn: No Uid' },
  { id: 'double1', lines: 'mail: double@example.com\nuid: double1\ncn: D' },
  { id: 'double2', lines: 'mail: double@example.com\nuid: double2\ncn: D' },
  // Values with line ends and blanks around them, in base64 as LDIF wants it.
  { id: 'blanks', lines: `mail: blanks@example.com\nuid:: ${base64(' dan \n')}\ncn:: ${base64('Dan\n')}` },
  { id: 'star', lines: 'mail: *@example.com\nuid: star-login\ncn: Star' },
  { id: 'paren', lines: 'mail: "(a\\b)"@example.com\nuid: paren-login\ncn: P' },
]
  .map(
    ({ id, lines }) =>
      `dn: employeeNumber=${id},dc=example,dc=com\nobjectClass: inetOrgPerson\nsn: x\nemployeeNumber: ${id}\n${lines}\n`,
  )
  .join('\n')}`;

/** A certificate for localhost and the addresses that tests connect to, and the authority that signed it. */
function makeCertificates(folder: string): void {
  const openssl = (...words: readonly string[]): Buffer =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test authority');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(join(folder, 'names'), 'subjectAltName = DNS:localhost, IP:127.0.0.1, IP:0.0.0.0');
  openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-out', 'server.pem', '-days', '2', '-extfile', 'names'],
  );
}

/** Undefined: slapd is not installed. */
export async function slapdServer({ tls = true }: { tls?: boolean } = {}): Promise<SlapdServer | undefined> {
  const slapd = findProgram('slapd');
  const slapadd = findProgram('slapadd');
  if (slapd === undefined || slapadd === undefined || findProgram('openssl') === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'automx2-slapd-'));
  mkdirSync(join(folder, 'data'));
  makeCertificates(folder);
  const schemas = ['core', 'cosine', 'inetorgperson']
    .map((name) => `/etc/ldap/schema/${name}.schema`)
    .filter(existsSync);
  const tlsLines = `TLSCACertificateFile ${folder}/ca.pem\nTLSCertificateFile ${folder}/server.pem\nTLSCertificateKeyFile ${folder}/server.key\n`;
  writeFileSync(
    join(folder, 'slapd.conf'),
    `${schemas.map((path) => `include ${path}\n`).join('')}modulepath /usr/lib/ldap\nmoduleload back_mdb\n${tls ? tlsLines : ''}` +
      `pidfile ${folder}/pid\ndatabase mdb\nmaxsize 10485760\nsuffix dc=example,dc=com\nrootdn cn=admin,dc=example,dc=com\n` +
      `directory ${folder}/data\naccess to attrs=userPassword by anonymous auth by * none\naccess to * by dn.exact="${READER.user}" read by anonymous search by * none\n`,
  );
  writeFileSync(join(folder, 'people.ldif'), PEOPLE);
  execFileSync(slapadd, ['-f', join(folder, 'slapd.conf'), '-l', join(folder, 'people.ldif')], { stdio: 'pipe' });
  const port = await freePort();
  const securePort = await freePort();
  const addresses = [
    `ldap://127.0.0.1:${port}`,
    ...(tls ? [`ldaps://127.0.0.1:${securePort}`, `ldaps://127.0.0.2:${securePort}`] : []),
  ];
  let child: ChildProcess | undefined;
  const server: SlapdServer = {
    port,
    securePort,
    ca: join(folder, 'ca.pem'),
    async start() {
      child = spawn(slapd, ['-f', join(folder, 'slapd.conf'), '-h', addresses.join(' '), '-d', '0'], {
        stdio: 'ignore',
      });
      for (let attempt = 0; ; attempt++) {
        const socket = connect(port, '127.0.0.1');
        const isOpen = await Promise.race([
          once(socket, 'connect').then(() => true),
          once(socket, 'error').then(() => false),
        ]).catch(() => false);
        socket.destroy();
        if (isOpen) return;
        if (child.exitCode !== null || attempt > 200) throw new Error(`slapd did not start (${child.exitCode})`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
    async remove() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return server;
}
